import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { dirname, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

/** Who has a data directory open. */
export interface Holder {
  pid: number;
  host: string;
  /** RFC 3339, UTC. */
  since: string;
  /** Where the holder can be reached, once it listens. */
  address?: string;
}

/** Another process (or this one, a second time) has the data directory open. */
export class DataDirectoryHeldError extends Error {
  readonly code = 'DATA_DIRECTORY_HELD';
  readonly directory: string;
  readonly holder: Holder | undefined;

  constructor(directory: string, holder: Holder | undefined) {
    const who =
      holder === undefined
        ? 'another process that has not said who it is'
        : `process ${holder.pid} on ${holder.host} since ${holder.since}` +
          (holder.address === undefined ? '' : `, reachable at ${holder.address}`);
    super(
      `The data directory ${directory} is in use by ${who}. Stop that process, or choose another directory (EVENKEEL_DATA_DIR).`,
    );
    this.name = 'DataDirectoryHeldError';
    this.directory = directory;
    this.holder = holder;
  }
}

export interface DataDirectoryLock {
  /** Says where this process can be reached, for the message that a second one prints. */
  announce(address: string): void;
  release(): void;
}

/** One level after the other: Node's own recursive way never returns where a level cannot be made, as under /proc. */
function makeDirectory(path: string): void {
  if (existsSync(path)) return;
  makeDirectory(dirname(path));
  mkdirSync(path);
}

/**
 * Takes the data directory for this process.
 *
 * The lock is SQLite's exclusive file lock, because Node offers no `flock` of its own: the operating system drops it
 * when the process dies, however it dies, so nothing can be stale and two starters cannot both win. The file beside
 * it only names the holder; nothing is decided by it.
 *
 * @throws DataDirectoryHeldError when somebody else has it
 */
export function lockDataDirectory(directory: string): DataDirectoryLock {
  makeDirectory(directory);
  const database = new DatabaseSync(join(directory, 'lock'), { timeout: 0 });
  try {
    database.exec('begin exclusive');
  } catch (error) {
    database.close();
    if (isBusy(error)) throw new DataDirectoryHeldError(directory, readHolder(directory));
    throw error;
  }
  const holder: Holder = { pid: process.pid, host: hostname(), since: new Date().toISOString() };
  writeHolder(directory, holder);
  let held = true;
  return {
    announce(address) {
      if (held) writeHolder(directory, { ...holder, address });
    },
    release() {
      if (!held) return;
      held = false;
      rmSync(holderFile(directory), { force: true });
      database.close();
    },
  };
}

const holderFile = (directory: string) => join(directory, 'holder.json');

function writeHolder(directory: string, holder: Holder): void {
  const draft = `${holderFile(directory)}.${holder.pid}`;
  writeFileSync(draft, `${JSON.stringify(holder)}\n`);
  renameSync(draft, holderFile(directory));
}

/** The winner writes its name just after it has won; a loser in that instant waits for it a little. */
function readHolder(directory: string): Holder | undefined {
  const sleeper = new Int32Array(new SharedArrayBuffer(4));
  for (let attempt = 0; attempt < 10; attempt += 1) {
    const holder = parseHolder(directory);
    if (holder !== undefined) return holder;
    Atomics.wait(sleeper, 0, 0, 50);
  }
  return undefined;
}

function parseHolder(directory: string): Holder | undefined {
  try {
    const value: unknown = JSON.parse(readFileSync(holderFile(directory), 'utf8'));
    if (typeof value !== 'object' || value === null) return undefined;
    const { pid, host, since, address } = value as Record<keyof Holder, unknown>;
    if (typeof pid !== 'number' || typeof host !== 'string' || typeof since !== 'string') return undefined;
    return { pid, host, since, ...(typeof address === 'string' ? { address } : {}) };
  } catch {
    return undefined;
  }
}

function isBusy(error: unknown): boolean {
  const SQLITE_BUSY = 5;
  return error instanceof Error && 'errcode' in error && error.errcode === SQLITE_BUSY;
}
