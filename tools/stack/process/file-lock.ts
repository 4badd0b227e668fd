import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as sleep } from 'node:timers/promises';

/** Gives a lock back. */
export type Release = () => void;

const busy = 5;

/**
 * Takes the lock of a file, or says that another process has it. It is SQLite's file lock, which the operating system
 * drops however the holder dies, so that no lock is ever stale; Node has no `flock` of its own.
 *
 * @returns how to give it back; undefined when another has it
 */
export function tryLock(file: string): Release | undefined {
  mkdirSync(dirname(file), { recursive: true });
  const database = new DatabaseSync(file, { timeout: 0 });
  try {
    database.exec('begin exclusive');
  } catch (error) {
    database.close();
    if (error instanceof Error && 'errcode' in error && error.errcode === busy) return undefined;
    throw error;
  }
  return () => database.close();
}

/** Waits for the lock of a file. */
export async function lock(file: string, onWaiting: () => void): Promise<Release> {
  for (let attempt = 0; ; attempt += 1) {
    const release = tryLock(file);
    if (release !== undefined) return release;
    if (attempt === 0) onWaiting();
    await sleep(300);
  }
}
