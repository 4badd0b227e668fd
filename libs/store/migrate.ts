import type { ClickHouseClient } from '@clickhouse/client';
import { clickhouseCode, describe, isAway, StoreUnavailable } from './clickhouse-errors.ts';
import { type MigrationFile, readMigrations, type Statement } from './migration-files.ts';
import { type HeldLock, type LockOptions, withMigrationLock } from './migration-lock.ts';
import { selectRows } from './select.ts';

/** Options of {@link migrate}. */
export interface MigrateOptions extends LockOptions {
  /** Directory of the files `NNNN_name.sql`. */
  readonly directory: string;
  readonly database: string;
  /** Directory of what only a server can do (roles, users, quotas), applied after the rest; none when unset. */
  readonly serverOnlyDirectory?: string;
  /** Told before each statement. */
  readonly onProgress?: (progress: { file: string; statement: number; of: number }) => void;
}

/** A migration that could not be applied; the message names the file and the statement. */
export class MigrationError extends Error {
  override readonly name = 'MigrationError';
  readonly code: 'migration_failed' | 'migration_changed';
  /** Exit code for a process that cannot go on; see `docs/errors.md`. */
  readonly exitCode = 70;
  readonly file: string;
  /** Position in the file, from 1; 0 when it is about the whole file. */
  readonly statement: number;

  constructor(
    code: 'migration_failed' | 'migration_changed',
    where: { file: string; statement: number },
    reason: string,
    cause?: unknown,
  ) {
    super(`${where.file}, statement ${where.statement}: ${reason}`, { cause });
    this.code = code;
    this.file = where.file;
    this.statement = where.statement;
  }
}

/** What is known of a file that was applied, wholly or in part. */
interface Applied {
  /** Checksum of the file once all of it was applied. */
  complete: string | undefined;
  /** Checksum of each statement that was begun, and whether it was seen to end. */
  statements: Map<number, { sha256: string; done: boolean }>;
}

/** Column, table, database or role exists: a statement that was begun before a crash had done its work. */
const doneAlready: ReadonlySet<string> = new Set(['15', '57', '82', '493']);

/**
 * Brings a database to the state of the numbered files, creating it if it is missing. Several processes may start at
 * once: one applies, the others wait (see the lock). Each statement is recorded before and after, so a crash in the
 * middle of a file is taken up where it stopped. Nothing to do costs two small queries and no lock.
 *
 * @throws {MigrationError} naming file and statement
 * @throws {StoreUnavailable} or the client's own error when ClickHouse is away (`isAway` tells): try again
 */
export async function migrate(
  client: ClickHouseClient,
  options: MigrateOptions,
): Promise<{ applied: string[] }> {
  const files = [
    ...(await readMigrations(options.directory)),
    ...(options.serverOnlyDirectory === undefined
      ? []
      : await readMigrations(options.serverOnlyDirectory, 'server-only/')),
  ];
  await client.command({ query: `create database if not exists ${options.database}` });
  await client.command({ query: `use ${options.database}` });
  await client.command({ query: recordTable });
  if (pending(files, await readApplied(client)).length === 0) return { applied: [] };
  return withMigrationLock(client, options, async (lock) => {
    const applied = await readApplied(client);
    const todo = pending(files, applied);
    for (const file of todo) await apply(client, lock, file, applied.get(file.name), options);
    return { applied: todo.map((file) => file.name) };
  });
}

const recordTable = `create table if not exists schema_migrations (
  name String comment 'file, without .sql',
  statement UInt32 comment 'position in the file, from 1; 0: all of it',
  state LowCardinality(String) comment 'started or done',
  sha256 String comment 'SHA-256 of the statement, or of the file',
  at DateTime64(3, 'UTC') default now64(3) comment 'when, UTC'
) engine = MergeTree order by (name, statement, at)
comment 'Which migrations were applied, statement by statement'`;

async function readApplied(client: ClickHouseClient): Promise<Map<string, Applied>> {
  const rows = await selectRows<{ name: string; statement: number; state: string; sha256: string }>(
    client,
    'select name, statement, state, sha256 from schema_migrations order by name, statement, at, state desc',
  );
  const applied = new Map<string, Applied>();
  for (const row of rows) {
    const file = applied.get(row.name) ?? { complete: undefined, statements: new Map() };
    applied.set(row.name, file);
    if (row.statement === 0) file.complete = row.sha256;
    else {
      const before = file.statements.get(row.statement)?.done ?? false;
      file.statements.set(row.statement, { sha256: row.sha256, done: before || row.state === 'done' });
    }
  }
  return applied;
}

/** The files that are not wholly applied yet; throws when one that was applied differs now. */
function pending(files: readonly MigrationFile[], applied: ReadonlyMap<string, Applied>): MigrationFile[] {
  return files.filter((file) => {
    const known = applied.get(file.name);
    if (known === undefined) return true;
    if (known.complete !== undefined && known.complete !== file.sha256) {
      throw new MigrationError(
        'migration_changed',
        { file: file.name, statement: 0 },
        'was applied and has been changed since; put it back and add a new file',
      );
    }
    for (const [number, statement] of known.statements) {
      if (statement.done && file.statements[number - 1]?.sha256 !== statement.sha256) {
        throw new MigrationError(
          'migration_changed',
          { file: file.name, statement: number },
          'was applied and has been changed since; put it back and add a new file',
        );
      }
    }
    return known.complete === undefined;
  });
}

async function apply(
  client: ClickHouseClient,
  lock: HeldLock,
  file: MigrationFile,
  known: Applied | undefined,
  options: MigrateOptions,
): Promise<void> {
  for (const statement of file.statements) {
    const before = known?.statements.get(statement.number);
    if (before?.done) continue;
    await lock.assertHeld();
    options.onProgress?.({ file: file.name, statement: statement.number, of: file.statements.length });
    await record(client, file.name, statement.number, 'started', statement.sha256);
    await run(client, file, statement, before?.sha256 === statement.sha256);
    await record(client, file.name, statement.number, 'done', statement.sha256);
  }
  await record(client, file.name, 0, 'done', file.sha256);
}

async function run(
  client: ClickHouseClient,
  file: MigrationFile,
  statement: Statement,
  begunBefore: boolean,
): Promise<void> {
  try {
    await client.command({ query: statement.text });
  } catch (error) {
    if (begunBefore && doneAlready.has(clickhouseCode(error) ?? '')) return;
    if (isAway(error)) throw new StoreUnavailable(describe(error), { cause: error });
    const start = withoutLeadingComments(statement.text).split('\n', 1)[0] ?? '';
    const where = { file: file.name, statement: statement.number };
    throw new MigrationError('migration_failed', where, `${describe(error)} (${start})`, error);
  }
}

function withoutLeadingComments(sql: string): string {
  return sql.replace(/^(\s*(--[^\n]*\n|\/\*[\s\S]*?\*\/))*\s*/, '');
}

/** Name and state come from the program, the name from a checked file name, so all of it can stand in the text. */
async function record(
  client: ClickHouseClient,
  name: string,
  statement: number,
  state: 'started' | 'done',
  sha256: string,
): Promise<void> {
  await client.command({
    query: `insert into schema_migrations (name, statement, state, sha256) values ('${name}', ${statement}, '${state}', '${sha256}')`,
  });
}
