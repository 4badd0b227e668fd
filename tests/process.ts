import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));

/** A process of this repository, and what it has written so far. */
export interface Running {
  readonly child: ChildProcess;
  output(): string;
  /** The address that a `listening` line of the log names. */
  url(endpoint: string): Promise<string>;
  /** Sends a signal and waits for the end. */
  end(signal: NodeJS.Signals): Promise<number | null>;
}

/** Starts a file with the Node that `npm ci` brought; `environment` stands beside a minimal one of ours. */
export function run(
  file: string,
  environment: Record<string, string>,
  args: readonly string[] = [],
): Running {
  const child = spawn(process.execPath, [`${root}${file}`, ...args], {
    cwd: root,
    env: { PATH: process.env['PATH'] ?? '', HOME: process.env['HOME'] ?? '', ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let text = '';
  child.stdout.on('data', (data: Buffer) => {
    text += data.toString();
  });
  child.stderr.on('data', (data: Buffer) => {
    text += data.toString();
  });
  return {
    child,
    output: () => text,
    async url(endpoint) {
      for (;;) {
        for (const line of text.split('\n')) {
          if (!line.includes('"listening"') || !line.includes(`"endpoint":"${endpoint}"`)) continue;
          const { url }: { url: string } = JSON.parse(line);
          return url;
        }
        if (child.exitCode !== null) throw new Error(`${file} ended with ${child.exitCode}:\n${text}`);
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    },
    async end(signal) {
      if (child.exitCode !== null || child.signalCode !== null) return child.exitCode;
      const ended = once(child, 'exit');
      child.kill(signal);
      await ended;
      return child.exitCode;
    },
  };
}

/** Asks again until the answer is as wanted; the last answer when it never is. */
export async function eventually<T>(
  ask: () => Promise<T>,
  wanted: (answer: T) => boolean,
  withinMs = 30_000,
): Promise<T> {
  const until = Date.now() + withinMs;
  for (;;) {
    const answer = await ask();
    if (wanted(answer) || Date.now() > until) return answer;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
