import { type ChangeMetric, explainChanges } from './explain-changes.ts';
import { type DeliveryMetric, explainDeliveries } from './explain-deliveries.ts';
import { explainIncidents, type IncidentMetric } from './explain-incidents.ts';
import type { ExplainedRow } from './explain-rows.ts';
import { compareIds } from './fact.ts';
import type { History } from './history.ts';
import type { Params } from './scope.ts';

/** A number that has rows behind it. */
export type Metric = DeliveryMetric | ChangeMetric | IncidentMetric;

/** All of them. */
export const metrics: readonly Metric[] = [
  'deployments',
  'attempts',
  'rollbacks',
  'change_fail_rate',
  'change_fail_rate_linked',
  'rework_rate',
  'recovery_time',
  'changes',
  'change_lead_time',
  'lead_time_stages',
  'incidents_opened',
  'incidents_restored',
  'incidents_open',
  'time_to_restore',
];

/** Column by column; a value before none. */
function compareRows(a: ExplainedRow, b: ExplainedRow): number {
  const value = (row: ExplainedRow) => row.value_seconds ?? Number.MAX_VALUE;
  return (
    compareIds(a.at, b.at) ||
    compareIds(a.service, b.service) ||
    compareIds(a.environment, b.environment) ||
    compareIds(a.id, b.id) ||
    compareIds(a.subject, b.subject) ||
    compareIds(a.stage, b.stage) ||
    Number(a.counted) - Number(b.counted) ||
    Number(a.numerator) - Number(b.numerator) ||
    value(a) - value(b) ||
    compareIds(a.rule, b.rule) ||
    compareIds(a.reason ?? '', b.reason ?? '') ||
    compareIds(a.evidence, b.evidence)
  );
}

function rowsOf(history: History, metric: Metric, params: Params): ExplainedRow[] {
  switch (metric) {
    case 'changes':
    case 'change_lead_time':
    case 'lead_time_stages':
      return explainChanges(history, metric, params);
    case 'incidents_opened':
    case 'incidents_restored':
    case 'incidents_open':
    case 'time_to_restore':
      return explainIncidents(history, metric, params);
    default:
      return explainDeliveries(history, metric, params);
  }
}

/** The rows of /v1/explain/{metric}. */
export function explain(history: History, metric: Metric, params: Params): ExplainedRow[] {
  return rowsOf(history, metric, params).sort(compareRows);
}
