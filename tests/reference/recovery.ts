import { compareFinish, type Finished } from './deployments.ts';
import { greatest } from './fact.ts';
import { type Evidence, hotfixesOf } from './failures.ts';
import { undoneBy } from './timeline.ts';

/** When a failed deployment's clock starts: an aborted one is measured from its first `advanced`. */
export function clockStart(deployment: Finished): number {
  if (deployment.outcome === 'succeeded') return deployment.finishedAt;
  return deployment.advancedAt ?? deployment.finishedAt;
}

/** When users had a working service again after a failed deployment, null while they have not. */
export function restoredAt(deployment: Finished, evidence: Evidence): number | null {
  const incidents = [...evidence.linkedIncidents, ...evidence.attributedIncidents];
  if (incidents.length > 0) {
    if (incidents.some((incident) => incident.restoredAt === null)) return null;
    return greatest(incidents.map((incident) => incident.restoredAt));
  }
  if (deployment.outcome !== 'succeeded') return deployment.finishedAt;
  const rollback = undoneBy(evidence.timeline, deployment)[0];
  if (rollback) return rollback.deployment.finishedAt;
  const hotfix = hotfixesOf(deployment, evidence)[0];
  if (hotfix) return hotfix.by.finishedAt;
  const next = evidence.timeline.counted.find(
    (later) => later.outcome === 'succeeded' && compareFinish(deployment, later) < 0,
  );
  return next?.finishedAt ?? null;
}
