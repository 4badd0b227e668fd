import { spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Environment } from '../cache/cache-directory.ts';
import { guard } from './guard.ts';

/** What to run. */
export interface Program {
  readonly command: string;
  readonly args: readonly string[];
  readonly environment: Environment;
  readonly directory: string;
  /** File that takes what it writes, at its end. */
  readonly logFile: string;
}

/** A running program. */
export interface NativeProcess {
  readonly pid: number;
  /** Resolves when it has ended, with the exit code or the signal. */
  readonly exited: Promise<string>;
  readonly running: boolean;
  signal(signal: NodeJS.Signals): void;
  /** Asks it to end, and ends it when it has not after `graceMs` milliseconds. */
  stop(graceMs: number): Promise<void>;
}

/** Starts a program in a session of its own, so that Ctrl-C reaches only the runner, which stops the parts in order. */
export async function startProcess(program: Program): Promise<NativeProcess> {
  mkdirSync(dirname(program.logFile), { recursive: true });
  const log = openSync(program.logFile, 'a');
  const child = spawn(program.command, program.args, {
    cwd: program.directory,
    env: program.environment,
    detached: true,
    stdio: ['ignore', log, log],
  });
  closeSync(log);
  await new Promise<void>((resolve, reject) => {
    child.once('spawn', resolve);
    child.once('error', reject);
  });
  const pid = child.pid ?? 0;
  const ended = guard(pid);
  let running = true;
  const exited = new Promise<string>((resolve) => {
    child.once('exit', (code, signal) => {
      running = false;
      ended();
      resolve(signal ?? `exit code ${code}`);
    });
  });
  return {
    pid,
    exited,
    get running() {
      return running;
    },
    signal: (signal) => void child.kill(signal),
    async stop(graceMs) {
      if (!running) return;
      child.kill('SIGTERM');
      const done = new AbortController();
      const late = sleep(graceMs, undefined, { signal: done.signal }).then(
        () => child.kill('SIGKILL'),
        () => undefined,
      );
      await exited;
      done.abort();
      await late;
    },
  };
}

/** The last lines of a log file. */
export function lastLines(logFile: string, count: number): string {
  try {
    return readFileSync(logFile, 'utf8').trimEnd().split('\n').slice(-count).join('\n');
  } catch {
    return '';
  }
}
