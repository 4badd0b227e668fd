import type { Attributes } from '@evenkeel/otlp';
import { attributeText, textOf } from './attribute-text.ts';
import { safeUrl } from './safe-url.ts';
import type { SpanView } from './span-view.ts';

const MAX_ENTRIES = 32;
const MAX_BYTES = 1024;
const MAX_NAME = 512;

/** Whoever writes this prefix decided that the value may be kept and queried. */
const CUSTOM_PREFIX = 'evenkeel.attribute.';

/** All that is kept of a span beyond the fields of its facts: anything else may hold a secret or a person's name. */
const ALLOWED = [
  'cicd.pipeline.name',
  'cicd.pipeline.action.name',
  'cicd.pipeline.run.id',
  'cicd.pipeline.task.name',
  'cicd.pipeline.task.run.id',
  'deployment.name',
  'deployment.environment.tier',
  'error.type',
  'process.exit.code',
  'vcs.ref.head.name',
] as const;

/** The `attributes` of a span's facts; undefined where nothing is kept. */
export function keptAttributes(view: SpanView): Record<string, string> | undefined {
  const conventional = ALLOWED.map((name) => [name, view.get(name)] as const);
  const change = ['vcs.change.id', view.get('vcs.change.id', 'vcs.repository.change.id')] as const;
  const task = [
    'cicd.pipeline.task.run.url.full',
    safeUrl(view.get('cicd.pipeline.task.run.url.full')),
  ] as const;
  return limited([...conventional, change, task, ...customEntries(view.span.attributes)]);
}

/** The `attributes` of facts from `evenkeel.attribute.*` alone. */
export function customAttributes(attributes: Attributes): Record<string, string> | undefined {
  return limited(customEntries(attributes));
}

function customEntries(attributes: Attributes): (readonly [string, string | undefined])[] {
  return Object.keys(attributes)
    .filter((name) => name.startsWith(CUSTOM_PREFIX))
    .map((name) => [name.slice(CUSTOM_PREFIX.length), attributeText(attributes, name)]);
}

/** What the door takes: an attribute too many must not cost the fact. */
function limited(entries: (readonly [string, string | undefined])[]): Record<string, string> | undefined {
  const kept = entries.filter(
    (entry): entry is readonly [string, string] =>
      textOf(entry[1]) !== undefined &&
      Buffer.byteLength(entry[1] ?? '') <= MAX_BYTES &&
      entry[0] !== '' &&
      entry[0].length <= MAX_NAME &&
      !/\p{Cc}/u.test(entry[0]),
  );
  return kept.length === 0 ? undefined : Object.fromEntries(kept.slice(0, MAX_ENTRIES));
}
