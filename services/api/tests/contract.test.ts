import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { attributionRow } from '../rows/attribution.ts';
import {
  carriedChangeRow,
  deploymentBudgetRow,
  deploymentDetail,
  deploymentIncidentRow,
  deploymentRow,
  uncostedDeploymentRow,
} from '../rows/deployment.ts';
import { doraSummaryRow, doraTimeseriesRow, leadTimeStageRow } from '../rows/dora.ts';
import { explainBudgetRow, explainRow } from '../rows/explain.ts';
import { incidentRow } from '../rows/incident.ts';
import { qualityNote, qualityRow } from '../rows/quality.ts';
import { correctionRow, serviceRow } from '../rows/settings.ts';
import { sloAlertRow, sloBudgetRow, sloBurnRow, sloDayRow, sloRow } from '../rows/slo.ts';
import { recomputeStatusRow, recomputeVersionRow, storeVersionRow } from '../store/recompute-status.ts';
import { type ApiHarness, openApiHarness } from './api-harness.ts';

const instant = "DateTime64(3, 'UTC')";
const selection = `services = [], team = '', scope = 'tier:production', since = toDateTime64('2026-03-01', 3, 'UTC'), until = toDateTime64('2026-03-08', 3, 'UTC')`;
const now = "now = toDateTime64('2026-03-31', 3, 'UTC')";
const at = "at = toDateTime64('2026-03-31', 3, 'UTC')";
const one = "service = '', environment = '', deployment_id = ''";

/** Every view that the API reads, how it is called, the row of the API, and the columns that stay behind. */
const contracts: readonly [view: string, call: string, row: z.ZodObject, unshown: readonly string[]][] = [
  ['dora_summary', `(${selection}, tz = 'UTC', ${now})`, doraSummaryRow, []],
  ['dora_timeseries', `(${selection}, tz = 'UTC', ${now}, interval = 'week')`, doraTimeseriesRow, []],
  ['lead_time_stages', `(${selection})`, leadTimeStageRow, []],
  ['explain', `(metric = 'deployments', ${selection}, ${now})`, explainRow, []],
  ['explain_deliveries', `(metric = 'deployments', ${selection}, ${now})`, explainRow, []],
  ['explain_changes', `(metric = 'changes', ${selection})`, explainRow, []],
  ['explain_incidents', `(metric = 'incidents_open', ${selection}, ${now})`, explainRow, []],
  ['deployment_list', `(${selection})`, deploymentRow, ['at']],
  ['deployment_rows', `(${selection})`, uncostedDeploymentRow, ['at']],
  ['deployment_budgets', '(services = [], environments = [], deployment_ids = [])', deploymentBudgetRow, []],
  [
    'deployments',
    '',
    uncostedDeploymentRow,
    ['team', 'tier', 'at', 'recovery_seconds', 'rollout_id', 'strategy', 'repository', 'url', 'trace_id'],
  ],
  ['deployment_changes', `(${one})`, carriedChangeRow, []],
  ['deployment_incidents', `(${one})`, deploymentIncidentRow, []],
  ['attribution', `(${selection}, slo_ids = [])`, attributionRow, []],
  ['incident_list', `(${selection})`, incidentRow, []],
  [
    'quality',
    `(services = [], team = '', since = toDateTime64('2026-03-01', 3, 'UTC'), until = toDateTime64('2026-03-08', 3, 'UTC'), ${now})`,
    qualityRow,
    [],
  ],
  ['services', '', serviceRow, []],
  ['corrections', '', correctionRow, []],
  ['explain_error_budget', `(slo_id = 'a', ${at})`, explainBudgetRow, []],
  ['thin_data', `(${selection})`, qualityNote, []],
  ['slo_list', `(${now})`, sloRow, []],
  ['slo_budget', `(slo_ids = [], ${at})`, sloBudgetRow, []],
  ['slo_burn', `(slo_ids = [], ${at})`, sloBurnRow, []],
  [
    'slo_burn_history',
    '(slo_ids = [], since = now64(3) - 60, until = now64(3), now = now64(3))',
    sloAlertRow,
    [],
  ],
  [
    'slo_budget_history',
    "(slo_ids = [], since = now64(3) - 60, until = now64(3), tz = 'UTC', now = now64(3))",
    sloDayRow,
    [],
  ],
  ['recompute_status', '', recomputeStatusRow, []],
  ['recompute_version', '', recomputeVersionRow, []],
  ['store_version', '', storeVersionRow, []],
];

/** Columns that ClickHouse types as Nullable because of what they are made from; they are never null. */
const neverNull = new Set(
  'affected of example pending_services provisional_services pending_entities oldest_pending_seconds failing window stored'.split(
    ' ',
  ),
);

let harness: ApiHarness;
beforeAll(async () => {
  harness = await openApiHarness();
});
afterAll(() => harness.close());

describe('the columns of the API are those of the view', () => {
  test.each(contracts)('%s', async (view, call, row, unshown) => {
    const columns = await harness.select<{ name: string; type: string }>(
      `describe table (select * from ${view}${call})`,
    );
    expect([...Object.keys(row.shape), ...unshown]).toEqual(columns.map(({ name }) => name));
    const shown = columns.slice(0, Object.keys(row.shape).length);
    expect(Object.entries(row.shape).map(([name, field]) => `${name}: ${typeOfField(field)}`)).toEqual(
      shown.map(({ name, type }) => `${name}: ${typeOfColumn(neverNull.has(name) ? bare(type) : type)}`),
    );
  });
});

test('the single deployment begins with the columns of the list', () => {
  expect(Object.keys(deploymentDetail.shape)).toEqual([
    ...Object.keys(deploymentRow.shape),
    'carried_changes',
    'incidents',
    'slo_costs',
  ]);
});

function bare(type: string): string {
  return /^Nullable\((.*)\)$/.exec(type)?.[1] ?? type;
}

/** What a JSON reader meets in a column of this ClickHouse type. */
function typeOfColumn(type: string): string {
  const [, outer = '', inner = ''] =
    /^(Nullable|LowCardinality|Array|SimpleAggregateFunction)\((?:max, )?(.*)\)$/s.exec(type) ?? [];
  if (outer === 'Nullable') return `${typeOfColumn(inner)} or null`;
  if (outer === 'LowCardinality' || outer === 'SimpleAggregateFunction') return typeOfColumn(inner);
  if (outer === 'Array') return 'array';
  if (type.startsWith('Map(')) return 'object';
  if (type === instant) return 'instant';
  if (type === 'Bool') return 'boolean';
  if (/^U?Int\d+$/.test(type)) return 'integer';
  return type.startsWith('Float') ? 'number' : type.toLowerCase();
}

/** What the API promises of a field. */
function typeOfField(field: unknown): string {
  const schema = z.instanceof(z.ZodType).parse(field);
  const { anyOf, type, pattern } = z.toJSONSchema(schema, { io: 'input' });
  if (anyOf !== undefined && schema instanceof z.ZodNullable)
    return `${typeOfField(schema.unwrap())} or null`;
  return pattern?.startsWith('^\\d{4}-') ? 'instant' : String(type);
}
