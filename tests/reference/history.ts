import { attribute } from './attribution.ts';
import { ChangeBook } from './changes.ts';
import { type Deployment, isFinished, mergeDeployments } from './deployments.ts';
import { distinctFacts, groupBy, type RawFact } from './fact.ts';
import { type Evidence, type Reason, reasonsOf } from './failures.ts';
import { type Incident, mergeIncidents } from './incidents.ts';
import { type IncidentLinks, linksOf } from './links.ts';
import { clockStart, type Restoration, restorationOf } from './recovery.ts';
import { latestJudgements } from './reviews.ts';
import { SettingsHistory } from './settings.ts';
import { type Timeline, timelines, undoneBy } from './timeline.ts';

/** Everything that was decided about one deployment. Instants are epoch milliseconds. */
export interface Judged {
  deployment: Deployment;
  counted: boolean;
  detected: boolean;
  failed: boolean;
  failedLinked: boolean;
  /** The judgement that it did not fail. */
  clearedBy: string | null;
  reverted: boolean;
  rework: boolean;
  reasons: Reason[];
  rolledBackBy: string | null;
  restoredAt: number | null;
  /** How it was restored, or that it was not; null: it did not fail. */
  restoration: Restoration | null;
  /** Milliseconds from the clock's start to `restoredAt`, at least 0. */
  recoveryMs: number | null;
  incidents: { incident: Incident; linkedBy: 'incident' | 'attribution' }[];
  /** Keys of what it carries, merge commits included. */
  carried: ReadonlySet<string>;
}

/** Facts, merged and judged. */
export interface History {
  settings: SettingsHistory;
  deployments: Judged[];
  incidents: Incident[];
  links: ReadonlyMap<string, IncidentLinks>;
  /** Incident id → the deployment that it is attributed to. */
  attributed: ReadonlyMap<string, Deployment>;
  changes: ChangeBook;
  places: ReadonlyMap<string, Timeline>;
}

function judge(deployment: Deployment, evidence: Evidence, carried: ReadonlySet<string>): Judged {
  const { timeline, judgement } = evidence;
  const counted = isFinished(deployment) && timeline.counted.some((one) => one.key === deployment.key);
  const reasons = counted ? reasonsOf(deployment, evidence) : [];
  const cleared = judgement?.verdict === 'cleared';
  const failed = !cleared && reasons.length > 0;
  const restoration = counted && failed ? restorationOf(deployment, evidence) : null;
  const restored = restoration?.at ?? null;
  const fixes = deployment.fixesDeployment !== null || deployment.fixesIncident !== null;
  return {
    deployment,
    counted,
    detected: timeline.detected.has(deployment.key),
    failed,
    failedLinked: !cleared && reasons.some((reason) => reason.linked),
    clearedBy: counted && cleared ? judgement.reviewId : null,
    reverted: timeline.rollbacks.some((one) => one.reverts.some(({ key }) => key === deployment.key)),
    rework: counted && (deployment.action === 'hotfix' || fixes),
    reasons,
    rolledBackBy: undoneBy(timeline, deployment)[0]?.deployment.id ?? null,
    restoredAt: restored,
    restoration,
    recoveryMs: counted && restored !== null ? Math.max(0, restored - clockStart(deployment)) : null,
    incidents: [
      ...evidence.linkedIncidents.map((incident) => ({ incident, linkedBy: 'incident' as const })),
      ...evidence.attributedIncidents.map((incident) => ({ incident, linkedBy: 'attribution' as const })),
    ],
    carried,
  };
}

/** Merges and judges: the whole of metrics.md that does not depend on what is asked. */
export function readHistory(facts: readonly RawFact[]): History {
  const distinct = distinctFacts(facts);
  const settings = new SettingsHistory(distinct);
  const deployments = mergeDeployments(distinct);
  const incidents = mergeIncidents(distinct);
  const places = timelines(deployments, settings);
  const links = new Map(incidents.map((incident) => [incident.id, linksOf(incident, deployments)]));
  const attributed = new Map<string, Deployment>();
  for (const incident of incidents) {
    const own = links.get(incident.id);
    const blamed = own && attribute(incident, own, places, settings);
    if (blamed) attributed.set(incident.id, blamed);
  }
  const judgements = latestJudgements(distinct, deployments);
  const changes = new ChangeBook(distinct, deployments);
  const there = groupBy(deployments, (deployment) => deployment.place);

  const judged = deployments.map((deployment) => {
    const timeline = places.get(deployment.place);
    if (!timeline) throw new Error(`no timeline of ${deployment.place}`);
    const evidence: Evidence = {
      timeline,
      settings,
      judgement: judgements.get(deployment.key) ?? null,
      linkedIncidents: incidents.filter(
        (incident) => !incident.cancelled && links.get(incident.id)?.named.has(deployment.key),
      ),
      attributedIncidents: incidents.filter(
        (incident) => attributed.get(incident.id)?.key === deployment.key,
      ),
    };
    const carried = changes.carriedKeys(deployment, there.get(deployment.place) ?? []);
    return judge(deployment, evidence, carried);
  });
  return { settings, deployments: judged, incidents, links, attributed, changes, places };
}
