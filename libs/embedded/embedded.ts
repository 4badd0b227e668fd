import { mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { type ClickHouseClient, createClient } from '@clickhouse/client';
import { createEngineConnection } from './connection.ts';
import { lockDataDirectory } from './data-directory-lock.ts';
import { Engine } from './engine.ts';
import { type AnalystLimits, DEFAULT_ANALYST_LIMITS, writeEngineConfig } from './engine-config.ts';
import { Lane } from './lane.ts';

export interface EmbeddedOptions {
  /** The data directory. Made when missing; one process at a time. */
  path: string;
  /** The database that statements are about unless they name one; made when missing. @default ClickHouse's `default` */
  database?: string;
  /**
   * Reads that may run at the same time. Each takes one of libuv's threads, of which there are 4 unless
   * UV_THREADPOOL_SIZE says otherwise when the process starts; more reads than threads only wait.
   * @default 4
   */
  readOnlyConnections?: number;
  /** For endpoints with `readonly`. One engine has one set of limits. */
  analystLimits?: Partial<AnalystLimits>;
}

/** ClickHouse in this process. */
export interface Embedded {
  /** The data directory, absolute. */
  readonly path: string;
  /** ClickHouse's version. */
  readonly version: string;
  /**
   * The client that writes, one statement after the other. Long reads belong to {@link Embedded.reader}: here they
   * would hold up the writes. Settings hold for their own statement only.
   */
  client(): ClickHouseClient;
  /** A client for upkeep, a few statements at a time, beside the writes: what waits long must not hold them up. */
  maintainer(): ClickHouseClient;
  /** A client that reads (`readonly = 2`), several statements at a time and beside the writes. */
  reader(): ClickHouseClient;
  /** Tells a second process that finds the directory taken where to find this one. */
  announce(address: string): void;
  /** Stops what still runs, then frees the directory. */
  close(): Promise<void>;
}

const engines = new WeakMap<Embedded, Engine>();

/** The engine behind an {@link Embedded}. Only for this package. */
export function engineOf(embedded: Embedded): Engine {
  const engine = engines.get(embedded);
  if (engine === undefined) throw new TypeError('Not made by openEmbedded().');
  return engine;
}

const MAX_QUEUED = 1_000;

/** Two ways of a fork of deliveries, two of SLIs, costs beside them, and one to spare. */
const UPKEEP_AT_A_TIME = 6;

/**
 * Opens the data directory and starts ClickHouse on it (about 0.2 s).
 *
 * @throws DataDirectoryHeldError when another process has the directory
 */
export function openEmbedded(options: EmbeddedOptions): Embedded {
  const path = resolve(options.path);
  const lock = lockDataDirectory(path);
  let engine: Engine;
  try {
    const limits = { ...DEFAULT_ANALYST_LIMITS, ...options.analystLimits };
    const store = join(path, 'clickhouse');
    mkdirSync(store, { recursive: true });
    engine = new Engine({
      path: store,
      args: writeEngineConfig(join(path, 'engine'), limits),
      limits,
      database: options.database,
    });
  } catch (error) {
    lock.release();
    throw error;
  }
  const writing = new Lane('write', 1, MAX_QUEUED);
  const reading = new Lane('read', options.readOnlyConnections ?? 4, MAX_QUEUED);
  const upkeep = new Lane('upkeep', UPKEEP_AT_A_TIME, MAX_QUEUED);
  const maintainer = createClient({ connection: createEngineConnection(engine, upkeep, 'owner') });
  const writer = createClient({ connection: createEngineConnection(engine, writing, 'owner') });
  const reader = createClient({ connection: createEngineConnection(engine, reading, 'reader') });
  let closing: Promise<void> | undefined;

  const embedded: Embedded = {
    path,
    version: engine.version,
    client: () => writer,
    maintainer: () => maintainer,
    reader: () => reader,
    announce: (address) => lock.announce(address),
    close: () => {
      closing ??= engine.close().finally(() => lock.release());
      return closing;
    },
  };
  engines.set(embedded, engine);
  return embedded;
}
