import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import type { Metric, Params, RawFact } from './index.ts';
import {
  attribution,
  deploymentCosts,
  deploymentList,
  doraSummary,
  doraTimeseries,
  everything,
  explain,
  explainErrorBudget,
  incidentList,
  leadTimeStages,
  ofArrival,
  quality,
  received,
  sloBudget,
  sloBudgetHistory,
  sloBurn,
  sloBurnHistory,
  thinData,
  withExample,
} from './index.ts';

/** Golden cases are one folder each; expected rows hold only the columns that the case is about. */
const root = fileURLToPath(new URL('../../sql/tests/', import.meta.url));

interface Query {
  view: string;
  params: Partial<Params> & { slo_ids?: string[]; slo_id?: string; at?: string; metric?: Metric } & Partial<
      Record<'service' | 'environment' | 'deployment_id', string>
    >;
}

const anything: Params = { ...everything, tz: 'UTC', now: '2100-01-01T00:00:00.000Z' };

type Told = Parameters<typeof withExample>[1][number];

function answer(facts: readonly RawFact[], { view, params: asked }: Query, expected: unknown[]): unknown[] {
  if (view === 'slo_budget' || view === 'slo_burn') {
    const { slo_ids = [], at = '' } = asked;
    if (view === 'slo_burn') return slo_ids.flatMap((id) => sloBurn(facts, id, at));
    return slo_ids.map((id) => sloBudget(facts, id, at)).filter((row) => row !== null);
  }
  if (view === 'explain_error_budget') return explainErrorBudget(facts, asked.slo_id ?? '', asked.at ?? '');
  const params = { ...anything, slo_ids: [], ...asked };
  if (view === 'explain' && asked.metric) return explain(facts, asked.metric, params);
  if (view === 'thin_data') return thinData(facts, params);
  if (view === 'attribution') return attribution(facts, params);
  if (view === 'deployment_costs') {
    const { service = '', environment = '', deployment_id = '' } = asked;
    return deploymentCosts(facts, { service, environment, deployment_id });
  }
  if (view === 'slo_budget_history') return sloBudgetHistory(facts, params);
  if (view === 'slo_burn_history') return sloBurnHistory(facts, params);
  if (view === 'dora_summary') return [doraSummary(facts, params)];
  if (view === 'dora_timeseries') return doraTimeseries(facts, params);
  if (view === 'lead_time_stages') return leadTimeStages(facts, params);
  if (view === 'deployment_list') return deploymentList(facts, params);
  if (view === 'incident_list') return incidentList(facts, params);
  if (view === 'quality') return withExample(quality(facts, params), expected as Told[]);
  throw new Error(`no reference for the view ${view}`);
}

/** The expected rows that facts decide. */
function decidedByFacts({ view }: Query, expected: unknown[]): unknown[] {
  if (view !== 'quality') return expected;
  return (expected as { check: string }[]).filter(({ check }) => !ofArrival.test(check));
}

/** Only the expected columns, numbers to 9 decimals: what differs later is noise of summation. */
function project(actual: unknown, expected: unknown): unknown {
  if (Array.isArray(expected) && Array.isArray(actual)) {
    return actual.map((item, index) => (index in expected ? project(item, expected[index]) : item));
  }
  if (expected !== null && typeof expected === 'object' && actual !== null && typeof actual === 'object') {
    const values = new Map(Object.entries(actual));
    return Object.fromEntries(
      Object.entries(expected).map(([key, value]) => [key, project(values.get(key), value)]),
    );
  }
  // Adding 0 makes −0 a 0.
  return typeof actual === 'number' ? Math.round(actual * 1e9) / 1e9 + 0 : actual;
}

function rounded(expected: unknown): unknown {
  return project(expected, expected);
}

const cases = readdirSync(root, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map((entry) => entry.name)
  .sort();

it('finds the golden cases', () => {
  expect(cases.length).toBeGreaterThan(0);
});

describe.each(cases)('%s', (name) => {
  const read = (file: string) => readFileSync(`${root}${name}/${file}`, 'utf8');
  const facts = read('facts.ndjson')
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => received(JSON.parse(line) as Record<string, unknown>));
  const queries = readdirSync(`${root}${name}`).filter((file) => file.endsWith('query.json'));

  it.each(queries)('%s', (file) => {
    const query = JSON.parse(read(file)) as Query;
    const expected = decidedByFacts(
      query,
      JSON.parse(read(file.replace('query.json', 'expected.json'))) as unknown[],
    );
    expect(project(answer(facts, query, expected), expected)).toEqual(rounded(expected));
  });
});
