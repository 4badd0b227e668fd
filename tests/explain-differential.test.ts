import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openSqlHarness, type SqlHarness } from '../sql/tests/harness.ts';
import { queryOf, withoutNoise } from '../sql/tests/queries.ts';
import {
  everything,
  explain,
  explainErrorBudget,
  metrics,
  type Params,
  posted,
  type RawFact,
  scenarioArbitrary,
  sloScenarioArbitrary,
  thinData,
} from './reference/index.ts';

/** Random histories to try; more with `EVENKEEL_HISTORIES=200 npx vitest run tests/explain-differential.test.ts`. */
const histories = Number(process.env['EVENKEEL_HISTORIES'] ?? 2);
const seed = Number(process.env['EVENKEEL_SEED'] ?? 20_260_101);
const endOnFailure = process.env['CI'] === 'true';

let sql: SqlHarness;
beforeAll(async () => {
  sql = await openSqlHarness();
});
afterAll(() => sql.close());

async function told(facts: readonly RawFact[]): Promise<void> {
  await sql.reset();
  await sql.post(facts.map(posted));
  await sql.refresh();
}

/** What neither page nor golden case words (null) is the view's to word. */
function worded<Row extends { reason?: unknown }>(actual: readonly Row[], expected: readonly Row[]): Row[] {
  return actual.map((row, index) => (expected[index]?.reason === null ? { ...row, reason: null } : row));
}

async function agree(view: string, asked: object, expected: readonly object[]): Promise<void> {
  const { text, parameters } = queryOf(view, { ...asked });
  const rows = worded(await sql.select(text, parameters), expected);
  expect({ view, asked, rows: withoutNoise(rows, expected) }).toEqual({
    view,
    asked,
    rows: withoutNoise(expected, expected),
  });
}

test('both agree on every row behind every number, and on which selections are thin', async () => {
  await fc.assert(
    fc.asyncProperty(scenarioArbitrary({ conflicts: true }), fc.boolean(), async (history, wide) => {
      const { facts, queries } = history;
      await told(facts);
      for (const asked of queries.slice(0, 1)) {
        const query: Params = wide ? { ...asked, ...everything } : asked;
        await agree('thin_data', query, thinData(facts, query));
        for (const metric of metrics) {
          await agree('explain', { metric, ...query }, explain(facts, metric, query));
        }
      }
    }),
    { numRuns: histories, endOnFailure, seed },
  );
}, 3_600_000);

test('both agree on the time behind an error budget', async () => {
  await fc.assert(
    fc.asyncProperty(sloScenarioArbitrary(), async ({ facts, questions }) => {
      await told(facts);
      for (const question of questions) {
        const expected = explainErrorBudget(facts, question.slo_id, question.at);
        await agree('explain_error_budget', question, expected);
      }
    }),
    { numRuns: histories, endOnFailure, seed },
  );
}, 3_600_000);
