import type { Logger } from './log.ts';

/** Where a process is in its life. */
export type LifecycleState = 'starting' | 'running' | 'stopping' | 'stopped';

/** The life of a process: what must be closed, in which order, within which time. */
export interface Lifecycle {
  readonly state: LifecycleState;
  /** Aborted when stopping begins; hand it to waits that need not be finished. */
  readonly stopping: AbortSignal;
  /** Everything is up. Does nothing once stopping has begun. */
  started(): void;
  /** Registers a part to close. Parts close in reverse order of registration: what was opened last closes first. */
  onStop(part: string, close: () => Promise<void> | void): void;
  /** Closes everything, once: further calls get the same promise. Resolves with the exit code. */
  stop(reason: string, exitCode?: number): Promise<number>;
}

/** Exit code when the shutdown time ran out; see `shutdown_timed_out` in the errors. */
const timedOutExitCode = 75;

/**
 * Creates the lifecycle of a process.
 *
 * @param options.graceMs longest time that closing all parts may take together, in milliseconds
 */
export function createLifecycle(options: { logger: Logger; graceMs: number }): Lifecycle {
  const { logger, graceMs } = options;
  const parts: { part: string; close: () => Promise<void> | void }[] = [];
  const abort = new AbortController();
  let state: LifecycleState = 'starting';
  let stopped: Promise<number> | undefined;

  async function closeAll(reason: string, exitCode: number): Promise<number> {
    logger.info({ reason }, 'shutting down');
    abort.abort(new Error(`shutting down: ${reason}`));
    let result = exitCode;
    let current = '';
    const closing = (async () => {
      for (const { part, close } of parts.toReversed()) {
        current = part;
        try {
          await close();
        } catch (error) {
          logger.error({ err: error, part }, 'a part did not close cleanly');
          result ||= 1;
        }
      }
    })();
    let timer: NodeJS.Timeout | undefined;
    const timeout = new Promise<'timeout'>((resolve) => {
      timer = setTimeout(() => resolve('timeout'), graceMs);
    });
    if ((await Promise.race([closing, timeout])) === 'timeout') {
      logger.error({ part: current, graceMs }, 'shutdown took too long, work may be unfinished');
      result = timedOutExitCode;
    }
    clearTimeout(timer);
    state = 'stopped';
    logger.info({ exitCode: result }, 'stopped');
    return result;
  }

  return {
    get state() {
      return state;
    },
    stopping: abort.signal,
    started() {
      if (state === 'starting') state = 'running';
    },
    onStop(part, close) {
      parts.push({ part, close });
    },
    stop(reason, exitCode = 0) {
      if (stopped === undefined) {
        state = 'stopping';
        stopped = closeAll(reason, exitCode);
      }
      return stopped;
    },
  };
}

/** The part of `process` that signal handling needs. */
export interface SignalSource {
  on(signal: 'SIGINT' | 'SIGTERM', listener: (signal: NodeJS.Signals) => void): unknown;
  on(event: 'uncaughtException' | 'unhandledRejection', listener: (error: unknown) => void): unknown;
  exit(code: number): void;
}

/** Stops gracefully at the first SIGINT or SIGTERM and exits at once at the second. */
export function stopOnSignals(lifecycle: Lifecycle, source: SignalSource = process): void {
  let asked = false;
  const onSignal = (signal: NodeJS.Signals) => {
    if (asked) {
      source.exit(signal === 'SIGINT' ? 130 : 143);
      return;
    }
    asked = true;
    void lifecycle.stop(signal).then((exitCode) => source.exit(exitCode));
  };
  source.on('SIGINT', onSignal);
  source.on('SIGTERM', onSignal);
}

/**
 * Runs the start of a process: a failure before it is up is told in one line (a bug with its stack) and ends the
 * process with the error's exit code.
 */
export async function start(
  lifecycle: Lifecycle,
  logger: Logger,
  open: () => Promise<void>,
  source: SignalSource = process,
): Promise<void> {
  stopOnSignals(lifecycle, source);
  try {
    await open();
    lifecycle.started();
  } catch (error) {
    if (lifecycle.state !== 'starting') return;
    const exitCode = exitCodeOf(error);
    if (exitCode === undefined) logger.fatal({ err: error }, 'could not start');
    else logger.fatal({ reason: (error as Error).message }, 'could not start');
    source.exit(await lifecycle.stop('could not start', exitCode ?? 1));
  }
}

function exitCodeOf(error: unknown): number | undefined {
  if (!(error instanceof Error)) return undefined;
  if ('exitCode' in error && typeof error.exitCode === 'number') return error.exitCode;
  return 'code' in error && error.code === 'EADDRINUSE' ? 69 : undefined;
}
