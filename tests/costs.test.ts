import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openSqlHarness, type SqlHarness } from '../sql/tests/harness.ts';
import { queryOf } from '../sql/tests/queries.ts';
import { costScenarioArbitrary, posted } from './reference/index.ts';

/** Random histories to try; more with `EVENKEEL_HISTORIES=100 npx vitest run tests/costs.test.ts`. */
const histories = Number(process.env['EVENKEEL_HISTORIES'] ?? 6);
/** Fixed, so that a change is judged by the same histories as the last one; any other tries new ones. */
const seed = Number(process.env['EVENKEEL_SEED'] ?? 20_260_101);
const runs = { numRuns: histories, endOnFailure: process.env['CI'] === 'true', seed };

let sql: SqlHarness;
beforeAll(async () => {
  sql = await openSqlHarness();
});
afterAll(() => sql.close());

/** A row of `attribution`, as far as the invariant goes. */
interface Row {
  slo_id: string;
  kind: string;
  bad: number;
  excess: number;
}

async function attribution(since: string, until: string): Promise<Row[]> {
  const { text, parameters } = queryOf('attribution', { since, until });
  return (await sql.select(text, parameters)) as unknown as Row[];
}

/** Bad events of each SLO by occurrences, straight from its windows; corrected time is not there. */
async function badEvents(since: string, until: string): Promise<Map<string, number>> {
  const rows = (await sql.select(
    `select slo_id, sum(bad) as bad from sli_windows as sli
     where window_start >= {since:DateTime64(3, 'UTC')} and window_start < {until:DateTime64(3, 'UTC')}
       and slo_id in (select slo_id from slo_facts where method = 'occurrences')
       and not arrayExists(range -> range.1 = sli.slo_id and window_start >= range.2 and window_start < range.3,
         (select groupArray((slo_id, starts_at, ends_at)) from corrections))
     group by slo_id`,
    { since: since.replace('Z', ''), until: until.replace('Z', '') },
  )) as { slo_id: string; bad: number }[];
  return new Map(rows.map(({ slo_id, bad }) => [slo_id, bad]));
}

const sum = (values: readonly number[]) => values.reduce((all, value) => all + value, 0);
const bySlo = (rows: readonly Row[]) => Map.groupBy(rows, ({ slo_id }) => slo_id);

test('attributed + ambiguous + background = all bad events, of every SLO and range', async () => {
  await fc.assert(
    fc.asyncProperty(costScenarioArbitrary(), async ({ facts, questions }) => {
      await sql.reset();
      await sql.post(facts.map(posted));
      await sql.refresh();
      for (const { since, until } of questions) {
        const middle = new Date((Date.parse(since) + Date.parse(until)) / 2).toISOString();
        const known = await badEvents(since, until);
        const halves = bySlo([...(await attribution(since, middle)), ...(await attribution(middle, until))]);
        for (const [slo, rows] of bySlo(await attribution(since, until))) {
          const context = { slo, since, until };
          const kinds = rows.map(({ kind }) => kind).filter((kind) => kind !== 'attributed');
          expect({ ...context, kinds: kinds.sort() }).toEqual({
            ...context,
            kinds: ['ambiguous', 'background'],
          });
          const bad = sum(rows.map((row) => row.bad));
          expect(sum(rows.map((row) => row.excess))).toBeCloseTo(bad, 6);
          expect(rows.every((row) => row.bad >= 0)).toBe(true);
          // Also over halves, unless the SLO began or ended in one of them: then it has no rows there.
          const whole = halves.get(slo)?.filter(({ kind }) => kind === 'background').length === 2;
          if (whole) expect(sum(halves.get(slo)?.map((row) => row.bad) ?? [])).toBeCloseTo(bad, 6);
          if (known.has(slo)) expect(bad).toBeCloseTo(known.get(slo) ?? 0, 6);
        }
      }
    }),
    runs,
  );
}, 3_600_000);

test('kept costs are those that are computed afresh, whatever arrived when', async () => {
  const columns =
    'slo_id, service, environment, deployment_id, bad, expected_bad, excess, share, budget_minutes';
  await fc.assert(
    fc.asyncProperty(
      costScenarioArbitrary(),
      fc.array(fc.nat(), { minLength: 300, maxLength: 300, size: 'max' }),
      fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 4 }),
      async ({ facts }, ranks, shares) => {
        await sql.reset();
        const shuffled = facts
          .map((fact, index) => ({ fact, rank: ranks[index % ranks.length] ?? 0 }))
          .sort((a, b) => a.rank - b.rank);
        let from = 0;
        for (const [index, share] of shares.entries()) {
          const last = index === shares.length - 1;
          const to = last ? shuffled.length : from + Math.floor((shuffled.length * share) / sum(shares));
          await sql.post(shuffled.slice(from, to).map(({ fact }) => posted(fact)));
          await sql.refresh();
          from = to;
        }
        const afresh = await sql.select(
          `select ${columns} from cost_rows(slos = (select toJSONString(groupUniqArray(slo_id)) from slo_facts), since = '2000-01-01 00:00:00', until = '2100-01-01 00:00:00')
           where kind = 'attributed' order by all`,
        );
        const kept = await sql.select(
          `select ${columns} from deployment_costs_recomputed final where watched order by all`,
        );
        expect(kept).toEqual(afresh);
      },
    ),
    runs,
  );
}, 3_600_000);
