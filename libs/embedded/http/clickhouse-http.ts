import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { hostname } from 'node:os';
import { type Embedded, engineOf } from '../embedded.ts';
import type { Answer, Engine } from '../engine.ts';
import { EngineError } from '../engine-error.ts';
import { Lane } from '../lane.ts';
import type { Statement } from '../statement.ts';
import { notFound, sayOk, sendAnswer, sendError } from './answer.ts';
import { readBody } from './body.ts';
import {
  authenticate,
  type Credentials,
  type CredentialsCheck,
  isLoopback,
  refuseForeignPages,
} from './credentials.ts';
import { parseQueryRequest, type QueryRequest } from './query-request.ts';
import { multiStatement, ReadOnlyGuard } from './read-only-guard.ts';

export interface ClickHouseHttpOptions {
  embedded: Embedded;
  /** Queries that read, within limits, and nothing else. @default false */
  readonly?: boolean;
  /** Whom to let in. Without: everybody who reaches the loopback interface. */
  credentials?: Credentials | CredentialsCheck;
  /** Statements that run at the same time. @default 2 read-only, else 4 */
  maxConcurrent?: number;
  /** Requests that may wait; more are answered 503. @default 64 */
  maxQueued?: number;
  /** Of one request, decompressed. @default 1 MiB read-only, else 256 MiB */
  maxBodyBytes?: number;
}

/** ClickHouse's HTTP interface over an embedded engine. */
export interface ClickHouseHttp {
  /** Binds the loopback interface. Port 0 picks a free one. */
  listen(address: { host?: string; port: number }): Promise<{ host: string; port: number; url: string }>;
  /** Stops taking requests and waits for those under way. The engine stays open. */
  close(): Promise<void>;
}

/** Serves `@clickhouse/client`, curl and what else speaks ClickHouse's HTTP interface. */
export function createClickHouseHttp(options: ClickHouseHttpOptions): ClickHouseHttp {
  const readonly = options.readonly ?? false;
  const endpoint = new Endpoint(engineOf(options.embedded), {
    readonly,
    credentials: options.credentials,
    lane: new Lane('HTTP', options.maxConcurrent ?? (readonly ? 2 : 4), options.maxQueued ?? 64),
    maxBodyBytes: options.maxBodyBytes ?? (readonly ? 1024 ** 2 : 256 * 1024 ** 2),
  });
  const server = createServer((request, response) => {
    endpoint.handle(request, response).catch((error: unknown) => response.destroy(error as Error));
  });
  return {
    async listen({ host = '127.0.0.1', port }) {
      if (!isLoopback(host))
        throw new RangeError(`The ClickHouse endpoint binds the loopback interface only, not ${host}.`);
      await new Promise<void>((resolve, reject) => {
        server.once('error', reject);
        server.listen(port, host, resolve);
      });
      const address = server.address();
      const bound = typeof address === 'object' && address !== null ? address.port : port;
      return {
        host,
        port: bound,
        url: `http://${host.includes(':') && !host.startsWith('[') ? `[${host}]` : host}:${bound}`,
      };
    },
    async close() {
      const closed = new Promise<void>((resolve) => {
        server.close(() => resolve());
      });
      // A connection that is answering now is kept alive afterwards, and would keep the server.
      const sweeping = setInterval(() => server.closeIdleConnections(), SWEEP_MS);
      await closed.finally(() => clearInterval(sweeping));
    },
  };
}

const SWEEP_MS = 20;
/** Where the SQL of an INSERT is looked for in a body. */
const HEAD_BYTES = 4096;

interface EndpointConfig {
  readonly: boolean;
  credentials: Credentials | CredentialsCheck | undefined;
  lane: Lane;
  maxBodyBytes: number;
}

class Endpoint {
  readonly #engine: Engine;
  readonly #config: EndpointConfig;
  readonly #guard: ReadOnlyGuard;

  constructor(engine: Engine, config: EndpointConfig) {
    this.#engine = engine;
    this.#config = config;
    this.#guard = new ReadOnlyGuard(engine);
  }

  async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://localhost');
    response.setHeader('X-ClickHouse-Server-Display-Name', hostname());
    if (pathname === '/ping' || pathname === '/replicas_status') return sayOk(response);
    response.setHeader('X-ClickHouse-Query-Id', searchParams.get('query_id') ?? randomUUID());
    try {
      if (pathname !== '/') return notFound(response, pathname);
      refuseForeignPages(request);
      if (request.method === 'GET' && !searchParams.has('query')) return sayOk(response);
      authenticate(request, searchParams, this.#config.credentials);
      const query = parseQueryRequest(
        request,
        searchParams,
        await readBody(request, this.#config.maxBodyBytes),
      );
      const answer = await this.#config.lane.run(() => this.#run(request, response, query));
      await sendAnswer(request, response, searchParams, query, answer);
    } catch (error) {
      sendError(response, error);
    }
  }

  async #run(request: IncomingMessage, response: ServerResponse, query: QueryRequest): Promise<Answer> {
    const inserts = query.data !== undefined;
    if (this.#config.readonly) {
      const data = Buffer.from(query.data?.subarray(0, HEAD_BYTES) ?? []).toString('latin1');
      await this.#guard.check(query.sql + data, query.params ?? {});
    } else {
      await this.#checkOwner(query);
    }
    const gone = new AbortController();
    const onClose = () => gone.abort(new Error('The client went away.'));
    // As a server does: what reads is stopped when nobody waits for it, what writes is finished.
    if (!inserts) response.once('close', onClose);
    const statement: Statement = {
      ...query,
      access: this.#config.readonly ? 'analyst' : request.method === 'GET' ? 'reader' : 'owner',
      signal: gone.signal,
    };
    try {
      return await this.#engine.run(statement);
    } finally {
      response.off('close', onClose);
    }
  }

  async #checkOwner({ sql, data }: QueryRequest): Promise<void> {
    const insert =
      data === undefined ? '' : sql + Buffer.from(data.subarray(0, HEAD_BYTES)).toString('latin1');
    const head = insert === '' ? sql : (insert.split(/\b(?:format|values|select)\b/i)[0] ?? '');
    if (/\b(?:into\s+outfile|from\s+infile)\b/i.test(head)) {
      throw new EngineError(
        'Code: 48. DB::Exception: Files are for clickhouse-client, not for HTTP. (NOT_IMPLEMENTED)',
      );
    }
    if (insert !== '') return;
    const { statementCount } = await this.#engine.classify(sql);
    if (statementCount > 1) throw multiStatement();
    if (sql.trim() === '') {
      throw new EngineError('Code: 62. DB::Exception: Syntax error: Empty query. (SYNTAX_ERROR)');
    }
  }
}
