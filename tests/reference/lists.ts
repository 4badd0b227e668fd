import { compareIds, instant, iso } from './fact.ts';
import type { Reason } from './failures.ts';
import type { History, Judged } from './history.ts';
import type { Incident } from './incidents.ts';
import { deploymentInScope, incidentInScope, judgedAt, type Params, serviceAsked } from './scope.ts';

type ListParams = Pick<Params, 'services' | 'team' | 'scope' | 'since' | 'until'>;

function reasonRow(reason: Reason) {
  return {
    rule: reason.rule,
    incident_id: reason.incidentId,
    rollback_id: reason.rollbackId,
    hotfix_id: reason.hotfixId,
    review_id: reason.reviewId,
  };
}

function deploymentRow(history: History, judged: Judged) {
  const { deployment } = judged;
  return {
    at: iso(judgedAt(deployment)),
    deployment_id: deployment.id,
    service: deployment.service,
    environment: deployment.environment,
    action: deployment.action,
    version: deployment.version,
    commit: deployment.commit,
    started_at: iso(deployment.startedAt),
    finished_at: iso(deployment.finishedAt),
    outcome: deployment.outcome,
    counted: judged.counted,
    detected: judged.detected,
    failed: judged.failed,
    reverted: judged.reverted,
    failure_reasons: judged.reasons.map(reasonRow),
    rolled_back_by: judged.rolledBackBy,
    restored_at: iso(judged.restoredAt),
    changes: history.changes.countedOf(judged.carried).length,
    rework: judged.rework,
  };
}

export type DeploymentRow = ReturnType<typeof deploymentRow>;

/** The rows of /v1/deployments, all actions and outcomes, by finish (else start). */
export function deploymentList(history: History, params: ListParams): DeploymentRow[] {
  const [since, until] = [instant(params.since), instant(params.until)];
  return history.deployments
    .filter(({ deployment }) => judgedAt(deployment) >= since && judgedAt(deployment) < until)
    .filter(({ deployment }) => deploymentInScope(history, deployment, params.scope))
    .filter(({ deployment }) => serviceAsked(history, deployment.service, judgedAt(deployment), params))
    .sort(
      ({ deployment: a }, { deployment: b }) =>
        judgedAt(a) - judgedAt(b) ||
        compareIds(a.service, b.service) ||
        compareIds(a.environment, b.environment) ||
        compareIds(a.id, b.id),
    )
    .map((judged) => deploymentRow(history, judged));
}

function incidentRow(history: History, incident: Incident) {
  const named = history.links.get(incident.id)?.lastMade ?? null;
  const attributed = history.attributed.get(incident.id)?.id ?? null;
  let linkedBy: 'incident' | 'attribution' | null = null;
  if (named !== null) linkedBy = 'incident';
  else if (attributed !== null) linkedBy = 'attribution';
  return {
    incident_id: incident.id,
    service: incident.service,
    environment: incident.environment,
    severity: incident.severity,
    title: incident.title,
    url: incident.url,
    opened_at: iso(incident.openedAt),
    acknowledged_at: iso(incident.acknowledgedAt),
    mitigated_at: iso(incident.mitigatedAt),
    resolved_at: iso(incident.resolvedAt),
    restored_at: iso(incident.restoredAt),
    state: incident.state,
    deployment_id: named ?? attributed,
    linked_by: linkedBy,
  };
}

export type IncidentRow = ReturnType<typeof incidentRow>;

/** The rows of /v1/incidents, cancelled ones too, by opening. */
export function incidentList(history: History, params: ListParams): IncidentRow[] {
  const [since, until] = [instant(params.since), instant(params.until)];
  return history.incidents
    .filter((incident) => incident.openedAt >= since && incident.openedAt < until)
    .filter((incident) => incidentInScope(history, incident, params.scope))
    .filter((incident) => serviceAsked(history, incident.service, incident.openedAt, params))
    .sort((a, b) => a.openedAt - b.openedAt || compareIds(a.id, b.id))
    .map((incident) => incidentRow(history, incident));
}
