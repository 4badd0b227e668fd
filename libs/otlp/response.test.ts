import {
  JsonLogsSerializer,
  JsonMetricsSerializer,
  JsonTraceSerializer,
  ProtobufLogsSerializer,
  ProtobufMetricsSerializer,
  ProtobufTraceSerializer,
} from '@opentelemetry/otlp-transformer';
import { expect, test } from 'vitest';
import { encodeOtlpResponse, encodeOtlpStatus } from './index.ts';

const partial = { rejected: 3, message: 'deployment_id: is required' };

test.each([
  ['traces', ProtobufTraceSerializer, JsonTraceSerializer, 'rejectedSpans'],
  ['logs', ProtobufLogsSerializer, JsonLogsSerializer, 'rejectedLogRecords'],
  ['metrics', ProtobufMetricsSerializer, JsonMetricsSerializer, 'rejectedDataPoints'],
] as const)('an exporter reads the answer to %s', (signal, protobuf, json, member) => {
  const asProtobuf = protobuf.deserializeResponse(encodeOtlpResponse(signal, 'protobuf', partial));
  expect(asProtobuf.partialSuccess).toMatchObject({ errorMessage: partial.message });
  expect(Number((asProtobuf.partialSuccess as Record<string, unknown>)[member])).toBe(3);

  const asJson = json.deserializeResponse(encodeOtlpResponse(signal, 'json', partial));
  expect(asJson.partialSuccess).toEqual({ [member]: '3', errorMessage: partial.message });

  expect(protobuf.deserializeResponse(encodeOtlpResponse(signal, 'protobuf')).partialSuccess).toBeFalsy();
  expect(json.deserializeResponse(encodeOtlpResponse(signal, 'json'))).toEqual({});
});

test('full success is an empty message', () => {
  expect(encodeOtlpResponse('traces', 'protobuf')).toHaveLength(0);
  expect(new TextDecoder().decode(encodeOtlpResponse('traces', 'json'))).toBe('{}');
});

test('a refusal is a google.rpc.Status', () => {
  expect(Buffer.from(encodeOtlpStatus('protobuf', 8, 'wait')).toString('hex')).toBe('0808120477616974');
  expect(JSON.parse(new TextDecoder().decode(encodeOtlpStatus('json', 8, 'wait')))).toEqual({
    code: 8,
    message: 'wait',
  });
});
