import type { Attributes } from '@evenkeel/otlp';
import { attributeText } from './attribute-text.ts';
import type { SpanView } from './span-view.ts';

/** Where it stands that a span is a deployment. An environment alone proves nothing, nor does a name. */
export type Evidence = 'span' | 'resource' | 'none';

/** Looks for what makes a deployment. */
export function evidenceOf({ span, reading }: SpanView): Evidence {
  const typed = !(reading.overrides && 'cicd.pipeline.task.type' in reading.overrides);
  if (reading.deploys === true || proves(span.attributes, typed)) return 'span';
  return proves(span.resource, typed) ? 'resource' : 'none';
}

/** True for attributes of the conventions' own prefix: only who knows of Evenkeel writes them. */
export function isOurs(attributes: Attributes): boolean {
  return Object.keys(attributes).some((name) => name.startsWith('evenkeel.'));
}

function proves(attributes: Attributes, typed: boolean): boolean {
  return (
    (typed && attributeText(attributes, 'cicd.pipeline.task.type') === 'deploy') ||
    attributeText(attributes, 'deployment.id') !== undefined ||
    attributeText(attributes, 'deployment.status') !== undefined ||
    Object.keys(attributes).some((name) => name.startsWith('evenkeel.deployment.'))
  );
}
