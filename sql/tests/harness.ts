import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Embedded, openEmbedded } from '@evenkeel/embedded';
import { parseFact, type ReceivedFact } from '@evenkeel/events';
import { createStore, markAgain, migrate, Refresher, selectRows, ViewDefinitions } from '@evenkeel/store';

/** Every migration applied to an embedded ClickHouse of its own. */
export interface SqlHarness {
  readonly embedded: Embedded;
  /** Takes canonical facts through the door into the tables; the numbers follow with `refresh`. */
  post(facts: readonly object[], token?: string): Promise<void>;
  refresh(): Promise<void>;
  select(query: string, parameters?: Record<string, unknown>): Promise<Record<string, unknown>[]>;
  command(query: string): Promise<void>;
  /** Bounds one recompute; what is not named is as it is without this. */
  limit(columns?: Readonly<Partial<Record<RecomputeLimit, number>>>): Promise<void>;
  /** Empties every table that facts reach. */
  reset(): Promise<void>;
  /** Ends ClickHouse and starts it again on the same data, as the embedded process does. */
  restart(): Promise<void>;
  close(): Promise<void>;
}

/** A column of `recompute_limits`. */
type RecomputeLimit =
  | 'services_per_refresh'
  | 'facts_per_refresh'
  | 'facts_per_service'
  | 'whole_facts'
  | 'recent_days'
  | 'context_days';

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
  const directory = fileURLToPath(new URL('../migrations', import.meta.url));
  const onStart = fileURLToPath(new URL('../on-start/mark-again.sql', import.meta.url));
  const troubles: string[] = [];
  const open = async () => {
    const embedded = openEmbedded({ path, database: 'evenkeel' });
    const client = embedded.client();
    await migrate(client, { directory, database: 'evenkeel', alone: true });
    await markAgain(client, onStart);
    const refresher = new Refresher(client, {
      onTrouble: (message, detail) => troubles.push(`${message} ${JSON.stringify(detail)}`),
    });
    return {
      embedded,
      client,
      store: createStore(client),
      refresher,
      definitions: new ViewDefinitions(client),
    };
  };
  let running = await open();
  let batches = 0;
  const command = async (query: string) => {
    await running.client.command({ query });
  };
  return {
    get embedded() {
      return running.embedded;
    },
    async post(facts, token) {
      batches += 1;
      await running.store.write({ facts: facts.map(received), rejected: [] }, token ?? `test ${batches}`);
    },
    async refresh() {
      await running.refresher.drain();
      if (troubles.length > 0) throw new Error(troubles.splice(0).join('\n'));
    },
    // Budgets as the API asks for them: a view inside a view is analysed many times, and slow. Other arguments than
    // bound ones would lose their types.
    async select(query, parameters) {
      const text = /\{slo_ids:/.test(query) ? await running.definitions.inline(query) : query;
      return selectRows(running.client, text, parameters);
    },
    command,
    async limit(columns = {}) {
      const row = { services_per_refresh: 40, facts_per_service: 5_000_000, ...columns };
      await command(
        `insert into recompute_limits (${Object.keys(row).join(', ')}) values (${Object.values(row).join(', ')})`,
      );
    },
    async reset() {
      const tables = await selectRows<{ name: string }>(
        running.client,
        `select name from system.tables where database = 'evenkeel' and engine like '%MergeTree'
         and name not in ('schema_migrations', 'recompute_limits', 'cost_recompute_limits', 'sli_recompute_limits') and name not like '.inner%'`,
      );
      for (const { name } of tables) await command(`truncate table ${name}`);
    },
    async restart() {
      await running.embedded.close();
      running = await open();
    },
    async close() {
      await running.embedded.close();
      rmSync(path, { recursive: true, force: true });
    },
  };
}
