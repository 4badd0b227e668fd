import type { Span } from '@evenkeel/otlp';
import { attributeText } from './attribute-text.ts';
import { type Evidence, evidenceOf, isOurs } from './deployment-evidence.ts';
import { advancedFacts, changeFacts, commonDeploymentFields, spanIdentity } from './deployment-facts.ts';
import { statedEnvironment, targetOf } from './deployment-target.ts';
import { ignored, type Mapped, ok, rejected } from './mapped.ts';
import { type MappingOptions, type MappingRule, ruleFor } from './mapping-rules.ts';
import { outcomeOf, resultOf } from './outcome.ts';
import { readSpan } from './producers/known.ts';
import type { SpanView } from './span-view.ts';
import { instantOf } from './unix-time.ts';

/** Parts of a deployment that a span can stand for; without one it stands for the whole, from start to end. */
const PHASES: readonly string[] = ['queued', 'started', 'advanced', 'finished'];

/** Turns an ended span into the facts of the deployment it reports, by the published conventions. */
export function mapSpan(span: Span, options: MappingOptions): Mapped {
  const view = readSpan(span);
  const evidence = evidenceOf(view);
  const rule = options.rules?.length ? ruleFor(circumstancesOf(view), options.rules) : undefined;
  const reason = whyNone(view, evidence, rule);
  if (reason !== undefined) {
    const changes = hasIdentity(span) ? changeFacts(view, undefined) : [];
    return changes.length > 0 ? ok(changes) : ignored(reason);
  }
  return mapDeployment(view, rule, options);
}

function mapDeployment(view: SpanView, rule: MappingRule | undefined, options: MappingOptions): Mapped {
  const { span } = view;
  if (!hasIdentity(span)) return rejected('invalid_span_id', 'traceId');
  const phase = attributeText(span.attributes, 'evenkeel.deployment.phase');
  if (phase !== undefined && !PHASES.includes(phase)) {
    return rejected('unknown_phase', 'evenkeel.deployment.phase', `must be one of ${PHASES.join(', ')}`);
  }
  const target = targetOf(view, rule, options);
  if ('outcome' in target) return target;

  const common = commonDeploymentFields(view, target);
  const facts = phaseFacts(view, phase, common);
  if ('outcome' in facts) return facts;
  return ok([...facts, ...advancedFacts(view, common), ...changeFacts(view, target)]);
}

function phaseFacts(view: SpanView, phase: string | undefined, common: object): object[] | Mapped {
  const { span, reading } = view;
  const startedAt = instantOf(span.startTimeUnixNano);
  if (startedAt === undefined) return rejected('missing_time', 'startTimeUnixNano');
  const fact = (of: string, occurred_at: string, more: object = {}) => ({
    ...common,
    phase: of,
    occurred_at,
    ...more,
    event_id: `${spanIdentity(view)}:deployment:${of}`,
  });
  if (phase === 'queued' || phase === 'started') return [fact(phase, startedAt)];
  if (phase === 'advanced') {
    return [fact(phase, startedAt, { step: attributeText(span.attributes, 'evenkeel.deployment.step') })];
  }

  const stated = outcomeOf(view, isOurs(span.attributes));
  if ('unknown' in stated) return rejected('unknown_outcome', stated.unknown);
  if (stated.outcome === 'none') return ignored('skipped');
  const { outcome } = stated;
  if (reading.momentary) return [fact('finished', startedAt, { outcome })];

  let finishedAt = instantOf(span.endTimeUnixNano);
  if (finishedAt === undefined) return rejected('missing_time', 'endTimeUnixNano');
  // A clock that was set back in between must not turn a deployment around.
  if (finishedAt < startedAt) finishedAt = startedAt;
  const finished = fact('finished', finishedAt, { outcome });
  return phase === 'finished' ? [finished] : [fact('started', startedAt), finished];
}

/** Why the span is no deployment; undefined when it is one. */
function whyNone(view: SpanView, evidence: Evidence, rule: MappingRule | undefined) {
  const { ignore } = view.reading;
  if (rule?.is_deployment === false) return 'rule_says_no_deployment';
  if (ignore === 'environment_not_deployed_to') return ignore;
  if (evidence === 'span') return undefined;
  const byRule = rule?.is_deployment === true;
  if (evidence === 'none' && !byRule) return 'span_not_a_deployment';
  if (ignore !== undefined) return ignore;
  // Applications repeat resource attributes on all their spans, and the status of a request is no deployment's.
  const hasResult = resultOf(view) !== undefined || (byRule && view.span.statusCode !== 'unset');
  return hasResult ? undefined : 'no_result_of_its_own';
}

function circumstancesOf(view: SpanView) {
  return {
    source: view.source,
    repository: view.get('vcs.repository.url.full'),
    pipeline: view.get('cicd.pipeline.name'),
    task: view.get('cicd.pipeline.task.name'),
    environment: statedEnvironment(view),
  };
}

function hasIdentity({ traceId, spanId }: Span): boolean {
  return /^(?!0+$)[0-9a-f]{32}$/.test(traceId) && /^(?!0+$)[0-9a-f]{16}$/.test(spanId);
}
