import { isFinished } from './deployments.ts';
import { failureDecision, failureRows } from './explain-failures.ts';
import { recoveryDecision, waitedSeconds } from './explain-recovery.ts';
import { counts, type Decision, type ExplainedRow, leavesOut } from './explain-rows.ts';
import { compareIds, instant, iso } from './fact.ts';
import type { History, Judged } from './history.ts';
import { type JudgedFinished, type Unit, unitsOf } from './rollouts.ts';
import { deploymentInScope, type Params, serviceAsked } from './scope.ts';

/** Numbers of deployments and rollbacks. */
export type DeliveryMetric =
  | 'deployments'
  | 'attempts'
  | 'rollbacks'
  | 'change_fail_rate'
  | 'change_fail_rate_linked'
  | 'rework_rate'
  | 'recovery_time';

/** What makes each rework, the first that applies. */
const reworks: readonly [string, string | null, (one: JudgedFinished) => boolean][] = [
  ['hotfix', 'it is a hotfix', ({ deployment }) => deployment.action === 'hotfix'],
  ['fixes_deployment', null, ({ deployment }) => deployment.fixesDeployment !== null],
  ['fixes_incident', null, ({ deployment }) => deployment.fixesIncident !== null],
];

function reworkDecision(unit: Unit): Decision {
  const rework = unit.members.filter((one) => one.rework);
  for (const [rule, reason, applies] of reworks) {
    const fixed = rework
      .filter(applies)
      .map(({ deployment }) => deployment.fixesDeployment ?? deployment.fixesIncident ?? '');
    const [evidence] = fixed.sort(compareIds);
    if (evidence !== undefined) return counts(rule, { numerator: true, evidence, reason });
  }
  return counts('planned', { reason: 'planned work' });
}

const outcomes: Readonly<Record<string, string>> = {
  succeeded: 'it succeeded',
  failed: 'it failed',
  cancelled: 'it was cancelled',
};

/** Of several that count as one. */
function rolloutDecision(rolloutId: string | null): Decision {
  return counts('rollout', { evidence: rolloutId ?? '' });
}

function outcomeDecision(unit: Unit, metric: 'deployments' | 'attempts'): Decision {
  const { outcome, rolloutId } = unit.last;
  if (unit.members.length > 1) return rolloutDecision(rolloutId);
  if (metric === 'attempts' || outcome === 'succeeded') {
    return counts(outcome, { reason: outcomes[outcome] ?? null });
  }
  return counts('aborted', { reason: 'it failed or was cancelled after it had reached users' });
}

/** What was decided about attempts that count as one. */
function decisionOf(unit: Unit, metric: DeliveryMetric, now: number): Decision {
  if (metric === 'attempts') return outcomeDecision(unit, metric);
  if (!unit.counted) {
    return leavesOut('did_not_reach_users', {
      reason: 'it failed or was cancelled before it reached users',
    });
  }
  if (metric === 'deployments') return outcomeDecision(unit, metric);
  if (metric === 'rework_rate') return reworkDecision(unit);
  if (metric === 'recovery_time') return recoveryDecision(unit, now);
  return failureDecision(unit.members, metric === 'change_fail_rate_linked');
}

function rowOf(one: Judged, at: number, decided: Decision): ExplainedRow {
  const { service, environment, id } = one.deployment;
  return { at: iso(at) ?? '', service, environment, id, subject: 'deployment', stage: '', ...decided };
}

/** The member that finished last speaks for a rollout; another one for itself at most. */
function memberDecision({ deployment }: JudgedFinished, value_seconds: number | null = null): Decision {
  const reason = 'it belongs to a rollout, which counts once, at its last finish';
  return leavesOut('rollout_member', { evidence: deployment.rolloutId ?? '', reason, value_seconds });
}

function attemptRows(unit: Unit, metric: DeliveryMetric, now: number): ExplainedRow[] {
  const at = unit.finishedAt;
  const isLast = (one: JudgedFinished) => one.deployment.key === unit.last.key;
  const decide = (one: JudgedFinished, own: number | null = null) =>
    isLast(one) ? decisionOf(unit, metric, now) : memberDecision(one, own);
  switch (metric) {
    case 'rollbacks':
      return unit.members.map((one) =>
        rowOf(one, at, leavesOut('no_rollback', { reason: 'it is no rollback' })),
      );
    case 'recovery_time':
      // Recovery is about what failed; a member has its own, too.
      return unit.members
        .filter((one) => (isLast(one) ? unit : one).failed)
        .map((one) => rowOf(one, at, decide(one, waitedSeconds(one, now))));
    case 'change_fail_rate':
    case 'change_fail_rate_linked':
      return unit.members.flatMap((one) => {
        const row = rowOf(one, at, decide(one));
        return [row, ...failureRows(row, one, metric === 'change_fail_rate_linked')];
      });
    default:
      return unit.members.map((one) => rowOf(one, at, decide(one)));
  }
}

function rollbackRows(unit: Unit, metric: DeliveryMetric): ExplainedRow[] {
  if (metric === 'recovery_time') return [];
  return unit.members.map((one) => {
    const { rollsBackDeployment, rollsBackToVersion, version, key } = one.deployment;
    const evidence = rollsBackDeployment ?? rollsBackToVersion ?? version ?? '';
    const rule = one.detected ? 'detected_rollback' : 'is_rollback';
    const detected = 'a deploy of a version that was live before the current one is a rollback';
    if (metric !== 'rollbacks') {
      const reason = one.detected ? detected : 'a rollback is no deployment';
      return rowOf(one, unit.finishedAt, leavesOut(rule, { evidence, reason }));
    }
    if (key !== unit.last.key) return rowOf(one, unit.finishedAt, memberDecision(one));
    const reason = one.detected ? detected : 'it is a rollback';
    const alone = counts(rule, { evidence, reason });
    const { rolloutId } = one.deployment;
    return rowOf(one, unit.finishedAt, unit.members.length > 1 ? rolloutDecision(rolloutId) : alone);
  });
}

function unfinishedRow(one: Judged): ExplainedRow {
  return rowOf(
    one,
    one.deployment.startedAt,
    leavesOut('unfinished', { reason: 'no finish was reported yet' }),
  );
}

/** The deployments and rollbacks behind a number, counted and left out, and every match of every rule of failure. */
export function explainDeliveries(history: History, metric: DeliveryMetric, params: Params): ExplainedRow[] {
  const [since, until, now] = [instant(params.since), instant(params.until), instant(params.now)];
  const asked = (service: string, at: number) =>
    at >= since && at < until && serviceAsked(history, service, at, params);
  const { attempts, rollbacks } = unitsOf(history, params.scope);
  const mine = (unit: Unit) => asked(unit.service, unit.finishedAt);
  const unfinished = history.deployments
    .filter(({ deployment }) => !isFinished(deployment))
    .filter(({ deployment }) => deploymentInScope(history, deployment, params.scope))
    .filter(({ deployment: { service, startedAt } }) => asked(service, startedAt));
  return [
    ...attempts.filter(mine).flatMap((unit) => attemptRows(unit, metric, now)),
    ...rollbacks.filter(mine).flatMap((unit) => rollbackRows(unit, metric)),
    ...(metric === 'recovery_time' ? [] : unfinished.map(unfinishedRow)),
  ];
}
