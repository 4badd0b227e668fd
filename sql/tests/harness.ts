import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Embedded, openEmbedded } from '@evenkeel/embedded';
import { parseFact, type ReceivedFact } from '@evenkeel/events';
import { createStore, migrate, Refresher, selectRows } from '@evenkeel/store';

/** Every migration applied to an embedded ClickHouse of its own. */
export interface SqlHarness {
  readonly embedded: Embedded;
  /** Takes canonical facts through the door into the tables; the numbers follow with `refresh`. */
  post(facts: readonly object[], token?: string): Promise<void>;
  refresh(): Promise<void>;
  select(query: string, parameters?: Record<string, unknown>): Promise<Record<string, unknown>[]>;
  command(query: string): Promise<void>;
  /** Empties every table that facts reach. */
  reset(): Promise<void>;
  close(): Promise<void>;
}

const receivedAt = new Date('2100-01-01T00:00:00Z');

/** A fact as the door lets it in; throws on one that it refuses, because test data is expected to be right. */
function received(fact: object): ReceivedFact {
  const parsed = parseFact(fact, receivedAt);
  if (parsed.outcome === 'ok') return parsed.received;
  throw new Error(`${JSON.stringify(fact)}: ${JSON.stringify(parsed.errors)}`);
}

/** Opens a fresh database with the schema of `sql/migrations`. */
export async function openSqlHarness(): Promise<SqlHarness> {
  const path = mkdtempSync(join(tmpdir(), 'evenkeel-sql-'));
  const embedded = openEmbedded({ path, database: 'evenkeel' });
  const client = embedded.client();
  const directory = fileURLToPath(new URL('../migrations', import.meta.url));
  await migrate(client, { directory, database: 'evenkeel', alone: true });
  const store = createStore(client);
  const refresher = new Refresher(client, {
    onTrouble: (message, detail) => troubles.push(`${message} ${JSON.stringify(detail)}`),
  });
  const troubles: string[] = [];
  let batches = 0;
  const command = async (query: string) => {
    await client.command({ query });
  };
  return {
    embedded,
    async post(facts, token) {
      batches += 1;
      await store.write({ facts: facts.map(received), rejected: [] }, token ?? `test ${batches}`);
    },
    async refresh() {
      await refresher.drain();
      if (troubles.length > 0) throw new Error(troubles.splice(0).join('\n'));
    },
    select: (query, parameters) => selectRows(client, query, parameters),
    command,
    async reset() {
      const tables = await selectRows<{ name: string }>(
        client,
        `select name from system.tables where database = 'evenkeel' and engine like '%MergeTree'
         and name not in ('schema_migrations', 'recompute_limits') and name not like '.inner%'`,
      );
      for (const { name } of tables) await command(`truncate table ${name}`);
    },
    async close() {
      await embedded.close();
      rmSync(path, { recursive: true, force: true });
    },
  };
}
