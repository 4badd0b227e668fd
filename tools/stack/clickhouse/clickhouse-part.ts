import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Environment } from '../cache/cache-directory.ts';
import { expectOk, type Part } from '../part.ts';

const main = fileURLToPath(new URL('./main.ts', import.meta.url));

/** ClickHouse's HTTP interface over chdb, in a process of its own. */
export function clickhousePart(options: { directory: string; port: number; environment: Environment }): Part {
  return {
    name: 'clickhouse',
    program: {
      command: process.execPath,
      args: [main],
      directory: options.directory,
      environment: {
        // Each statement under way takes one of these threads; 8 statements and room for files.
        UV_THREADPOOL_SIZE: '12',
        ...options.environment,
        CLICKHOUSE_DATA_DIR: join(options.directory, 'clickhouse'),
        CLICKHOUSE_HTTP_PORT: String(options.port),
      },
    },
    check: () => expectOk(`http://127.0.0.1:${options.port}/ping`),
    startMs: 30_000,
    stopMs: 15_000,
  };
}
