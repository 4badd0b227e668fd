import { compareFinish, type Deployment, type Finished, isFinished } from './deployments.ts';
import { groupBy } from './fact.ts';
import type { SettingsHistory } from './settings.ts';

/** A finished rollback, named or detected. */
export interface Rollback {
  deployment: Finished;
  detected: boolean;
  succeeded: boolean;
  /** The version that it returns to, null when none is named. */
  returnsTo: string | null;
  /** Whether the match rests on something that was named (a deployment or a version). */
  named: boolean;
  target: Deployment | null;
  /** Counted deployments between the target and a successful rollback. */
  reverts: Finished[];
}

/** What happened at one (service, environment), in order of (finished_at, deployment_id). */
export interface Timeline {
  counted: Finished[];
  rollbacks: Rollback[];
  detected: Set<string>;
}

interface LiveMoment {
  version: string;
  digest: string | null;
  deployment: Finished;
}

function isCountable(deployment: Finished): boolean {
  return (
    deployment.action !== 'rollback' && (deployment.outcome === 'succeeded' || deployment.advancedAt !== null)
  );
}

/** A succeeded deploy of a version that first went live there before the current one first did. */
function isDetectedRollback(
  deployment: Finished,
  current: string | null,
  live: readonly LiveMoment[],
): boolean {
  const version = deployment.version;
  if (deployment.action !== 'deploy' || deployment.outcome !== 'succeeded') return false;
  if (version === null || current === null || version === current) return false;
  const first = live.findIndex((moment) => moment.version === version);
  const firstOfCurrent = live.findIndex((moment) => moment.version === current);
  if (first === -1 || first > firstOfCurrent) return false;
  const digest = live.findLast((moment) => moment.version === version)?.digest ?? null;
  const own = deployment.artifactDigest;
  return digest === null || own === null || digest === own;
}

/** Which deployment a rollback targets; `live` and `counted` hold only what was before it. */
function findTarget(
  rollback: Finished,
  returnsTo: string | null,
  all: readonly Deployment[],
  counted: readonly Finished[],
  live: readonly LiveMoment[],
): Deployment | null {
  const name = rollback.rollsBackDeployment;
  if (name !== null) return all.find((deployment) => deployment.id === name) ?? null;
  const lastLive = live.findLast((moment) => moment.version === returnsTo);
  if (returnsTo === null || !lastLive) return counted.at(-1) ?? null;
  return counted.find((deployment) => compareFinish(lastLive.deployment, deployment) < 0) ?? null;
}

function timelineOf(all: readonly Deployment[], settings: SettingsHistory): Timeline {
  const timeline: Timeline = { counted: [], rollbacks: [], detected: new Set() };
  const live: LiveMoment[] = [];
  let current: string | null = null;
  const goLive = (version: string | null, deployment: Finished) => {
    current = version;
    if (version !== null) live.push({ version, digest: deployment.artifactDigest, deployment });
  };

  for (const deployment of all.filter(isFinished).sort(compareFinish)) {
    const detected =
      isDetectedRollback(deployment, current, live) &&
      settings.detectsRollbacks(deployment.service, deployment.finishedAt);
    const succeeded = deployment.outcome === 'succeeded';
    if (deployment.action === 'rollback' || detected) {
      const returnsTo = deployment.rollsBackToVersion ?? deployment.version;
      const target = findTarget(deployment, returnsTo, all, timeline.counted, live);
      const named = deployment.rollsBackDeployment !== null || returnsTo !== null;
      const reverts = timeline.counted.filter(
        (between) => succeeded && target && isFinished(target) && compareFinish(target, between) < 0,
      );
      timeline.rollbacks.push({ deployment, detected, succeeded, returnsTo, named, target, reverts });
      if (detected) timeline.detected.add(deployment.key);
      if (succeeded) goLive(returnsTo, deployment);
    } else if (isCountable(deployment)) {
      timeline.counted.push(deployment);
      if (succeeded) goLive(deployment.version, deployment);
    }
  }
  return timeline;
}

/** The timeline of every place, by its key. */
export function timelines(
  deployments: readonly Deployment[],
  settings: SettingsHistory,
): Map<string, Timeline> {
  const places = groupBy(deployments, (deployment) => deployment.place);
  return new Map([...places].map(([place, all]) => [place, timelineOf(all, settings)]));
}

/** Successful rollbacks that target or revert a deployment, first one first. */
export function undoneBy(timeline: Timeline, deployment: Deployment): Rollback[] {
  return timeline.rollbacks.filter(
    (rollback) =>
      rollback.succeeded &&
      (rollback.target?.key === deployment.key ||
        rollback.reverts.some((reverted) => reverted.key === deployment.key)),
  );
}
