import type { Span } from '@evenkeel/otlp';
import { type SpanView, viewOf } from '../span-view.ts';
import { buildkite } from './buildkite.ts';
import { circleci } from './circleci.ts';
import { flux } from './flux.ts';
import { githubReceiver } from './github-receiver.ts';
import { gitlab } from './gitlab.ts';
import { jenkins } from './jenkins.ts';
import { otelCicdAction } from './otel-cicd-action.ts';

const PRODUCERS = [gitlab, githubReceiver, otelCicdAction, jenkins, circleci, buildkite, flux];

/** Looks at a span as its producer means it; what nobody claims is read by the conventions alone. */
export function readSpan(span: Span): SpanView {
  const producer = PRODUCERS.find(({ emitted }) => emitted(span));
  return viewOf(span, producer?.source ?? 'otlp', producer?.read(span) ?? {});
}
