import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openSqlHarness, type SqlHarness } from '../sql/tests/harness.ts';
import { queryOf } from '../sql/tests/queries.ts';
import {
  type Params,
  posted,
  type RawFact,
  scenarioArbitrary,
  sloScenarioArbitrary,
} from './reference/index.ts';

/** Random histories to try; more with `EVENKEEL_HISTORIES=100 npx vitest run tests/convergence.test.ts`. */
const histories = Number(process.env['EVENKEEL_HISTORIES'] ?? 4);
/** Fixed, so that a change is judged by the same histories as the last one; any other tries new ones. */
const seed = Number(process.env['EVENKEEL_SEED'] ?? 20_260_101);

let sql: SqlHarness;
beforeAll(async () => {
  sql = await openSqlHarness();
});
afterAll(() => sql.close());

/** One way in which the same facts may arrive. */
interface Delivery {
  /** Sorts the facts; the order of arrival. */
  readonly order: readonly number[];
  /** Facts that arrive once more, at any place. */
  readonly again: readonly number[];
  /** Share of the facts of each batch, and what happens after it. */
  readonly batches: readonly { share: number; after: 'nothing' | 'refresh' | 'restart' }[];
  /** How much of the whole delivery is replayed from its start, at the end. */
  readonly replayed: number;
  /** Years that receipt lags behind. */
  readonly yearsLate: number;
  /** Recomputes begin with recent history, and that is short. */
  readonly recentFirst: boolean;
}

const delivery: fc.Arbitrary<Delivery> = fc.record({
  order: fc.array(fc.nat(), { minLength: 200, maxLength: 200, size: 'max' }),
  again: fc.array(fc.nat(), { maxLength: 30 }),
  batches: fc.array(
    fc.record({
      share: fc.integer({ min: 1, max: 5 }),
      after: fc.constantFrom('nothing', 'refresh', 'refresh', 'restart'),
    }),
    { minLength: 1, maxLength: 5 },
  ),
  replayed: fc.constantFrom(0, 0, 0.3, 1),
  yearsLate: fc.constantFrom(0, 5, 20),
  recentFirst: fc.boolean(),
});

async function deliver(facts: readonly RawFact[], how: Delivery): Promise<void> {
  const observed = (fact: RawFact, lateMs: number) => ({
    ...posted(fact),
    observed_at: new Date(Date.parse(fact.occurred_at) + lateMs).toISOString(),
  });
  const lateMs = how.yearsLate * 365 * 86_400_000;
  const ranked = [...facts, ...how.again.flatMap((pick) => facts[pick % facts.length] ?? [])]
    .map((fact, index) => ({ fact, rank: how.order[index % how.order.length] ?? 0 }))
    .sort((a, b) => a.rank - b.rank)
    .map(({ fact, rank }) => observed(fact, lateMs + (rank % 1000)));
  const shares = how.batches.reduce((sum, { share }) => sum + share, 0);
  let from = 0;
  let share = 0;
  for (const batch of how.batches) {
    share += batch.share;
    const to = Math.round((ranked.length * share) / shares);
    if (to > from) await sql.post(ranked.slice(from, to));
    from = to;
    if (batch.after !== 'nothing') await sql.refresh();
    if (batch.after === 'restart') await sql.restart();
  }
  const prefix = ranked.slice(0, Math.round(ranked.length * how.replayed));
  if (prefix.length > 0) await sql.post(prefix);
  await sql.refresh();
}

const metrics = [
  'deployments',
  'attempts',
  'rollbacks',
  'change_lead_time',
  'lead_time_stages',
  'change_fail_rate',
  'change_fail_rate_linked',
  'recovery_time',
  'rework_rate',
  'incidents_opened',
  'incidents_open',
  'time_to_restore',
];
/** These look at arrival, or at how far the recompute is. */
const aboutArrival = /^(lateness|watermark|not_yet|rejected|oldest)/;

/** What every view answers, as text: one byte that differs is a difference. */
async function answers(
  queries: readonly Params[],
  slos: { readonly questions: readonly { slo_id: string; at: string }[]; readonly budgets: object },
) {
  const asked: Record<string, string> = {};
  const ask = async (view: string, params: Readonly<Record<string, unknown>>) => {
    const { text, parameters } = queryOf(view, params);
    const rows = (await sql.select(text, parameters)).filter(
      ({ check }) => !aboutArrival.test(String(check)),
    );
    asked[`${view} ${JSON.stringify(params)}`] = rows.map((row) => JSON.stringify(row)).join('\n');
  };
  for (const params of queries) {
    const query = { ...params, interval: params.interval ?? 'day' };
    for (const view of [
      'dora_summary',
      'dora_timeseries',
      'lead_time_stages',
      'deployment_list',
      'incident_list',
    ]) {
      await ask(view, query);
    }
    for (const metric of metrics) await ask('explain', { ...query, metric });
    await ask('quality', query);
  }
  for (const { slo_id, at } of slos.questions) {
    for (const view of ['slo_budget', 'slo_burn']) await ask(view, { slo_ids: [slo_id], at });
  }
  await ask('slo_budget_history', { ...slos.budgets });
  return asked;
}

test('however the same facts arrive, every view answers the same bytes', async () => {
  await fc.assert(
    fc.asyncProperty(
      scenarioArbitrary({ conflicts: true }),
      sloScenarioArbitrary(),
      fc.array(delivery, { minLength: 2, maxLength: 2 }),
      async (deliveries, budgets, ways) => {
        const facts = [
          ...deliveries.facts,
          ...budgets.facts.map((fact) => ({ ...fact, event_id: `slo-${fact.event_id}` })),
        ];
        await sql.reset();
        await sql.post(facts.map(posted));
        await sql.refresh();
        const expected = await answers(deliveries.queries, budgets);
        for (const how of ways) {
          await sql.reset();
          if (how.recentFirst) await sql.limit({ whole_facts: 1, recent_days: 1, context_days: 1 });
          await deliver(facts, how);
          await sql.limit();
          expect(await answers(deliveries.queries, budgets)).toEqual(expected);
        }
      },
    ),
    { numRuns: histories, endOnFailure: process.env['CI'] === 'true', seed },
  );
}, 3_600_000);
