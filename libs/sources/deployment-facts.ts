import { canonicalJson, sha256Hex } from '@evenkeel/events';
import { attributeText } from './attribute-text.ts';
import type { DeploymentTarget } from './deployment-target.ts';
import { factFields, fieldValue } from './fact-fields.ts';
import { hashable } from './hashable.ts';
import { customAttributes, keptAttributes } from './kept-attributes.ts';
import { repositoryAddress, safeUrl } from './safe-url.ts';
import type { SpanView } from './span-view.ts';
import { instantOf } from './unix-time.ts';

/** Fields of a deployment that stand in `evenkeel.deployment.<field>`. */
const OWN_FIELDS = [
  'action',
  'commit_at',
  'strategy',
  'rollout_id',
  'rolls_back_deployment',
  'rolls_back_to_version',
  'fixes_deployment',
  'fixes_incident',
  'automatic',
  'artifact_digest',
] as const;

/** What all facts of one deployment span have in common. */
export function commonDeploymentFields(view: SpanView, target: DeploymentTarget): object {
  const own = OWN_FIELDS.map((field) => {
    const value = view.get(`evenkeel.deployment.${field}`);
    return [field, value === undefined ? undefined : fieldValue(field, value)] as const;
  });
  return {
    kind: 'deployment',
    source: 'otlp',
    ...target,
    commit: view.get('vcs.ref.head.revision', 'vcs.repository.ref.revision'),
    repository: repositoryOf(view),
    url: safeUrl(view.get('cicd.pipeline.run.url.full', 'cicd.pipeline.task.run.url.full')),
    trace_id: view.span.traceId,
    attributes: keptAttributes(view),
    ...Object.fromEntries(own),
  };
}

/** The span's identity; a kind and phase are added for each of its facts. */
export function spanIdentity({ span, reading }: SpanView): string {
  const ids = `${span.traceId}:${span.spanId}`;
  // The ids of such a span come again with the next event of the same object.
  return reading.momentary ? `${ids}:${span.startTimeUnixNano}` : ids;
}

/** The advances among the span's events: users have it. */
export function advancedFacts(view: SpanView, common: object): object[] {
  return view.span.events
    .filter(({ name }) => name === 'evenkeel.deployment.advanced')
    .map((event) => {
      const step = attributeText(event.attributes, 'evenkeel.deployment.step');
      const occurred_at = instantOf(event.timeUnixNano);
      const event_id = `${spanIdentity(view)}:deployment:advanced:${digest({ at: `${event.timeUnixNano}`, step })}`;
      return { ...common, phase: 'advanced', occurred_at, step, event_id };
    });
}

/** The changes among the span's events, carried by the deployment when the span is one. */
export function changeFacts(view: SpanView, carrier: DeploymentTarget | undefined): object[] {
  return view.span.events
    .filter(({ name }) => name === 'evenkeel.change')
    .map((event) => {
      const { service, environment, deployment_id } = carrier ?? {};
      const fact = {
        repository: repositoryOf(view),
        service,
        environment,
        deployment_id,
        ...factFields(event.attributes, 'evenkeel.change.'),
        kind: 'change',
        source: 'otlp',
        occurred_at: instantOf(event.timeUnixNano) ?? instantOf(view.span.startTimeUnixNano),
        attributes: customAttributes(event.attributes),
      };
      return { ...fact, event_id: `${spanIdentity(view)}:change:${digest(fact)}` };
    });
}

function repositoryOf(view: SpanView): string | undefined {
  return repositoryAddress(view.get('vcs.repository.url.full'));
}

/** Tells the events of one span apart whatever their order, and gives the same event the same name again. */
function digest(content: object): string {
  return sha256Hex(canonicalJson(hashable(content))).slice(0, 32);
}
