export { type Decoded, decodeOtlp, type OtlpEncoding, type OtlpSignal } from './decode.ts';
export type {
  Attributes,
  AttributeValue,
  LogRecord,
  MetricPoint,
  Span,
  SpanEvent,
  SpanKind,
  Temporality,
} from './items.ts';
export { encodeOtlpResponse, encodeOtlpStatus, type PartialSuccess } from './response.ts';
