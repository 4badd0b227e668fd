import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import type { OnProgress } from './cache/cached.ts';
import { tryLock } from './process/file-lock.ts';
import { StackError } from './process/stack-error.ts';

const recordSchema = z.object({ runner: z.number(), parts: z.record(z.string(), z.number()) });

/** The directory of a stack, ours until it is released. */
export interface StackLock {
  /** Keeps which processes belong to this run. */
  record(parts: Readonly<Record<string, number>>): void;
  release(): void;
}

/** Longest wait for the processes of a run that was killed, in milliseconds; their guards end them within less. */
const leftoverMs = 20_000;

/**
 * Takes the directory of a stack. What a killed run left behind is ending by itself by then, and is waited for.
 *
 * @throws {StackError} when another stack runs there, or something is left that does not end
 */
export async function lockStack(directory: string, onProgress: OnProgress): Promise<StackLock> {
  mkdirSync(directory, { recursive: true });
  const file = join(directory, 'processes.json');
  const release = tryLock(join(directory, 'lock'));
  if (release === undefined) {
    const runner = readRecord(file)?.runner;
    throw new StackError(
      `A stack is already running in ${directory}${runner === undefined ? '' : ` (process ${runner})`}. ` +
        'Stop it, or choose another directory with EVENKEEL_DATA_DIR.',
    );
  }
  try {
    await waitForLeftovers(file, onProgress);
  } catch (error) {
    release();
    throw error;
  }
  return {
    record(parts) {
      writeFileSync(file, JSON.stringify({ runner: process.pid, parts }));
    },
    release() {
      rmSync(file, { force: true });
      release();
    },
  };
}

async function waitForLeftovers(file: string, onProgress: OnProgress): Promise<void> {
  const left = () => Object.entries(readRecord(file)?.parts ?? {}).filter(([, pid]) => isAlive(pid));
  const say = () =>
    left()
      .map(([part, pid]) => `${part} (process ${pid})`)
      .join(', ');
  if (left().length > 0) onProgress(`the last run was killed; waiting for what it left to end: ${say()}`);
  for (const deadline = Date.now() + leftoverMs; left().length > 0; await sleep(200)) {
    if (Date.now() < deadline) continue;
    throw new StackError(`Left behind by a run that was killed, and still running: ${say()}. End it first.`);
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

function readRecord(file: string): z.output<typeof recordSchema> | undefined {
  try {
    return recordSchema.safeParse(JSON.parse(readFileSync(file, 'utf8'))).data;
  } catch {
    return undefined;
  }
}
