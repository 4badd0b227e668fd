import type { IncomingMessage } from 'node:http';
import { EngineError } from '../engine-error.ts';
import { splitSettings } from '../request-settings.ts';
import { isInsert } from '../sql-text.ts';
import type { Statement } from '../statement.ts';

/** Parameters of the URL that are neither settings nor `param_…`. */
const NOT_SETTINGS = new Set([
  'query',
  'query_id',
  'database',
  'user',
  'password',
  'quota_key',
  'role',
  'stacktrace',
  'client_protocol_version',
  'session_id',
  'session_timeout',
  'session_check',
  'close_session',
  'decompress',
  'compress',
]);

/** What a request asks the engine to do. */
export type QueryRequest = Pick<Statement, 'sql' | 'data' | 'format' | 'database' | 'settings' | 'params'>;

/**
 * Reads a request as ClickHouse's HTTP interface does: the URL's `query` and the body follow each other, and after
 * an INSERT the body is bytes in the format that it names.
 */
export function parseQueryRequest(
  request: IncomingMessage,
  url: URLSearchParams,
  body: Buffer,
): QueryRequest {
  if (url.get('compress') === '1' || url.get('decompress') === '1') {
    throw new EngineError(
      'Code: 48. DB::Exception: The native compression (compress=1) is not supported, use Content-Encoding. (NOT_IMPLEMENTED)',
    );
  }
  if (url.has('role')) {
    throw new EngineError('Code: 511. DB::Exception: An embedded ClickHouse has no roles. (UNKNOWN_ROLE)');
  }
  const fields = new URLSearchParams(url);
  const boundary = /^multipart\/form-data\b.*\bboundary="?([^";]+)"?/i.exec(
    request.headers['content-type'] ?? '',
  )?.[1];
  let rest = body;
  if (boundary !== undefined) {
    for (const [name, value] of multipartFields(body, boundary)) fields.set(name, value);
    rest = Buffer.alloc(0);
  }
  const params: Record<string, string> = {};
  const asSettings: Record<string, string> = {};
  for (const [name, value] of fields) {
    if (name.startsWith('param_')) params[name.slice('param_'.length)] = value;
    else if (!NOT_SETTINGS.has(name)) asSettings[name] = value;
  }
  const { settings, format } = splitSettings(asSettings);
  return {
    ...statementText(fields.get('query') ?? '', rest),
    settings,
    params,
    format: format ?? header(request, 'x-clickhouse-format'),
    database: fields.get('database') || header(request, 'x-clickhouse-database') || undefined,
  };
}

function statementText(query: string, body: Buffer): { sql: string; data?: Uint8Array } {
  if (query !== '') {
    if (isInsert(query)) return { sql: query, data: body };
    return { sql: body.length === 0 ? query : `${query}\n${body.toString()}` };
  }
  // Where the SQL ends and the data begin is the engine's to say. It takes text and bytes apart from each other, so
  // the first keyword goes as text and all that follows as bytes.
  const start = body.subarray(0, 4096).toString('latin1');
  const keyword = isInsert(start) ? /insert\b/i.exec(start) : null;
  if (keyword === null) return { sql: body.toString() };
  return { sql: 'INSERT', data: body.subarray(keyword.index + 'insert'.length) };
}

/** The text fields of a form, as `@clickhouse/client` and `curl -F` send them. */
function* multipartFields(body: Buffer, boundary: string): Generator<[name: string, value: string]> {
  const text = body.toString();
  for (const part of text.split(`--${boundary}`)) {
    const end = part.indexOf('\r\n\r\n');
    const name = /^content-disposition:[^\n]*\bname="([^"]*)"/im.exec(part.slice(0, end))?.[1];
    if (end === -1 || name === undefined) continue;
    yield [name, part.slice(end + 4).replace(/\r\n$/, '')];
  }
}

function header(request: IncomingMessage, name: string): string | undefined {
  const value = request.headers[name];
  return Array.isArray(value) ? value[0] : value;
}
