/** A value of an attribute: integers beyond 2^53 as decimal text, bytes as base64, an unset value as null. */
export type AttributeValue =
  | string
  | number
  | boolean
  | null
  | readonly AttributeValue[]
  | { readonly [name: string]: AttributeValue };

/** Attributes by name; of a name that stands twice the last one counts. */
export type Attributes = Record<string, AttributeValue>;

/** What every item carries of its surroundings. Items of one resource share the object. */
export interface Origin {
  readonly resource: Attributes;
  /** Name of the instrumentation scope; empty: none. */
  readonly scope: string;
}

/** What a span was to its callers. */
export type SpanKind = 'unspecified' | 'internal' | 'server' | 'client' | 'producer' | 'consumer';

/** Something that happened within a span. */
export interface SpanEvent {
  name: string;
  /** Unix nanoseconds; 0: unknown. */
  timeUnixNano: bigint;
  attributes: Attributes;
}

/** An ended span. */
export interface Span extends Origin {
  /** Lower-case hex; 32 digits in a valid span. */
  traceId: string;
  /** Lower-case hex; 16 digits in a valid span. */
  spanId: string;
  /** Lower-case hex; empty: a root span. */
  parentSpanId: string;
  name: string;
  kind: SpanKind;
  /** Unix nanoseconds; 0: unknown. */
  startTimeUnixNano: bigint;
  /** Unix nanoseconds; 0: unknown. */
  endTimeUnixNano: bigint;
  attributes: Attributes;
  events: SpanEvent[];
  statusCode: 'unset' | 'ok' | 'error';
  statusMessage: string;
}

/** A log record or event. */
export interface LogRecord extends Origin {
  /** Unix nanoseconds; 0: unknown. */
  timeUnixNano: bigint;
  /** Unix nanoseconds; 0: unknown. */
  observedTimeUnixNano: bigint;
  severityNumber: number;
  severityText: string;
  /** Empty: a plain log record. */
  eventName: string;
  body: AttributeValue;
  attributes: Attributes;
  /** Lower-case hex; empty: none. */
  traceId: string;
  /** Lower-case hex; empty: none. */
  spanId: string;
}

/** What a sum is counted from: the point before (delta), or a start that stays (cumulative). */
export type Temporality = 'unspecified' | 'delta' | 'cumulative';

/** One data point of a metric. */
export interface MetricPoint extends Origin {
  /** Name of the metric. */
  name: string;
  /** Anything but a sum is `other`, has neither value nor attributes, and is there to be counted. */
  type: 'sum' | 'other';
  temporality: Temporality;
  monotonic: boolean;
  attributes: Attributes;
  /** Unix nanoseconds; 0: unknown. */
  startTimeUnixNano: bigint;
  /** Unix nanoseconds; 0: unknown. */
  timeUnixNano: bigint;
  /** Absent where the producer recorded none. */
  value?: number;
}
