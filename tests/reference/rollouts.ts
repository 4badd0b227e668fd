import { compareFinish, type Finished, isFinished } from './deployments.ts';
import { compareIds, groupBy, keyOf } from './fact.ts';
import type { History, Judged } from './history.ts';
import { clockStart } from './recovery.ts';
import { deploymentInScope, parseScope } from './scope.ts';

/**
 * What is counted as one: a deployment, or, asked by tier, a rollout. Instants are epoch milliseconds,
 * `recoveryMs` milliseconds.
 */
export interface Unit {
  service: string;
  environment: string;
  /** The deployment that finished last: gives a rollout its place among equals. */
  last: Finished;
  /** In order of finish. */
  members: readonly JudgedFinished[];
  startedAt: number;
  finishedAt: number;
  counted: boolean;
  failed: boolean;
  failedLinked: boolean;
  rework: boolean;
  recoveryMs: number | null;
  /** Since when a failed member has not recovered; null when none. */
  unrecoveredSince: number | null;
  /** Keys of the changes that its succeeded members carry. */
  carried: ReadonlySet<string>;
}

/** A deployment that has finished, with what was decided about it. */
export type JudgedFinished = Judged & { deployment: Finished };

function group(history: History, members: readonly JudgedFinished[], scope: string): JudgedFinished[][] {
  const byTier = parseScope(scope).by === 'tier';
  const here = members.filter((one) => deploymentInScope(history, one.deployment, scope));
  const groups = groupBy(here, ({ deployment }) =>
    byTier && deployment.rolloutId !== null
      ? keyOf('rollout', deployment.service, deployment.rolloutId)
      : keyOf('deployment', deployment.key),
  );
  return [...groups.values()].map((one) => one.sort((a, b) => compareFinish(a.deployment, b.deployment)));
}

function unitOf(members: readonly JudgedFinished[]): Unit {
  const last = members.at(-1)?.deployment;
  if (!last) throw new Error('a unit has members');
  const counted = members.filter((one) => one.counted);
  const failed = counted.filter((one) => one.failed);
  const waiting = failed.filter((one) => one.recoveryMs === null);
  const succeeded = counted.filter((one) => one.deployment.outcome === 'succeeded');
  return {
    service: last.service,
    environment: last.environment,
    last,
    members,
    startedAt: Math.min(...members.map((one) => one.deployment.startedAt)),
    finishedAt: last.finishedAt,
    counted: counted.length > 0,
    failed: failed.length > 0,
    failedLinked: counted.some((one) => one.failedLinked),
    rework: counted.some((one) => one.rework),
    recoveryMs:
      failed.length > 0 && waiting.length === 0
        ? Math.max(...failed.map((one) => one.recoveryMs ?? 0))
        : null,
    unrecoveredSince:
      waiting.length > 0 ? Math.min(...waiting.map((one) => clockStart(one.deployment))) : null,
    carried: new Set(succeeded.flatMap((one) => [...one.carried])),
  };
}

/** (finish, id of the deployment that finished last). */
export function compareUnits(a: Unit, b: Unit): number {
  return compareFinish(a.last, b.last) || compareIds(a.service, b.service);
}

/** Attempts (finished deploys and hotfixes, detected rollbacks left out) and rollbacks, each grouped. */
export function unitsOf(history: History, scope: string): { attempts: Unit[]; rollbacks: Unit[] } {
  const finished = history.deployments.filter((one): one is JudgedFinished => isFinished(one.deployment));
  const isRollback = (one: Judged) => one.detected || one.deployment.action === 'rollback';
  const units = (members: JudgedFinished[]) => group(history, members, scope).map(unitOf).sort(compareUnits);
  return {
    attempts: units(finished.filter((one) => !isRollback(one))),
    rollbacks: units(finished.filter(isRollback)),
  };
}
