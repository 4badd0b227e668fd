import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openSqlHarness, type SqlHarness } from '../sql/tests/harness.ts';
import { queryOf, withoutNoise } from '../sql/tests/queries.ts';
import {
  attribution,
  type CostRow,
  costScenarioArbitrary,
  deploymentCosts,
  deploymentList,
  doraSummary,
  doraTimeseries,
  everything,
  incidentList,
  leadTimeStages,
  ofArrival,
  type Params,
  posted,
  quality,
  type RawFact,
  scenarioArbitrary,
  sloBudget,
  sloBudgetHistory,
  sloBurn,
  sloBurnHistory,
  sloScenarioArbitrary,
  withExample,
} from './reference/index.ts';

/** Random histories to try; more with `EVENKEEL_HISTORIES=1000 npx vitest run tests/differential.test.ts`. */
const histories = Number(process.env['EVENKEEL_HISTORIES'] ?? 12);
/** Fixed, so that a change is judged by the same histories as the last one; any other tries new ones. */
const seed = Number(process.env['EVENKEEL_SEED'] ?? 20_260_101);

let sql: SqlHarness;
beforeAll(async () => {
  sql = await openSqlHarness();
});
afterAll(() => sql.close());

const answers: Record<string, (facts: readonly RawFact[], params: Params) => unknown[]> = {
  dora_summary: (facts, params) => [doraSummary(facts, params)],
  dora_timeseries: doraTimeseries,
  lead_time_stages: leadTimeStages,
  deployment_list: deploymentList,
  incident_list: incidentList,
};

async function agree(facts: RawFact[], queries: Params[]): Promise<void> {
  for (const query of queries) {
    for (const [view, reference] of Object.entries(answers)) {
      const { text, parameters } = queryOf(view, { ...query, interval: query.interval ?? 'day' });
      const expected = reference(facts, { ...query, interval: query.interval ?? 'day' });
      const actual = await sql.select(text, parameters);
      const context = { view, query };
      expect({ ...context, rows: withoutNoise(actual, expected) }).toEqual({
        ...context,
        rows: withoutNoise(expected, expected),
      });
    }
  }
}

test('SQL and a second implementation, written from the page alone, agree on random histories', async () => {
  await fc.assert(
    fc.asyncProperty(scenarioArbitrary({ conflicts: true }), async ({ facts, queries }) => {
      await sql.reset();
      const half = Math.floor(facts.length / 2);
      await sql.post(facts.slice(0, half).map(posted));
      await sql.refresh();
      await sql.post(facts.slice(half).map(posted));
      await sql.refresh();
      await agree(facts, queries);
    }),
    {
      numRuns: histories,
      endOnFailure: process.env['CI'] === 'true',
      ...(seed === undefined ? {} : { seed }),
    },
  );
}, 3_600_000);

test('both agree on budgets and burn rates by every method and window, and on when each alert fired', async () => {
  const agreeOn = async (view: string, asked: object, expected: readonly object[]) => {
    const { text, parameters } = queryOf(view, { ...asked });
    const rows = withoutNoise(await sql.select(text, parameters), expected);
    expect({ view, asked, rows }).toEqual({ view, asked, rows: withoutNoise(expected, expected) });
  };
  await fc.assert(
    fc.asyncProperty(sloScenarioArbitrary(), async ({ facts, questions, burns }) => {
      await sql.reset();
      const half = Math.floor(facts.length / 2);
      await sql.post(facts.slice(0, half).map(posted));
      await sql.refresh();
      await sql.post(facts.slice(half).map(posted));
      await sql.refresh();
      for (const { slo_id, at } of questions) {
        const budget = sloBudget(facts, slo_id, at);
        await agreeOn('slo_budget', { slo_ids: [slo_id], at }, budget === null ? [] : [budget]);
        await agreeOn('slo_burn', { slo_ids: [slo_id], at }, sloBurn(facts, slo_id, at));
      }
      await agreeOn('slo_burn_history', burns, sloBurnHistory(facts, burns));
    }),
    { numRuns: histories, endOnFailure: process.env['CI'] === 'true', seed },
  );
}, 3_600_000);

