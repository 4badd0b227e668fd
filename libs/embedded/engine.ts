import { randomUUID } from 'node:crypto';
import { type Addon, loadAddon, type NativeClassification, type NativeConnection } from './addon.ts';
import type { AnalystLimits } from './engine-config.ts';
import { EngineError } from './engine-error.ts';
import { identifier, stringLiteral } from './sql-text.ts';
import { type Statement, setup } from './statement.ts';

export interface Answer {
  bytes: Buffer;
  elapsedSeconds: number;
  rowsRead: number;
  bytesRead: number;
  rowsWritten: number;
  bytesWritten: number;
}

const NO_DATA_TO_INSERT = 108;
const KILL_AGAIN_MS = 50;

/**
 * ClickHouse in this process, one data directory.
 *
 * Each statement gets a connection of its own (0.2 ms), because settings, parameters and the current database stick
 * to a connection. So nothing of one statement can be seen by the next, and statements run in parallel.
 */
export class Engine {
  readonly #addon: Addon;
  readonly #path: string;
  readonly #keeper: NativeConnection;
  readonly #limits: AnalystLimits;
  readonly #database: string | undefined;
  readonly #running = new Map<string, Promise<unknown>>();
  #open = true;

  constructor(options: {
    path: string;
    args: readonly string[];
    limits: AnalystLimits;
    database?: string | undefined;
  }) {
    this.#addon = loadAddon();
    this.#path = options.path;
    this.#limits = options.limits;
    this.#database = options.database;
    this.#keeper = inUtc(() => this.#addon.CreateConnection(options.path, options.args));
    if (options.database !== undefined) {
      const create = `CREATE DATABASE IF NOT EXISTS ${identifier(options.database)} ENGINE = Atomic`;
      this.#addon.QueryWithConnection(this.#keeper, create, 'Null');
    }
  }

  /** chdb's version, which is ClickHouse's. */
  get version(): string {
    return this.#addon.EngineVersion();
  }

  /** @throws EngineError with ClickHouse's code and message */
  async run(statement: Statement): Promise<Answer> {
    return this.#onConnection(statement.signal, async (connection, tag) => {
      await this.#query(
        connection,
        setup({ ...statement, database: statement.database ?? this.#database }, tag, this.#limits),
        'Null',
      );
      statement.signal?.throwIfAborted();
      if (statement.data !== undefined && statement.data.byteLength > 0) {
        return this.#insert(connection, statement.sql, statement.data);
      }
      return this.#query(connection, statement.sql, statement.format ?? 'TabSeparated').catch(
        (error: unknown) => {
          // A server takes an INSERT without rows as done; the embedded client calls it an error.
          if (
            statement.data !== undefined &&
            error instanceof EngineError &&
            error.code === NO_DATA_TO_INSERT
          ) {
            return NOTHING;
          }
          throw error;
        },
      );
    });
  }

  /** Asks ClickHouse's parser what a text is, without running it. */
  async classify(sql: string): Promise<NativeClassification> {
    return this.#onConnection(undefined, (connection) =>
      this.#addon.DurableClassifyAsync(connection, sql, 'default'),
    );
  }

  /** Stops what runs, waits until it has stopped, then lets the data directory go. */
  async close(): Promise<void> {
    if (!this.#open) return;
    this.#open = false;
    while (this.#running.size > 0) {
      for (const tag of this.#running.keys()) this.#kill(tag);
      const settled = Promise.allSettled(this.#running.values());
      await Promise.race([settled, new Promise((again) => setTimeout(again, KILL_AGAIN_MS))]);
    }
    this.#addon.CloseConnection(this.#keeper);
  }

  /** A connection must never be closed under a running statement: that ends the engine for the whole process. */
  async #onConnection<T>(
    signal: AbortSignal | undefined,
    work: (connection: NativeConnection, tag: string) => Promise<T>,
  ): Promise<T> {
    if (!this.#open)
      throw new EngineError('Code: 236. DB::Exception: The embedded engine is closed. (ABORTED)');
    signal?.throwIfAborted();
    const tag = randomUUID();
    const connection = this.#addon.CreateConnection(this.#path);
    const done = work(connection, tag).finally(() => {
      this.#running.delete(tag);
      this.#addon.CloseConnection(connection);
    });
    this.#running.set(tag, done);
    return signal === undefined ? done : this.#orAborted(done, tag, signal);
  }

  async #orAborted<T>(done: Promise<T>, tag: string, signal: AbortSignal): Promise<T> {
    let killing: NodeJS.Timeout | undefined;
    let onAbort = () => {};
    const aborted = new Promise<never>((_, reject) => {
      onAbort = () => {
        // Again and again, because the statement may not have reached the engine yet.
        const attempt = () => {
          if (!this.#running.has(tag)) return;
          this.#kill(tag);
          killing = setTimeout(attempt, KILL_AGAIN_MS);
        };
        attempt();
        reject(signal.reason);
      };
      signal.addEventListener('abort', onAbort, { once: true });
    });
    done
      .finally(() => {
        clearTimeout(killing);
        signal.removeEventListener('abort', onAbort);
      })
      .catch(() => {});
    return Promise.race([done, aborted]);
  }

  /** Synchronous (about 1 ms), so that it needs no thread: all of them may be busy with what it has to stop. */
  #kill(tag: string): void {
    const sql = `KILL QUERY WHERE Settings['log_comment'] = ${stringLiteral(tag)} ASYNC`;
    this.#addon.QueryWithConnection(this.#keeper, sql, 'Null');
  }

  async #query(connection: NativeConnection, sql: string, format: string): Promise<Answer> {
    try {
      const result = await this.#addon.QueryAsyncConnection(connection, sql, format);
      return { ...NOTHING, ...result, elapsedSeconds: result.elapsed };
    } catch (error) {
      throw asEngineError(error);
    }
  }

  async #insert(connection: NativeConnection, sql: string, data: Uint8Array): Promise<Answer> {
    try {
      const bytes = Buffer.from(data.buffer, data.byteOffset, data.byteLength);
      const result = await this.#addon.InsertRawAsyncConnection(connection, sql, bytes, false);
      return { ...NOTHING, ...result, elapsedSeconds: result.elapsed };
    } catch (error) {
      throw asEngineError(error);
    }
  }
}

const NOTHING: Answer = {
  bytes: Buffer.alloc(0),
  elapsedSeconds: 0,
  rowsRead: 0,
  bytesRead: 0,
  rowsWritten: 0,
  bytesWritten: 0,
};

function asEngineError(error: unknown): EngineError {
  const message = error instanceof Error ? error.message : String(error);
  return new EngineError(message, { cause: error });
}

/**
 * The engine takes its time zone from the process when it starts. It has to be UTC everywhere: the same column must
 * not mean something else on a laptop than on a server.
 */
function inUtc<T>(work: () => T): T {
  const before = process.env['TZ'];
  process.env['TZ'] = 'UTC';
  try {
    return work();
  } finally {
    if (before === undefined) delete process.env['TZ'];
    else process.env['TZ'] = before;
  }
}
