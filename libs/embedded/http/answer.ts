import type { IncomingMessage, ServerResponse } from 'node:http';
import { pipeline } from 'node:stream/promises';
import { summary } from '../connection.ts';
import type { Answer } from '../engine.ts';
import { EngineError } from '../engine-error.ts';
import { LaneFullError } from '../lane.ts';
import { isInsert, namedFormat } from '../sql-text.ts';
import { answerCoding } from './body.ts';
import { httpStatus } from './http-status.ts';
import type { QueryRequest } from './query-request.ts';

const TOO_MANY_SIMULTANEOUS_QUERIES = 202;

export function sayOk(response: ServerResponse): void {
  response.writeHead(200, { 'Content-Type': 'text/html; charset=UTF-8' }).end('Ok.\n');
}

export function notFound(response: ServerResponse, pathname: string): void {
  response
    .writeHead(404, { 'Content-Type': 'text/plain; charset=UTF-8' })
    .end(
      `There is no handle ${pathname}\n\nUse / or /ping for health checks.\nSend queries from your program with POST method or GET /?query=...\n`,
    );
}

export async function sendAnswer(
  request: IncomingMessage,
  response: ServerResponse,
  url: URLSearchParams,
  query: QueryRequest,
  answer: Answer,
): Promise<void> {
  const format = (isInsert(query.sql) ? undefined : namedFormat(query.sql)) ?? query.format ?? 'TabSeparated';
  const coding = answer.bytes.byteLength === 0 ? undefined : answerCoding(request, url);
  response.writeHead(200, {
    'Content-Type': contentType(format),
    'X-ClickHouse-Format': format,
    'X-ClickHouse-Timezone': 'UTC',
    'X-ClickHouse-Summary': JSON.stringify(summary(answer)),
    ...(coding === undefined
      ? { 'Content-Length': answer.bytes.byteLength }
      : { 'Content-Encoding': coding.name }),
  });
  if (coding === undefined) {
    response.end(answer.bytes);
    return;
  }
  const compress = coding.compress();
  const sent = pipeline(compress, response);
  compress.end(answer.bytes);
  await sent;
}

export function sendError(response: ServerResponse, error: unknown): void {
  const failure = asFailure(error);
  if (response.headersSent || response.destroyed) {
    response.destroy();
    return;
  }
  response
    .writeHead(failure.status, {
      'Content-Type': 'text/plain; charset=UTF-8',
      'X-ClickHouse-Exception-Code': failure.code,
      ...(failure.status === 403 && failure.code === 516
        ? { 'WWW-Authenticate': 'Basic realm="ClickHouse"' }
        : {}),
      ...(failure.status === 503 ? { 'Retry-After': 1 } : {}),
      // A body that was refused may still be on its way; the connection cannot be used again.
      ...(failure.status === 413 ? { Connection: 'close' } : {}),
    })
    .end(`${failure.message}\n`);
}

function asFailure(error: unknown): { code: number; status: number; message: string } {
  if (error instanceof EngineError)
    return { code: error.code, status: httpStatus(error.code), message: error.message };
  if (error instanceof LaneFullError) {
    const message = `Code: ${TOO_MANY_SIMULTANEOUS_QUERIES}. DB::Exception: ${error.message} (TOO_MANY_SIMULTANEOUS_QUERIES)`;
    return { code: TOO_MANY_SIMULTANEOUS_QUERIES, status: 503, message };
  }
  const message = error instanceof Error ? error.message : String(error);
  return { code: 1002, status: 500, message: `Code: 1002. DB::Exception: ${message} (UNKNOWN_EXCEPTION)` };
}

const CONTENT_TYPES: [pattern: RegExp, type: string][] = [
  [
    /^(JSONEachRow|JSONLines|NDJSON|JSONCompactEachRow.*|JSONStringsEachRow|JSONEachRowWithProgress)$/i,
    'application/x-ndjson; charset=UTF-8',
  ],
  [/^JSON/i, 'application/json; charset=UTF-8'],
  [/^CSV(?!$)/i, 'text/csv; charset=UTF-8; header=present'],
  [/^CSV$/i, 'text/csv; charset=UTF-8; header=absent'],
  [/^(TSV|TabSeparated)/i, 'text/tab-separated-values; charset=UTF-8'],
  [
    /^(Parquet|Native|RowBinary|Arrow|ORC|Avro|BSON|MsgPack|Npy|CapnProto|Protobuf)/i,
    'application/octet-stream',
  ],
];

function contentType(format: string): string {
  return CONTENT_TYPES.find(([pattern]) => pattern.test(format))?.[1] ?? 'text/plain; charset=UTF-8';
}
