import { compareFinish, type Finished } from './deployments.ts';
import { compareIds } from './fact.ts';
import type { Incident } from './incidents.ts';
import type { Judgement } from './reviews.ts';
import type { SettingsHistory } from './settings.ts';
import type { Timeline } from './timeline.ts';

/** A rule of failure. */
export type Rule = 'review' | 'aborted' | 'incident' | 'rollback' | 'hotfix' | 'attribution';

/** One match of one rule. `at` is epoch milliseconds; `linked` = someone named something. */
export interface Reason {
  rule: Rule;
  at: number;
  incidentId: string | null;
  rollbackId: string | null;
  hotfixId: string | null;
  reviewId: string | null;
  linked: boolean;
}

/** What bears on one counted deployment. */
export interface Evidence {
  timeline: Timeline;
  judgement: Judgement | null;
  /** Not cancelled incidents that name it. */
  linkedIncidents: readonly Incident[];
  /** Not cancelled incidents that are attributed to it. */
  attributedIncidents: readonly Incident[];
  settings: SettingsHistory;
}

const nothing = { incidentId: null, rollbackId: null, hotfixId: null, reviewId: null };

/** A later deployment that fixes one; `named` = it says so itself. */
export interface Hotfix {
  by: Finished;
  named: boolean;
}

/** Later counted deployments there that fix it, first one first. */
export function hotfixesOf(deployment: Finished, evidence: Evidence): Hotfix[] {
  const incidents = new Set(
    [...evidence.linkedIncidents, ...evidence.attributedIncidents].map((incident) => incident.id),
  );
  return evidence.timeline.counted.flatMap((later, index): Hotfix[] => {
    if (compareFinish(deployment, later) >= 0) return [];
    if (later.fixesDeployment === deployment.id) return [{ by: later, named: true }];
    if (later.fixesIncident !== null && incidents.has(later.fixesIncident)) {
      return [{ by: later, named: true }];
    }
    const namesNothing = later.fixesDeployment === null && later.fixesIncident === null;
    const before = evidence.timeline.counted[index - 1];
    const windowMs = evidence.settings.attributionWindowMs(deployment.service, deployment.finishedAt);
    const within = later.finishedAt - deployment.finishedAt <= windowMs;
    const infers = later.action === 'hotfix' && namesNothing && before?.key === deployment.key && within;
    return infers ? [{ by: later, named: false }] : [];
  });
}

/** By time and id. */
export function compareReasons(a: Reason, b: Reason): number {
  const id = (reason: Reason) =>
    reason.incidentId ?? reason.rollbackId ?? reason.hotfixId ?? reason.reviewId ?? '';
  return a.at - b.at || compareIds(id(a), id(b)) || compareIds(a.rule, b.rule);
}

/** Every match of every rule, by time and id. */
export function reasonsOf(deployment: Finished, evidence: Evidence): Reason[] {
  const reasons: Reason[] = [];
  if (evidence.judgement?.verdict === 'failed') {
    const { at, reviewId } = evidence.judgement;
    reasons.push({ ...nothing, rule: 'review', at, reviewId, linked: true });
  }
  if (deployment.outcome !== 'succeeded') {
    reasons.push({ ...nothing, rule: 'aborted', at: deployment.finishedAt, linked: true });
  }
  for (const incident of evidence.linkedIncidents) {
    reasons.push({
      ...nothing,
      rule: 'incident',
      at: incident.openedAt,
      incidentId: incident.id,
      linked: true,
    });
  }
  for (const rollback of evidence.timeline.rollbacks) {
    const judges = rollback.succeeded || rollback.deployment.outcome === 'failed';
    if (!judges || rollback.target?.key !== deployment.key) continue;
    const { finishedAt: at, id: rollbackId } = rollback.deployment;
    reasons.push({ ...nothing, rule: 'rollback', at, rollbackId, linked: rollback.named });
  }
  for (const { by, named } of hotfixesOf(deployment, evidence)) {
    reasons.push({ ...nothing, rule: 'hotfix', at: by.finishedAt, hotfixId: by.id, linked: named });
  }
  for (const incident of evidence.attributedIncidents) {
    reasons.push({
      ...nothing,
      rule: 'attribution',
      at: incident.openedAt,
      incidentId: incident.id,
      linked: false,
    });
  }
  return reasons.sort(compareReasons);
}
