import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ClickHouseClient, type ClickHouseClientConfigOptions, createClient } from '@clickhouse/client';
import { createChdbConnection } from 'chdb/connection';
import { selectRows } from './select.ts';

/** A real ClickHouse in this process, for tests; one directory a process. */
export interface TestDatabase {
  readonly client: ClickHouseClient;
  /** A further connection to the same data. */
  connect(): ClickHouseClient;
  rows<Row>(query: string): Promise<Row[]>;
  close(): Promise<void>;
}

/** Opens a fresh database in a directory of its own, or one that is kept. */
export function openTestDatabase(path?: string): TestDatabase {
  const directory = path ?? mkdtempSync(join(tmpdir(), 'evenkeel-store-'));
  const clients: ClickHouseClient[] = [];
  const connect = () => {
    // The embedded connection is typed by another copy of the client's types.
    const connection: unknown = createChdbConnection({ path: directory });
    const client = createClient({ connection } as ClickHouseClientConfigOptions);
    clients.push(client);
    return client;
  };
  const client = connect();
  return {
    client,
    connect,
    rows: (query) => selectRows(client, query),
    async close() {
      for (const each of clients) await each.close();
      if (path === undefined) rmSync(directory, { recursive: true, force: true });
    },
  };
}
