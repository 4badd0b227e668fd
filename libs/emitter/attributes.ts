import type { Attributes } from '@opentelemetry/api';
import type { ChangeReport, DeploymentEnd, DeploymentReport, IncidentReport } from './reports.ts';

/** Where OpenTelemetry has no name, ours starts with this; `docs/conventions.md` is the published table. */
const DEPLOYMENT = 'evenkeel.deployment';

const TASK_RESULT = { succeeded: 'success', failed: 'failure', cancelled: 'cancellation' } as const;

/** Attributes of a deployment span that are known when the deployment starts. */
export function deploymentAttributes(report: DeploymentReport): Attributes {
  const run = report.pipelineRun ?? {};
  return known({
    ...Object.fromEntries(
      Object.entries(report.attributes ?? {}).map(([name, value]) => [`evenkeel.attribute.${name}`, value]),
    ),
    'cicd.pipeline.task.type': 'deploy',
    'deployment.id': report.deploymentId,
    'deployment.environment.name': report.environment ?? 'production',
    'evenkeel.service': report.service,
    'service.version': report.version,
    'vcs.ref.head.revision': report.commit,
    'vcs.ref.head.name': run.branch,
    'vcs.repository.url.full': report.repository,
    'cicd.pipeline.name': run.pipeline,
    'cicd.pipeline.run.id': run.runId,
    'cicd.pipeline.run.url.full': run.runUrl,
    'cicd.pipeline.task.name': run.task,
    'cicd.pipeline.task.run.id': run.taskRunId,
    [`${DEPLOYMENT}.action`]: report.action ?? 'deploy',
    [`${DEPLOYMENT}.commit_at`]: report.commitAt,
    [`${DEPLOYMENT}.strategy`]: report.strategy,
    [`${DEPLOYMENT}.rollout_id`]: report.rolloutId,
    [`${DEPLOYMENT}.rolls_back_deployment`]: report.rollsBackDeployment,
    [`${DEPLOYMENT}.rolls_back_to_version`]: report.rollsBackToVersion,
    [`${DEPLOYMENT}.fixes_deployment`]: report.fixesDeployment,
    [`${DEPLOYMENT}.fixes_incident`]: report.fixesIncident,
    [`${DEPLOYMENT}.automatic`]: report.automatic,
    [`${DEPLOYMENT}.artifact_digest`]: report.artifactDigest,
  });
}

/** Attributes a deployment span gets when it ends. */
export function endAttributes(end: DeploymentEnd): Attributes {
  return known({
    'deployment.status': end.outcome,
    'cicd.pipeline.task.run.result': TASK_RESULT[end.outcome],
    'process.exit.code': end.exitCode,
    'error.type': end.errorType,
  });
}

/** Attributes of the span event `evenkeel.change`. */
export function changeAttributes(change: ChangeReport, repository: string | undefined): Attributes {
  return known({
    'evenkeel.change.change_id': change.changeId,
    'evenkeel.change.repository': change.repository ?? repository,
    'evenkeel.change.committed_at': change.committedAt,
    'evenkeel.change.lines_changed': change.linesChanged,
    'evenkeel.change.files_changed': change.filesChanged,
  });
}

/** Attributes of the log record `evenkeel.incident.<transition>`. */
export function incidentAttributes(report: IncidentReport): Attributes {
  return known({
    'evenkeel.incident.incident_id': report.incidentId,
    'evenkeel.incident.service': report.service,
    'evenkeel.incident.environment': report.environment,
    'evenkeel.incident.severity': report.severity,
    'evenkeel.incident.title': report.title,
    'evenkeel.incident.url': report.url,
    'evenkeel.incident.detected_by': report.detectedBy,
    'evenkeel.incident.deployment_id': report.deploymentId,
    'evenkeel.incident.reason': report.reason,
  });
}

function known(attributes: Attributes): Attributes {
  return Object.fromEntries(Object.entries(attributes).filter(([, value]) => value !== undefined));
}
