import { type ChildProcess, spawn } from 'node:child_process';
import { constants } from 'node:os';
import type { Environment } from './ci/run.ts';

/** Signals that end a deployment and must reach the command that performs it. */
const FORWARDED = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** As in a shell. */
const NOT_FOUND = 127;
const NOT_EXECUTABLE = 126;
const SIGNAL_BASE = 128;

/** How a command ended. */
export interface ChildEnd {
  /** Its exit code; 128 + n when signal n killed it, 126 or 127 when it could not be started. */
  exitCode: number;
  /** True when it was asked to stop and did not end well. */
  cancelled: boolean;
  /** Short class of the failure: `exit_1`, a signal's name, or the system's error code. */
  errorType?: string;
  /** Why it could not be started, for people. */
  problem?: string;
}

/** Runs a command with this process's input, output and signals. Never rejects. */
export function runChild(command: readonly string[], env: Environment): Promise<ChildEnd> {
  const [program = '', ...args] = command;
  return new Promise((resolve) => {
    let child: ChildProcess | undefined;
    let asked = false;
    // Before the command starts: a signal that comes while it does would end this process and leave the command alone.
    const listeners = FORWARDED.map((signal) => {
      const forward = () => {
        asked = true;
        // A terminal sends Ctrl-C to the whole foreground group; a second copy means "stop at once" to many tools.
        if (!(signal === 'SIGINT' && process.stdin.isTTY)) child?.kill(signal);
      };
      process.on(signal, forward);
      return () => process.off(signal, forward);
    });
    const settle = (end: ChildEnd) => {
      for (const remove of listeners) remove();
      resolve(end);
    };
    try {
      child = spawn(program, args, { stdio: 'inherit', env });
    } catch (error) {
      // An empty name or one with a NUL in it.
      settle(notStarted(program, error as NodeJS.ErrnoException));
      return;
    }
    const { pid } = child;
    child.on('error', (error) => {
      // Also raised when a signal cannot be delivered; then the exit follows.
      if (pid === undefined) settle(notStarted(program, error));
    });
    child.on('exit', (code, signal) => settle(endOf(code, signal, asked)));
  });
}

function notStarted(program: string, error: NodeJS.ErrnoException): ChildEnd {
  const missing = error.code === 'ENOENT' || error.code === 'ERR_INVALID_ARG_VALUE';
  return {
    exitCode: missing ? NOT_FOUND : NOT_EXECUTABLE,
    cancelled: false,
    errorType: error.code ?? 'spawn',
    problem: `${program}: ${missing ? 'command not found' : error.message}`,
  };
}

function endOf(code: number | null, signal: NodeJS.Signals | null, asked: boolean): ChildEnd {
  if (signal !== null) {
    const stopped = asked || signal === 'SIGINT' || signal === 'SIGTERM';
    return { exitCode: SIGNAL_BASE + constants.signals[signal], cancelled: stopped, errorType: signal };
  }
  const exitCode = code ?? 1;
  return exitCode === 0
    ? { exitCode, cancelled: false }
    : { exitCode, cancelled: asked, errorType: `exit_${exitCode}` };
}
