import { randomUUID } from 'node:crypto';
import { Readable } from 'node:stream';
import type { ClickHouseClientConfigOptions } from '@clickhouse/client';
import { parseError } from '@clickhouse/client';
import type { Answer, Engine } from './engine.ts';
import { EngineError } from './engine-error.ts';
import type { Lane } from './lane.ts';
import { boundParameters } from './parameters.ts';
import { splitSettings } from './request-settings.ts';
import type { Statement } from './statement.ts';

type Connection = NonNullable<ClickHouseClientConfigOptions['connection']>;
type QueryParams = Parameters<Connection['query']>[0];

/** How `@clickhouse/client` reaches the engine in this process. */
export function createEngineConnection(engine: Engine, lane: Lane, access: 'owner' | 'reader'): Connection {
  const run = async (params: QueryParams, data?: Uint8Array): Promise<Answer> => {
    const { settings, format } = splitSettings(params.clickhouse_settings ?? {});
    const statement: Statement = {
      sql: params.query,
      access,
      format,
      data,
      settings,
      params: boundParameters(params.query_params ?? {}),
      signal: params.abort_signal,
    };
    try {
      return await lane.run(() => engine.run(statement));
    } catch (error) {
      throw error instanceof EngineError ? parseError(error) : error;
    }
  };
  const about = (params: { query_id?: string }) => ({
    query_id: params.query_id ?? randomUUID(),
    response_headers: {},
    http_status_code: 200,
  });

  return {
    async query(params) {
      const answer = await run(params);
      return { ...about(params), stream: readable(answer.bytes) };
    },
    async exec(params) {
      const answer = await run(
        params,
        params.values === undefined ? undefined : await collect(params.values),
      );
      return { ...about(params), stream: readable(answer.bytes), summary: summary(answer) };
    },
    async command(params) {
      return { ...about(params), summary: summary(await run(params)) };
    },
    async insert(params) {
      return { ...about(params), summary: summary(await run(params, await collect(params.values))) };
    },
    async ping(params) {
      try {
        await run({ ...params, query: 'SELECT 1' });
        return { success: true };
      } catch (error) {
        return { success: false, error: error instanceof Error ? error : new Error(String(error)) };
      }
    },
    async close() {
      // The engine belongs to whoever opened it, not to one of its clients.
    },
  };
}

async function collect(values: string | Readable): Promise<Uint8Array> {
  if (typeof values === 'string') return Buffer.from(values);
  const chunks: Buffer[] = [];
  for await (const chunk of values) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks);
}

function readable(bytes: Buffer): Readable {
  const stream = Readable.from(bytes.byteLength === 0 ? [] : [bytes], { objectMode: false });
  // The client destroys a result that nobody read with an error; without a listener that would end the process.
  stream.on('error', () => {});
  return stream;
}

/** Counts as the HTTP interface has them in `X-ClickHouse-Summary`. */
export function summary(answer: Answer) {
  const rows = String(answer.rowsRead);
  return {
    read_rows: rows,
    read_bytes: String(answer.bytesRead),
    written_rows: String(answer.rowsWritten),
    written_bytes: String(answer.bytesWritten),
    total_rows_to_read: '0',
    result_rows: answer.rowsWritten > 0 ? String(answer.rowsWritten) : rows,
    result_bytes: String(answer.bytes.byteLength),
    elapsed_ns: String(Math.round(answer.elapsedSeconds * 1e9)),
  };
}
