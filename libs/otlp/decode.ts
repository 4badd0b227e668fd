import type { LogRecord, MetricPoint, Span } from './items.ts';
import { logsOf } from './json/logs.ts';
import { asObject, type JsonObject } from './json/members.ts';
import { metricsOf } from './json/metrics.ts';
import { tracesOf } from './json/traces.ts';
import { Malformed } from './malformed.ts';
import { readLogs } from './protobuf/logs.ts';
import { type Reader, readerOf } from './protobuf/message.ts';
import { readMetrics } from './protobuf/metrics.ts';
import { readTraces } from './protobuf/traces.ts';

/** What an OTLP request carries. */
export type OtlpSignal = 'traces' | 'logs' | 'metrics';

/** How an OTLP request is written. */
export type OtlpEncoding = 'protobuf' | 'json';

/** What became of the bytes of an OTLP request. */
export type Decoded<Item> = { outcome: 'ok'; items: Item[] } | { outcome: 'rejected'; reason: string };

interface ItemOf {
  traces: Span;
  logs: LogRecord;
  metrics: MetricPoint;
}

type Readers<Input> = { readonly [Signal in OtlpSignal]: (input: Input) => ItemOf[Signal][] };

const PROTOBUF: Readers<Reader> = { traces: readTraces, logs: readLogs, metrics: readMetrics };
const JSON_OBJECT: Readers<JsonObject> = { traces: tracesOf, logs: logsOf, metrics: metricsOf };

/** Reads an Export…ServiceRequest. Never throws on bytes: what cannot be read is rejected with a reason. */
export function decodeOtlp<Signal extends OtlpSignal>(
  signal: Signal,
  encoding: OtlpEncoding,
  bytes: Uint8Array,
): Decoded<ItemOf[Signal]> {
  try {
    const items =
      encoding === 'protobuf' ? PROTOBUF[signal](readerOf(bytes)) : JSON_OBJECT[signal](parseJson(bytes));
    return { outcome: 'ok', items };
  } catch (error) {
    // The decoders touch nothing but these bytes, so whatever they throw says what is wrong with them.
    const cause = error instanceof Malformed ? error.message : `not ${WORDS[encoding]}: ${messageOf(error)}`;
    return { outcome: 'rejected', reason: cause };
  }
}

const WORDS = { protobuf: 'the protobuf of an OTLP request', json: 'JSON' };

function parseJson(bytes: Uint8Array): JsonObject {
  const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  const request: unknown = JSON.parse(text);
  if (request === null) throw new Malformed('the request is not an object');
  return asObject(request, 'the request');
}

function messageOf(error: unknown): string {
  // A SyntaxError of JSON.parse quotes the text, which may hold secrets.
  if (error instanceof SyntaxError) return 'it cannot be parsed';
  return error instanceof Error ? error.message : String(error);
}
