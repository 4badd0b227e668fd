import { spawn } from 'node:child_process';
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
    let asked = false;
    const child = spawn(program, args, { stdio: 'inherit', env });
    const listeners = FORWARDED.map((signal) => {
      const forward = () => {
        asked = true;
        // A terminal sends Ctrl-C to the whole foreground group; a second copy means "stop at once" to many tools.
        if (!(signal === 'SIGINT' && process.stdin.isTTY)) child.kill(signal);
      };
      process.on(signal, forward);
      return () => process.off(signal, forward);
    });
    const settle = (end: ChildEnd) => {
      for (const remove of listeners) remove();
      resolve(end);
    };
    child.on('error', (error: NodeJS.ErrnoException) => {
      // Also raised when a signal cannot be delivered; then the exit follows.
      if (child.pid !== undefined) return;
      const found = error.code !== 'ENOENT';
      const problem = `${program}: ${found ? error.message : 'command not found'}`;
      const exitCode = found ? NOT_EXECUTABLE : NOT_FOUND;
      settle({ exitCode, cancelled: false, errorType: error.code ?? 'spawn', problem });
    });
    child.on('exit', (code, signal) => settle(endOf(code, signal, asked)));
  });
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
