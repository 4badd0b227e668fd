import type { SpanContext } from '@opentelemetry/api';

const TRACEPARENT = /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/;
const SAMPLED = 1;

/** The context a W3C `traceparent` names, or undefined when it is absent or malformed. */
export function parseTraceparent(header: string | undefined): SpanContext | undefined {
  const match = TRACEPARENT.exec(header?.trim() ?? '');
  const [, version, traceId, spanId, flags, rest] = match ?? [];
  if (version === undefined || traceId === undefined || spanId === undefined || flags === undefined) return;
  // Version ff is forbidden and version 00 has nothing after the flags; later versions may append.
  if (version === 'ff' || (version === '00' && rest !== undefined)) return;
  if (/^0+$/.test(traceId) || /^0+$/.test(spanId)) return;
  return { traceId, spanId, traceFlags: Number.parseInt(flags, 16) & SAMPLED, isRemote: true };
}

/** The `traceparent` that makes another process continue at this span. Always sampled: a deployment is a fact, not a sample. */
export function formatTraceparent(ids: { traceId: string; spanId: string }): string {
  return `00-${ids.traceId}-${ids.spanId}-01`;
}
