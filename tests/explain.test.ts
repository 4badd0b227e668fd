import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openSqlHarness, type SqlHarness } from '../sql/tests/harness.ts';
import { queryOf, withoutNoise } from '../sql/tests/queries.ts';
import { localDate } from './reference/calendar.ts';
import { type Params, posted, readHistory, scenarioArbitrary } from './reference/index.ts';
import { quantileSeconds, rate } from './reference/quantile.ts';
import { deploymentInScope, serviceAsked } from './reference/scope.ts';

/**
 * Whoever counts the rows that explain a number again must come to that number. The counting here is the reader's:
 * it knows the columns of `explain` from their description and nothing of the SQL.
 */

/** Random histories to try; more with `EVENKEEL_HISTORIES=1000 npx vitest run tests/explain.test.ts`. */
const histories = Number(process.env['EVENKEEL_HISTORIES'] ?? 3);
const seed = Number(process.env['EVENKEEL_SEED'] ?? 20_260_101);

let sql: SqlHarness;
beforeAll(async () => {
  sql = await openSqlHarness();
});
afterAll(() => sql.close());

interface ExplainedRow {
  at: string;
  service: string;
  id: string;
  stage: string;
  subject: string;
  counted: boolean;
  numerator: boolean;
  value_seconds: number | null;
  rule: string;
}

type Ask = (metric: string) => Promise<ExplainedRow[]>;

const counted = (rows: readonly ExplainedRow[]) => rows.filter((row) => row.counted);
const numerator = (rows: readonly ExplainedRow[]) => rows.filter((row) => row.numerator);
const values = (rows: readonly ExplainedRow[]) => rows.flatMap((row) => row.value_seconds ?? []);
const quantile = (rows: readonly ExplainedRow[], level: number) =>
  quantileSeconds(
    values(counted(rows)).map((seconds) => seconds * 1000),
    level,
  );
const oldest = (rows: readonly ExplainedRow[]) => (rows.length === 0 ? null : Math.max(...values(rows)));
const instantOf = (text: string) => Date.parse(`${text.replace(' ', 'T').replace('Z', '')}Z`);

/** The columns of the summary that rows explain, counted again from those rows. */
async function countAgain(explain: Ask, { tz }: Params) {
  const deployments = counted(await explain('deployments'));
  const lead = await explain('change_lead_time');
  const failed = await explain('change_fail_rate');
  const linked = await explain('change_fail_rate_linked');
  const rework = await explain('rework_rate');
  const recovery = await explain('recovery_time');
  const waiting = recovery.filter((row) => row.rule === 'not_restored');
  const open = counted(await explain('incidents_open'));
  const restore = await explain('time_to_restore');
  return {
    deployments: deployments.length,
    deployment_days: new Set(deployments.map((row) => localDate(instantOf(row.at), tz))).size,
    attempts: counted(await explain('attempts')).length,
    rollbacks: counted(await explain('rollbacks')).length,
    changes: counted(await explain('changes')).length,
    lead_time_changes: counted(lead).length,
    lead_time_p50_seconds: quantile(lead, 0.5),
    lead_time_p75_seconds: quantile(lead, 0.75),
    lead_time_p90_seconds: quantile(lead, 0.9),
    lead_time_p95_seconds: quantile(lead, 0.95),
    failed_deployments: numerator(failed).length,
    change_fail_rate: rate(numerator(failed).length, counted(failed).length),
    change_fail_rate_linked: rate(numerator(linked).length, counted(linked).length),
    recovered_deployments: counted(recovery).length,
    unrecovered_deployments: waiting.length,
    oldest_unrecovered_seconds: oldest(waiting),
    recovery_time_p50_seconds: quantile(recovery, 0.5),
    recovery_time_p90_seconds: quantile(recovery, 0.9),
    rework_deployments: numerator(rework).length,
    rework_rate: rate(numerator(rework).length, counted(rework).length),
    incidents_opened: counted(await explain('incidents_opened')).length,
    incidents_restored: counted(await explain('incidents_restored')).length,
    incidents_open: open.length,
    oldest_open_seconds: oldest(open),
    time_to_restore_p50_seconds: quantile(restore, 0.5),
    time_to_restore_p90_seconds: quantile(restore, 0.9),
  };
}

/** The stages, counted again. */
async function stagesAgain(explain: Ask) {
  const rows = await explain('lead_time_stages');
  return ['coding', 'pickup', 'review', 'queue', 'deploy'].map((stage) => {
    const own = rows.filter((row) => row.stage === stage);
    return {
      stage,
      changes: counted(own).length,
      p50_seconds: quantile(own, 0.5),
      p90_seconds: quantile(own, 0.9),
    };
  });
}

/** By these a deployment failed, the first match wins. */
const rules = ['review', 'aborted', 'incident', 'rollback', 'hotfix', 'attribution'];
const byText = (a: string, b: string) => (a < b ? -1 : Number(a > b));

/** "service id: rule that decided, every match" of the deployments of one environment that the rows say failed. */
function failuresExplained(rows: readonly ExplainedRow[]): string[] {
  return numerator(rows)
    .map(({ service, id, rule }) => {
      const matches = rows.filter(
        (row) => row.subject === 'failure_reason' && row.service === service && row.id === id,
      );
      return `${service} ${id}: ${rule}, ${matches.map((row) => row.rule).sort(byText)}`;
    })
    .sort(byText);
}

/** The same of the second implementation. */
function failuresJudged(history: ReturnType<typeof readHistory>, query: Params): string[] {
  const [since, until] = [Date.parse(query.since), Date.parse(query.until)];
  return history.deployments
    .filter((one) => one.counted && one.failed && deploymentInScope(history, one.deployment, query.scope))
    .filter(({ deployment: { service, finishedAt } }) => {
      const at = finishedAt ?? Number.NaN;
      return at >= since && at < until && serviceAsked(history, service, at, query);
    })
    .map(({ deployment: { service, id }, reasons }) => {
      const matched = reasons.map(({ rule }) => rule);
      const decided = rules.find((rule) => matched.some((match) => match === rule));
      return `${service} ${id}: ${decided}, ${matched.sort(byText)}`;
    })
    .sort(byText);
}

test('rows that explain a number, counted again, are that number', async () => {
  await fc.assert(
    fc.asyncProperty(scenarioArbitrary({ conflicts: true }), async ({ facts, queries }) => {
      await sql.reset();
      await sql.post(facts.map(posted));
      await sql.refresh();
      const history = readHistory(facts);
      for (const query of queries) {
        const { services, team, scope, since, until, now } = query;
        const select = (view: string, params: object) => {
          const { text, parameters } = queryOf(view, { ...params });
          return sql.select(text, parameters);
        };
        const explain: Ask = async (metric) =>
          (await select('explain', {
            metric,
            services,
            team,
            scope,
            since,
            until,
            now,
          })) as unknown as ExplainedRow[];
        const again = await countAgain(explain, query);
        const [summary] = await select('dora_summary', query);
        const told = { summary: again, stages: await stagesAgain(explain) };
        const asked = { summary, stages: await select('lead_time_stages', query) };
        expect({ query, ...(withoutNoise(told, told) as object) }).toEqual({
          query,
          ...(withoutNoise(asked, told) as object),
        });
        // By tier, a rollout is one row that speaks for its members.
        if (query.scope.startsWith('tier:')) continue;
        const failures = failuresExplained(await explain('change_fail_rate'));
        expect({ query, failures }).toEqual({ query, failures: failuresJudged(history, query) });
      }
    }),
    { numRuns: histories, endOnFailure: process.env['CI'] === 'true', seed },
  );
}, 3_600_000);
