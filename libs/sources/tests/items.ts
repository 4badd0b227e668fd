import { parseFact, type ReceivedFact } from '@evenkeel/events';
import type { Attributes, LogRecord, MetricPoint, Span } from '@evenkeel/otlp';
import type { Mapped } from '../mapped.ts';

/** 2026-03-01T12:00:00Z in nanoseconds. */
export const NOON = 1_772_366_400_000_000_000n;
export const SECOND = 1_000_000_000n;

/** A client span of one minute from noon on, with nothing said about it. */
export function span(attributes: Attributes, more: Partial<Span> = {}): Span {
  return {
    resource: {},
    scope: '',
    traceId: '5b8efff798038103d269b633813fc60c',
    spanId: 'eee19b7ec3c1b174',
    parentSpanId: '',
    name: 'deploy',
    kind: 'internal',
    startTimeUnixNano: NOON,
    endTimeUnixNano: NOON + 60n * SECOND,
    attributes,
    events: [],
    statusCode: 'unset',
    statusMessage: '',
    ...more,
  };
}

/** An event at noon. */
export function logRecord(
  eventName: string,
  attributes: Attributes,
  more: Partial<LogRecord> = {},
): LogRecord {
  return {
    resource: {},
    scope: '',
    timeUnixNano: NOON,
    observedTimeUnixNano: NOON + SECOND,
    severityNumber: 9,
    severityText: 'INFO',
    eventName,
    body: null,
    attributes,
    traceId: '',
    spanId: '',
    ...more,
  };
}

/** A delta sum of the minute from noon on. */
export function point(name: string, attributes: Attributes, more: Partial<MetricPoint> = {}): MetricPoint {
  return {
    resource: {},
    scope: '',
    name,
    type: 'sum',
    temporality: 'delta',
    monotonic: true,
    attributes,
    startTimeUnixNano: NOON,
    timeUnixNano: NOON + 60n * SECOND,
    value: 1,
    ...more,
  };
}

/** The facts as the door keeps them. Throws where one would not be taken. */
export function received(mapped: Mapped): ReceivedFact['fact'][] {
  if (mapped.outcome !== 'ok') throw new Error(JSON.stringify(mapped));
  return mapped.facts.map((fact) => {
    const parsed = parseFact(fact, new Date('2026-03-02T00:00:00Z'));
    if (parsed.outcome === 'rejected') throw new Error(JSON.stringify(parsed.errors));
    return parsed.received.fact;
  });
}
