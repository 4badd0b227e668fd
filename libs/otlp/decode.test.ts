import {
  JsonLogsSerializer,
  JsonMetricsSerializer,
  JsonTraceSerializer,
  ProtobufLogsSerializer,
  ProtobufMetricsSerializer,
  ProtobufTraceSerializer,
} from '@opentelemetry/otlp-transformer';
import { AggregationTemporality } from '@opentelemetry/sdk-metrics';
import { describe, expect, test } from 'vitest';
import { type Decoded, decodeOtlp, type OtlpEncoding } from './index.ts';
import { recordedLogs, recordedMetrics, recordedSpans } from './tests/real-exporter.ts';

const resource = { 'service.name': 'ci', 'process.pid': 7 };

function itemsOf<Item>(decoded: Decoded<Item>): Item[] {
  if (decoded.outcome === 'rejected') throw new Error(decoded.reason);
  return decoded.items;
}

function written(bytes: Uint8Array | undefined): Uint8Array {
  if (!bytes) throw new Error('the exporter wrote nothing');
  return bytes;
}

describe.each<OtlpEncoding>(['protobuf', 'json'])('%s of the JavaScript exporter', (encoding) => {
  test('spans', async () => {
    const serializer = encoding === 'json' ? JsonTraceSerializer : ProtobufTraceSerializer;
    const recorded = await recordedSpans();
    const [child, parent] = itemsOf(
      decodeOtlp('traces', encoding, written(serializer.serializeRequest(recorded))),
    );
    expect(child).toEqual({
      resource,
      scope: 'tests',
      traceId: recorded[0]?.spanContext().traceId,
      spanId: recorded[0]?.spanContext().spanId,
      parentSpanId: recorded[1]?.spanContext().spanId,
      name: 'deploy',
      kind: 'client',
      startTimeUnixNano: 1_772_366_400_123_456_789n,
      endTimeUnixNano: 1_772_366_460_000_000_000n,
      attributes: {
        text: 'ö😀',
        empty: '',
        integer: 42,
        negative: -7,
        big: 4_294_967_296,
        double: 0.25,
        yes: true,
        no: false,
        list: ['a', 'b'],
        numbers: [1, 2.5],
      },
      events: [
        {
          name: 'evenkeel.deployment.advanced',
          timeUnixNano: 1_772_366_410_000_000_005n,
          attributes: { 'evenkeel.deployment.step': '25 %' },
        },
      ],
      statusCode: 'error',
      statusMessage: 'exit 1',
    });
    expect(parent).toMatchObject({ kind: 'server', parentSpanId: '', statusCode: 'unset', events: [] });
    expect(parent?.resource).toBe(child?.resource);
  });

  test('log records', async () => {
    const serializer = encoding === 'json' ? JsonLogsSerializer : ProtobufLogsSerializer;
    const [event, plain] = itemsOf(
      decodeOtlp('logs', encoding, written(serializer.serializeRequest(await recordedLogs()))),
    );
    expect(event).toEqual({
      resource,
      scope: 'tests',
      timeUnixNano: 1_772_366_400_000_000_001n,
      observedTimeUnixNano: 1_772_366_401_000_000_000n,
      severityNumber: 13,
      severityText: 'WARN',
      eventName: 'evenkeel.incident.opened',
      body: { nested: { list: [1, 'two', null] } },
      attributes: { 'evenkeel.incident.incident_id': 'pagerduty:P1' },
      traceId: '',
      spanId: '',
    });
    expect(plain).toMatchObject({ eventName: '', body: 'plain' });
  });

  test.each([
    ['delta', AggregationTemporality.DELTA],
    ['cumulative', AggregationTemporality.CUMULATIVE],
  ] as const)('metric points, %s', async (temporality, asked) => {
    const serializer = encoding === 'json' ? JsonMetricsSerializer : ProtobufMetricsSerializer;
    const points = itemsOf(
      decodeOtlp('metrics', encoding, written(serializer.serializeRequest(await recordedMetrics(asked)))),
    );
    const [good, bad, queue, ...others] = points;
    expect(good).toEqual({
      resource,
      scope: 'tests',
      name: 'evenkeel.slo.events',
      type: 'sum',
      temporality,
      monotonic: true,
      attributes: { 'slo.id': 's', 'evenkeel.slo.outcome': 'good' },
      startTimeUnixNano: expect.any(BigInt),
      timeUnixNano: expect.any(BigInt),
      value: 3,
    });
    expect(bad?.value).toBe(1);
    expect(queue).toMatchObject({ name: 'queue', monotonic: false, value: -2.5 });
    expect(others.map(({ name, type, value }) => [name, type, value])).toEqual([
      ['depth', 'other', undefined],
      ['latency', 'other', undefined],
    ]);
  });
});
