import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';

type Value = string | number | boolean;

/** A span as it arrived, flattened. */
export interface ReceivedSpan {
  name: string;
  traceId: string;
  spanId: string;
  parentSpanId?: string;
  startMs: number;
  endMs: number;
  attributes: Record<string, Value>;
  events: { name: string; attributes: Record<string, Value> }[];
}

/** A log record as it arrived, flattened. */
export interface ReceivedLog {
  eventName: string;
  timeMs: number;
  attributes: Record<string, Value>;
}

/** A real HTTP server that keeps what exporters send to it as OTLP/JSON. */
export interface Receiver {
  url: string;
  spans: ReceivedSpan[];
  logs: ReceivedLog[];
  requests: { path: string; headers: IncomingHttpHeaders }[];
  close(): Promise<void>;
}

/** Listens on a free port. `hang`: accepts requests and never answers. `status`: what it answers. */
export async function startReceiver(behaviour: { hang?: boolean; status?: number } = {}): Promise<Receiver> {
  const receiver = {
    spans: [] as ReceivedSpan[],
    logs: [] as ReceivedLog[],
    requests: [] as Receiver['requests'],
  };
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      receiver.requests.push({ path: request.url ?? '', headers: request.headers });
      if (request.headers['content-type'] === 'application/json') {
        const body = JSON.parse(Buffer.concat(chunks).toString());
        receiver.spans.push(...flatten<RawSpan>(body.resourceSpans, 'scopeSpans', 'spans').map(toSpan));
        receiver.logs.push(...flatten<RawLog>(body.resourceLogs, 'scopeLogs', 'logRecords').map(toLog));
      }
      if (behaviour.hang) return;
      response.writeHead(behaviour.status ?? 200, { 'content-type': 'application/json' }).end('{}');
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    ...receiver,
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

interface KeyValue {
  key: string;
  value: Record<string, Value>;
}

interface RawSpan {
  name: string;
  traceId: string;
  spanId: string;
  parentSpanId?: string;
  startTimeUnixNano: string;
  endTimeUnixNano: string;
  attributes: KeyValue[];
  events: { name: string; attributes: KeyValue[] }[];
}

interface RawLog {
  eventName: string;
  timeUnixNano: string;
  attributes: KeyValue[];
}

function flatten<Item>(
  resources: Record<string, Record<string, Item[]>[]>[] | undefined,
  scopes: string,
  items: string,
) {
  return (resources ?? []).flatMap((resource) =>
    (resource[scopes] ?? []).flatMap((scope) => scope[items] ?? []),
  );
}

function toSpan(raw: RawSpan): ReceivedSpan {
  return {
    name: raw.name,
    traceId: raw.traceId,
    spanId: raw.spanId,
    ...(raw.parentSpanId ? { parentSpanId: raw.parentSpanId } : {}),
    startMs: toMs(raw.startTimeUnixNano),
    endMs: toMs(raw.endTimeUnixNano),
    attributes: toRecord(raw.attributes),
    events: raw.events.map((event) => ({ name: event.name, attributes: toRecord(event.attributes) })),
  };
}

function toLog(raw: RawLog): ReceivedLog {
  return { eventName: raw.eventName, timeMs: toMs(raw.timeUnixNano), attributes: toRecord(raw.attributes) };
}

function toMs(nano: string): number {
  return Number(BigInt(nano) / 1_000_000n);
}

function toRecord(attributes: KeyValue[]): Record<string, Value> {
  return Object.fromEntries(attributes.map(({ key, value }) => [key, Object.values(value)[0] ?? '']));
}
