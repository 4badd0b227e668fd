import { execFile } from 'node:child_process';
import type { Environment } from '../ci/run.ts';

/** The longest one Git command may take, milliseconds: a report must not wait for a slow disk. */
const GIT_TIMEOUT_MS = 3000;
const MAX_OUTPUT_BYTES = 16 * 1024 * 1024;

/** What a Git command printed, or why it failed (its first line on stderr). */
export type GitAnswer = { outcome: 'ok'; output: string } | { outcome: 'failed'; reason: string };

/** Where Git looks, and with which variables. */
export interface Checkout {
  directory: string;
  env: Environment;
}

/** Runs `git` in a checkout, never interactively and never over the network. Does not throw. */
export function git(checkout: Checkout, args: readonly string[]): Promise<GitAnswer> {
  return new Promise((resolve) => {
    const child = execFile(
      'git',
      ['-C', checkout.directory, ...args],
      {
        timeout: GIT_TIMEOUT_MS,
        maxBuffer: MAX_OUTPUT_BYTES,
        env: {
          ...checkout.env,
          LC_ALL: 'C',
          GIT_TERMINAL_PROMPT: '0',
          GIT_OPTIONAL_LOCKS: '0',
          // In a partial clone, counting lines would fetch every blob it lacks.
          GIT_NO_LAZY_FETCH: '1',
        },
      },
      (error, stdout, stderr) => {
        process.off('exit', abandon);
        if (error === null) return resolve({ outcome: 'ok', output: stdout });
        const reason = error.killed
          ? 'git took too long'
          : (stderr.trim().split('\n')[0] ?? '') || error.message;
        resolve({ outcome: 'failed', reason: reason.replace(/^fatal: /, '') });
      },
    );
    // Nobody waits for it once this process ends.
    const abandon = () => child.kill('SIGKILL');
    process.on('exit', abandon);
  });
}
