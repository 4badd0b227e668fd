import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openSqlHarness, type SqlHarness } from '../sql/tests/harness.ts';
import { queryOf } from '../sql/tests/queries.ts';
import { distinctFacts } from './reference/fact.ts';
import { posted, type RawFact, sloBudget, sloScenarioArbitrary } from './reference/index.ts';
import { sloDefinitions, sloInForce } from './reference/slo-definition.ts';
import { periodAt } from './reference/slo-period.ts';

/** Random histories to try; more with `EVENKEEL_HISTORIES=200 npx vitest run tests/explain-budget.test.ts`. */
const histories = Number(process.env['EVENKEEL_HISTORIES'] ?? 5);
const seed = Number(process.env['EVENKEEL_SEED'] ?? 20_260_101);
const MINUTE_MS = 60_000;

let sql: SqlHarness;
beforeAll(async () => {
  sql = await openSqlHarness();
});
afterAll(() => sql.close());

interface Row extends Record<string, unknown> {
  counted: boolean;
  good: number;
  total: number;
  bad: number;
  no_data: number;
}

/** The rows of `explain_error_budget`, counted again as docs/definitions.md says. */
function countAgain(rows: readonly Row[], facts: readonly RawFact[], sloId: string, asked: string) {
  const at = Math.floor(Date.parse(asked) / MINUTE_MS) * MINUTE_MS;
  const slo = sloInForce(sloDefinitions(distinctFacts(facts), sloId), at);
  if (slo === null) return null;
  const { start, end } = periodAt(slo, at);
  const sum = (column: 'good' | 'total' | 'bad' | 'no_data', of = rows) =>
    of.reduce((all, row) => all + row[column], 0);
  const counted = rows.filter((row) => row.counted);
  const [good, total, bad] = [sum('good', counted), sum('total', counted), sum('bad', counted)];
  const slice = slo.sliceMs ?? MINUTE_MS;
  const pace = slo.rollingMs === null ? (at - start) / (end - start) : 1;
  const byEvents = total === 0 ? null : (bad / total / slo.budget) * pace;
  const bySlices = total === 0 && bad === 0 ? null : bad / (((end - start) / slice) * slo.budget);
  return {
    good,
    total,
    sli: total === 0 ? null : good / total,
    consumed: slo.sliceMs === null ? byEvents : bySlices,
    // Of a range that begins within a slice, or has none, the number of slices is not the quotient.
    no_data: sum('no_data'),
  };
}

test('the rows of an error budget, counted again, are the budget of the second implementation', async () => {
  await fc.assert(
    fc.asyncProperty(sloScenarioArbitrary(), async ({ facts, questions }) => {
      await sql.reset();
      await sql.post(facts.map(posted));
      await sql.refresh();
      for (const question of questions) {
        const { text, parameters } = queryOf('explain_error_budget', question);
        const rows = (await sql.select(text, parameters)) as Row[];
        const again = countAgain(rows, facts, question.slo_id, question.at);
        const budget = sloBudget(facts, question.slo_id, question.at);
        expect(again === null, JSON.stringify(question)).toBe(budget === null);
        if (again === null || budget === null) {
          expect(rows).toEqual([]);
          continue;
        }
        for (const column of ['good', 'total', 'sli', 'consumed'] as const) {
          const [actual, expected] = [again[column], budget[column]];
          const context = `${column} of ${JSON.stringify(question)}`;
          if (actual === null || expected === null) expect(actual, context).toBe(expected);
          else expect(actual, context).toBeCloseTo(expected, 6);
        }
        expect(again.no_data > 0, JSON.stringify(question)).toBe((budget.no_data_share ?? 0) > 0);
      }
    }),
    { numRuns: histories, seed },
  );
}, 3_600_000);
