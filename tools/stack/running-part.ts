import { setTimeout as sleep } from 'node:timers/promises';
import type { Part } from './part.ts';
import { lastLines, type NativeProcess, startProcess } from './process/native-process.ts';
import { StackError } from './process/stack-error.ts';

/** A part that was started. */
export interface RunningPart {
  readonly pid: number;
  readonly logFile: string;
  /** Ends it at once, as a crash would; it is not started again by itself. */
  kill(): Promise<void>;
  /** Asks it to end, as a shutdown would. */
  stop(): Promise<void>;
  /** Starts it again with the same ports and data; resolves when it takes work. */
  start(): Promise<void>;
}

/** How a part ended that nobody had asked to. */
export interface Death {
  readonly part: string;
  /** Exit code or signal. */
  readonly exit: string;
  readonly lastLines: string;
}

const pollMs = 200;
const shownLines = 25;

/** Starts a part and keeps an eye on it. */
export function superviseParts(options: {
  logDirectory: string;
  onDeath: (death: Death) => void;
  signal: AbortSignal;
}): (part: Part) => Promise<RunningPart> {
  return async (part) => {
    const logFile = `${options.logDirectory}/${part.name}.log`;
    let current: NativeProcess | undefined;
    let wanted = true;

    async function start(): Promise<void> {
      if (current?.running) throw new Error(`${part.name} is running already`);
      options.signal.throwIfAborted();
      await part.prepare?.();
      const process = await startProcess({ ...part.program, logFile });
      current = process;
      wanted = true;
      let up = false;
      const died = process.exited.then(
        (exit): Death => ({
          part: part.name,
          exit,
          lastLines: lastLines(logFile, shownLines),
        }),
      );
      died.then(
        (death) => up && wanted && options.onDeath(death),
        () => undefined,
      );
      await untilUp({ part, process, died, logFile, signal: options.signal }).catch(async (error) => {
        wanted = false;
        await process.stop(part.stopMs);
        throw error;
      });
      up = true;
    }

    const running: RunningPart = {
      get pid() {
        return current?.pid ?? 0;
      },
      logFile,
      async kill() {
        wanted = false;
        current?.signal('SIGKILL');
        await current?.exited;
      },
      async stop() {
        wanted = false;
        await current?.stop(part.stopMs);
      },
      start,
    };
    await start();
    return running;
  };
}

async function untilUp(starting: {
  part: Part;
  process: NativeProcess;
  died: Promise<Death>;
  logFile: string;
  signal: AbortSignal;
}): Promise<void> {
  const { part, process, died, logFile, signal } = starting;
  const deadline = Date.now() + part.startMs;
  let reason = '';
  while (process.running) {
    signal.throwIfAborted();
    try {
      await part.check();
      return;
    } catch (error) {
      reason = describe(error);
    }
    if (Date.now() > deadline) {
      throw new StackError(
        `${part.name} did not take work within ${part.startMs / 1_000} s: ${reason}\n${lastLines(logFile, shownLines)}`,
      );
    }
    await Promise.race([sleep(pollMs), process.exited]);
  }
  const { exit, lastLines: lines } = await died;
  throw new StackError(`${part.name} ended while it started (${exit}). Its last lines:\n${lines}`);
}

function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? `${error.message}: ${error.cause.message}` : error.message;
}
