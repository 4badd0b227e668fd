import { compareFinish, type Finished } from './deployments.ts';
import { compareIds, greatest } from './fact.ts';
import { type Evidence, hotfixesOf } from './failures.ts';
import { undoneBy } from './timeline.ts';

/** When a failed deployment's clock starts: an aborted one is measured from its first `advanced`. */
export function clockStart(deployment: Finished): number {
  if (deployment.outcome === 'succeeded') return deployment.finishedAt;
  return deployment.advancedAt ?? deployment.finishedAt;
}

/** How users had a working service again after a failed deployment: the first rule that applies. */
export interface Restoration {
  rule: 'incident' | 'aborted' | 'rollback' | 'hotfix' | 'next_deployment' | 'not_restored';
  /** Epoch milliseconds; null while they have not. */
  at: number | null;
  /** The incidents, rollback or deployment that the rule points at. */
  by: string[];
}

/** When and by what a failed deployment was restored, or what it waits for. */
export function restorationOf(deployment: Finished, evidence: Evidence): Restoration {
  const incidents = [...evidence.linkedIncidents, ...evidence.attributedIncidents];
  if (incidents.length > 0) {
    const by = incidents.map((incident) => incident.id).sort(compareIds);
    const waits = incidents.some((incident) => incident.restoredAt === null);
    if (waits) return { rule: 'not_restored', at: null, by };
    return { rule: 'incident', at: greatest(incidents.map((incident) => incident.restoredAt)), by };
  }
  if (deployment.outcome !== 'succeeded') return { rule: 'aborted', at: deployment.finishedAt, by: [] };
  const by = (rule: Restoration['rule'], { finishedAt: at, id }: Finished) => ({ rule, at, by: [id] });
  const rollback = undoneBy(evidence.timeline, deployment)[0];
  if (rollback) return by('rollback', rollback.deployment);
  const hotfix = hotfixesOf(deployment, evidence)[0];
  if (hotfix) return by('hotfix', hotfix.by);
  const next = evidence.timeline.counted.find(
    (later) => later.outcome === 'succeeded' && compareFinish(deployment, later) < 0,
  );
  return next ? by('next_deployment', next) : { rule: 'not_restored', at: null, by: [] };
}
