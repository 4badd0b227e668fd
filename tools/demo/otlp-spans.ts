import { createHash } from 'node:crypto';
import { type Deployment, iso } from './happenings.ts';

type Value = string | number | boolean | undefined;
const attributes = (values: Readonly<Record<string, Value>>) =>
  Object.entries(values).flatMap(([key, value]) =>
    value === undefined ? [] : [{ key, value: anyValue(value) }],
  );
const anyValue = (value: Exclude<Value, undefined>): object => {
  if (typeof value === 'string') return { stringValue: value };
  return typeof value === 'boolean' ? { boolValue: value } : { intValue: String(value) };
};
const nanoseconds = (at: number) => `${Math.round(at)}000000`;

/** An OTLP/JSON export request with one span a deployment, as a pipeline sends it. The same deployments give the same bytes. */
export function exportRequest(deployments: readonly Deployment[]): string {
  const resource = { attributes: attributes({ 'service.name': 'harbour-pipelines' }) };
  return JSON.stringify({
    resourceSpans: [{ resource, scopeSpans: [{ scope: { name: 'demo' }, spans: deployments.map(span) }] }],
  });
}

function span(deployment: Deployment) {
  const hash = createHash('sha256').update(deployment.id).digest('hex');
  return {
    traceId: hash.slice(0, 32),
    spanId: hash.slice(32, 48),
    name: `${deployment.action} ${deployment.service}`,
    kind: 1,
    startTimeUnixNano: nanoseconds(deployment.startedAt),
    endTimeUnixNano: nanoseconds(deployment.finishedAt),
    attributes: attributes({
      'cicd.pipeline.task.type': 'deploy',
      'deployment.id': deployment.id,
      'deployment.status': deployment.outcome,
      'deployment.environment.name': deployment.environment,
      'evenkeel.service': deployment.service,
      'service.version': deployment.version,
      'vcs.repository.url.full': `https://github.com/harbour/${deployment.service}`,
      'evenkeel.deployment.action': deployment.action,
      'evenkeel.deployment.strategy': deployment.strategy,
      'evenkeel.deployment.rollout_id': deployment.rolloutId,
      'evenkeel.deployment.rolls_back_to_version': deployment.rollsBackToVersion,
      'evenkeel.deployment.fixes_incident': deployment.fixesIncident,
      'evenkeel.deployment.fixes_deployment': deployment.fixesDeployment,
      'evenkeel.deployment.automatic': deployment.automatic,
    }),
    events: [
      ...deployment.changes.map((change) => ({
        name: 'evenkeel.change',
        timeUnixNano: nanoseconds(deployment.startedAt),
        attributes: attributes({
          'evenkeel.change.change_id': change.changeId,
          'evenkeel.change.pull_request': change.pullRequest,
          'evenkeel.change.committed_at': iso(change.committedAt),
          'evenkeel.change.opened_at': iso(change.openedAt),
          'evenkeel.change.first_review_at': iso(change.firstReviewAt),
          'evenkeel.change.merged_at': iso(change.mergedAt),
          'evenkeel.change.lines_changed': change.linesChanged,
        }),
      })),
      ...(deployment.advancedAt === undefined
        ? []
        : [
            {
              name: 'evenkeel.deployment.advanced',
              timeUnixNano: nanoseconds(deployment.advancedAt),
              attributes: attributes({ 'evenkeel.deployment.step': '10 %' }),
            },
          ]),
    ],
  };
}