test('both agree on the history of random error budgets', async () => {
  await fc.assert(
    fc.asyncProperty(sloScenarioArbitrary(), async ({ facts, budgets }) => {
      await sql.reset();
      await sql.post(facts.map(posted));
      await sql.refresh();
      const expected = sloBudgetHistory(facts, budgets);
      const { text, parameters } = queryOf('slo_budget_history', { ...budgets });
      const rows = withoutNoise(await sql.select(text, parameters), expected);
      expect({ asked: budgets, rows }).toEqual({ asked: budgets, rows: withoutNoise(expected, expected) });
    }),
    { numRuns: histories, endOnFailure: process.env['CI'] === 'true', seed },
  );
}, 3_600_000);

/** Rows in an order of their own: neither side promises one. */
function sorted<Row extends object>(rows: readonly Row[], columns: readonly (keyof Row)[]): Row[] {
  const text = (row: Row) => JSON.stringify(columns.map((column) => row[column] ?? ''));
  return [...rows].sort((a, b) => (text(a) < text(b) ? -1 : Number(text(a) > text(b))));
}

const costKey = ['slo_id', 'kind', 'service', 'environment', 'deployment_id'] as const;

type FoundQuality = ReturnType<typeof withExample>[number];

test('both agree on the quality of the facts', async () => {
  await fc.assert(
    fc.asyncProperty(
      scenarioArbitrary({ conflicts: true }),
      sloScenarioArbitrary(),
      async (history, budgets) => {
        const facts = [...history.facts, ...budgets.facts];
        await sql.reset();
        await sql.post(facts.map(posted));
        await sql.refresh();
        const ranges = [...history.queries, { ...everything, ...budgets.burns, services: [], team: '' }];
        for (const { services, team, since, until, now } of ranges) {
          const asked = { services, team, since, until };
          const { text, parameters } = queryOf('quality', { ...asked, now });
          const found = (await sql.select(text, parameters)) as unknown as FoundQuality[];
          const expected = withExample(quality(facts, asked), found);
          const actual = sorted(
            found.filter(({ check, of }) => !ofArrival.test(check) && of > 0),
            ['check', 'service'],
          );
          expect({ asked, rows: withoutNoise(actual, expected) }).toEqual({
            asked,
            rows: withoutNoise(expected, expected),
          });
        }
      },
    ),
    { numRuns: Math.ceil(histories / 2), endOnFailure: process.env['CI'] === 'true', seed },
  );
}, 3_600_000);

test('both agree on what deployments cost', async () => {
  const agreeOn = async (view: string, asked: object, expected: readonly CostRow[]) => {
    const { text, parameters } = queryOf(view, { ...asked });
    const actual = (await sql.select(text, parameters)) as unknown as CostRow[];
    const rows = withoutNoise(sorted(actual, costKey), sorted(expected, costKey));
    expect({ view, asked, rows }).toEqual({
      view,
      asked,
      rows: withoutNoise(sorted(expected, costKey), sorted(expected, costKey)),
    });
  };
  await fc.assert(
    fc.asyncProperty(costScenarioArbitrary(), async ({ facts, questions }) => {
      await sql.reset();
      const half = Math.floor(facts.length / 2);
      await sql.post(facts.slice(0, half).map(posted));
      await sql.refresh();
      await sql.post(facts.slice(half).map(posted));
      await sql.refresh();
      for (const question of questions) {
        await agreeOn('attribution', question, attribution(facts, question));
      }
      for (const { service, environment, deployment_id } of deploymentList(facts, everything).slice(0, 3)) {
        const asked = { service, environment, deployment_id };
        await agreeOn('deployment_costs', asked, deploymentCosts(facts, asked));
      }
    }),
    { numRuns: Math.ceil(histories / 2), endOnFailure: process.env['CI'] === 'true', seed },
  );
}, 3_600_000);
