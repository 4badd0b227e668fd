import type { SpanView } from './span-view.ts';

/** How a deployment ended; `none`: it was skipped or has no result. */
type Outcome = 'succeeded' | 'failed' | 'cancelled' | 'none';

/** What a span says of how it ended; `unknown` names the attribute whose word is not known. */
export type StatedOutcome = { outcome: Outcome } | { unknown: string };

/** In the order of precedence: the conventions, their earlier names, then the emitters' own. */
const RESULT_ATTRIBUTES = [
  'deployment.status',
  'cicd.pipeline.task.run.result',
  'cicd.pipeline.run.task.status',
  'cicd.pipeline.result',
  'cicd.pipeline.run.status',
  'ci.pipeline.run.result',
  'jenkins.pipeline.step.result',
  'github.conclusion',
] as const;

const WORDS: Readonly<Record<string, Outcome>> = {
  success: 'succeeded',
  succeeded: 'succeeded',
  // Jenkins: it ran to its end, and some test or check on the way was not content.
  unstable: 'succeeded',
  failure: 'failed',
  failed: 'failed',
  error: 'failed',
  timeout: 'failed',
  timed_out: 'failed',
  startup_failure: 'failed',
  cancellation: 'cancelled',
  cancelled: 'cancelled',
  canceled: 'cancelled',
  aborted: 'cancelled',
  skip: 'none',
  skipped: 'none',
  neutral: 'none',
  stale: 'none',
  not_built: 'none',
  not_executed: 'none',
  '': 'none',
};

/** How the first result attribute says it ended; undefined where there is none. */
export function resultOf(view: SpanView): StatedOutcome | undefined {
  const name = RESULT_ATTRIBUTES.find((attribute) => view.has(attribute));
  if (name === undefined) return undefined;
  const outcome = WORDS[(view.get(name) ?? '').toLowerCase()];
  return outcome === undefined ? { unknown: name } : { outcome };
}

/** How the span ended: its result attributes, else its status, which proves success unset only on our own spans. */
export function outcomeOf(view: SpanView, ours: boolean): StatedOutcome {
  const result = resultOf(view);
  if (result) return result;
  if (view.span.statusCode === 'error') return { outcome: 'failed' };
  if (view.span.statusCode === 'ok' || ours) return { outcome: 'succeeded' };
  return { unknown: 'status.code' };
}
