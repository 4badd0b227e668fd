import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type Attributes, decodeOtlp, type LogRecord, type Span } from '@evenkeel/otlp';

/** A log record as it arrived, reduced to what the tests look at. */
interface ReceivedLog {
  eventName: string;
  timeMs: number;
  attributes: Attributes;
}

/** A real HTTP server that keeps what exporters send to it, decoded as the ingestion does. */
export interface Receiver {
  url: string;
  spans: Span[];
  logs: ReceivedLog[];
  requests: { path: string; headers: IncomingHttpHeaders }[];
  close(): Promise<void>;
}

/** Listens on a free port. `hang`: accepts requests and never answers. `status`: what it answers. */
export async function startReceiver(behaviour: { hang?: boolean; status?: number } = {}): Promise<Receiver> {
  const spans: Span[] = [];
  const logs: ReceivedLog[] = [];
  const requests: Receiver['requests'] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const path = request.url ?? '';
      requests.push({ path, headers: request.headers });
      const encoding = request.headers['content-type'] === 'application/json' ? 'json' : 'protobuf';
      const body = Buffer.concat(chunks);
      if (path.endsWith('/v1/logs')) logs.push(...accepted(decodeOtlp('logs', encoding, body)).map(toLog));
      else if (request.method === 'POST') spans.push(...accepted(decodeOtlp('traces', encoding, body)));
      if (behaviour.hang) return;
      response
        .writeHead(behaviour.status ?? 200, {
          'content-type': request.headers['content-type'] ?? 'text/plain',
        })
        .end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    spans,
    logs,
    requests,
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function accepted<Item>(
  decoded: { outcome: 'ok'; items: Item[] } | { outcome: 'rejected'; reason: string },
): Item[] {
  if (decoded.outcome === 'rejected') throw new Error(`not OTLP: ${decoded.reason}`);
  return decoded.items;
}

function toLog(record: LogRecord): ReceivedLog {
  return {
    eventName: record.eventName,
    timeMs: Number(record.timeUnixNano / 1_000_000n),
    attributes: record.attributes,
  };
}
