import type { Span, SpanKind, Temporality } from './items.ts';

/** Names of `SpanKind` by number. */
export const SPAN_KINDS: readonly SpanKind[] = [
  'unspecified',
  'internal',
  'server',
  'client',
  'producer',
  'consumer',
];

/** Names of `StatusCode` by number. */
export const STATUS_CODES: readonly Span['statusCode'][] = ['unset', 'ok', 'error'];

/** Names of `AggregationTemporality` by number. */
export const TEMPORALITIES: readonly Temporality[] = ['unspecified', 'delta', 'cumulative'];

/** Bit of a data point's flags: the producer recorded no value. */
export const NO_RECORDED_VALUE = 1;
