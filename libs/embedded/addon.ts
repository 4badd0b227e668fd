import { createRequire } from 'node:module';

/** One native connection. Opaque: only the addon may look inside. */
export interface NativeConnection {
  readonly __native: unique symbol;
}

/** What chdb's native addon answers to a query. */
interface NativeResult {
  bytes: Buffer;
  /** Seconds, as the engine measured them. */
  elapsed: number;
  rowsRead: number;
  bytesRead: number;
}

/** ClickHouse's own parser's opinion of a text. Classes as chdb's `chdb_query_class`. */
export interface NativeClassification {
  statementCount: number;
  /** 0 reads, 1 writes, 2 writes outside any database, 3 SET, USE, SYSTEM, KILL, INTO OUTFILE…, 4 did not parse. */
  queryClass: number;
}

/**
 * The part of chdb's addon that we use.
 *
 * Why the addon and not `chdb/connection`: that one lets settings stick to a connection, runs every query with
 * bound parameters in one chain for the whole process, decodes inserts as UTF-8 (so Parquet and RowBinary break)
 * and cannot pass engine arguments. All of that is JavaScript around these few calls.
 */
export interface Addon {
  CreateConnection(path: string, args?: readonly string[]): NativeConnection;
  CloseConnection(connection: NativeConnection): void;
  QueryAsyncConnection(connection: NativeConnection, sql: string, format: string): Promise<NativeResult>;
  /** Blocks the event loop: only for statements known to be instant. */
  QueryWithConnection(connection: NativeConnection, sql: string, format: string): string;
  /** `prefix` is SQL, `data` are the raw bytes that follow it, in the format that the SQL names. */
  InsertRawAsyncConnection(
    connection: NativeConnection,
    prefix: string,
    data: Buffer,
    countLines: boolean,
  ): Promise<{ elapsed: number; rowsWritten: number; bytesWritten: number }>;
  DurableClassifyAsync(
    connection: NativeConnection,
    sql: string,
    database: string,
  ): Promise<NativeClassification>;
  EngineVersion(): string;
}

let loaded: Addon | undefined;

/** Loads the native library on first use (0.5 GB mapped, about 0.1 s). */
export function loadAddon(): Addon {
  if (loaded === undefined) {
    const chdb = createRequire(import.meta.resolve('chdb/package.json'));
    loaded = (chdb('./dist/loader.js') as { loadNative(): Addon }).loadNative();
  }
  return loaded;
}
