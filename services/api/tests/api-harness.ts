import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type ClickHouseClient, type ClickHouseClientConfigOptions, createClient } from '@clickhouse/client';
import { parseFact, type ReceivedFact } from '@evenkeel/events';
import {
  createHealthEndpoints,
  createLifecycle,
  createLogger,
  createReadiness,
  parseTokens,
  startTelemetry,
} from '@evenkeel/runtime';
import { createStore, migrate, Refresher, selectRows } from '@evenkeel/store';
import { createChdbConnection } from 'chdb/connection';
import type { FastifyInstance } from 'fastify';
import { type ApiOptions, buildApi, watchRecompute } from '../index.ts';

/** Now, for every test. */
export const NOW = new Date('2026-03-31T12:07:00Z');

/** The API over a real, embedded ClickHouse with the real schema. */
export interface ApiHarness {
  readonly app: FastifyInstance;
  /** Directory of the data. */
  readonly path: string;
  /** Lines that the API logged. */
  readonly logged: string[];
  /** Another API over the same data, e.g. with tokens. */
  build(changes: Partial<ApiOptions>): FastifyInstance;
  /** Takes canonical facts; returns once the numbers have followed. */
  post(...facts: object[]): Promise<void>;
  select<Row>(query: string, parameters?: Record<string, unknown>): Promise<Row[]>;
  close(): Promise<void>;
}

/** Open a fresh database and an API over it. */
export async function openApiHarness(): Promise<ApiHarness> {
  const path = mkdtempSync(join(tmpdir(), 'evenkeel-api-'));
  const [client, reader] = [connect(path), connect(path)];
  const directory = fileURLToPath(new URL('../../../sql/migrations', import.meta.url));
  await migrate(client, { directory, database: 'evenkeel', alone: true });
  await reader.command({ query: 'use evenkeel' });
  const store = createStore(client);
  const troubles: string[] = [];
  const refresher = new Refresher(client, { onTrouble: (message) => troubles.push(message) });
  const logged: string[] = [];
  const logger = createLogger({
    name: 'api',
    level: 'info',
    output: { write: (line) => logged.push(line) },
  });
  const telemetry = await startTelemetry({ service: 'test' });
  const readiness = createReadiness();
  watchRecompute({ client: reader, readiness, meter: telemetry.meter });
  const lifecycle = createLifecycle({ logger, graceMs: 1000 });
  lifecycle.started();
  const health = createHealthEndpoints({
    lifecycle,
    readiness,
    telemetry,
  });
  const apps: FastifyInstance[] = [];
  const build = (changes: Partial<ApiOptions>) => {
    const app = buildApi({
      client: reader,
      clock: () => NOW,
      tokens: [],
      logger,
      health,
      meter: telemetry.meter,
      ...changes,
    });
    apps.push(app);
    return app;
  };
  let batches = 0;
  return {
    app: build({}),
    path,
    logged,
    build,
    async post(...facts) {
      batches += 1;
      await store.write({ facts: facts.map(received), rejected: [] }, `batch ${batches}`);
      await refresher.drain();
      if (troubles.length > 0) throw new Error(troubles.join('\n'));
    },
    select: (query, parameters) => selectRows(reader, query, parameters),
    async close() {
      for (const app of apps) await app.close();
      await telemetry.close();
      await reader.close();
      await client.close();
      rmSync(path, { recursive: true, force: true });
    },
  };
}

/** One more connection to the data of a directory. */
export function connect(path: string): ClickHouseClient {
  // The embedded connection is typed by another copy of the client's types.
  const connection: unknown = createChdbConnection({ path });
  return createClient({ connection } as ClickHouseClientConfigOptions);
}

/** Accepted tokens from their text. */
export function tokens(text: string): ApiOptions['tokens'] {
  const parsed = parseTokens(text);
  if (parsed.outcome === 'ok') return parsed.tokens;
  throw new Error(parsed.reason);
}

function received(fact: object): ReceivedFact {
  const parsed = parseFact(fact, NOW);
  if (parsed.outcome === 'ok') return parsed.received;
  throw new Error(JSON.stringify(parsed.errors));
}
