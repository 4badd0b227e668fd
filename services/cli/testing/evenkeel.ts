import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';

const BIN = join(import.meta.dirname, '..', 'bin.js');

/** How a run of the CLI ended. */
export interface Ended {
  code: number | null;
  stdout: string;
  stderr: string;
}

/** A run of the CLI that is going on. */
export interface Running {
  child: ChildProcess;
  ended: Promise<Ended>;
  /** Resolves once the text has appeared on stdout. */
  printed(text: string): Promise<void>;
}

/** Variables with nothing of the machine's CI or telemetry settings, reporting to `url`. */
export function cleanEnv(url: string, more: Record<string, string> = {}): Record<string, string> {
  return {
    PATH: process.env['PATH'] ?? '',
    HOME: process.env['HOME'] ?? '',
    OTEL_EXPORTER_OTLP_ENDPOINT: url,
    ...more,
  };
}

/** Starts the CLI as people do, through its bin file. */
export function startEvenkeel(
  args: readonly string[],
  options: { env: Record<string, string>; cwd?: string; node?: string },
): Running {
  const child = spawn(options.node ?? process.execPath, [BIN, ...args], {
    env: options.env,
    cwd: options.cwd,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stdout = '';
  let stderr = '';
  const waiting = new Set<() => void>();
  child.stdout.on('data', (chunk: Buffer) => {
    stdout += chunk.toString();
    for (const look of waiting) look();
  });
  child.stderr.on('data', (chunk: Buffer) => {
    stderr += chunk.toString();
  });
  return {
    child,
    ended: new Promise((resolve, reject) => {
      child.on('error', reject);
      child.on('close', (code) => resolve({ code, stdout, stderr }));
    }),
    printed: (text) =>
      new Promise((resolve) => {
        const look = () => {
          if (stdout.includes(text)) resolve();
        };
        waiting.add(look);
        look();
      }),
  };
}

/** Runs the CLI to its end. */
export function evenkeel(
  args: readonly string[],
  options: { env: Record<string, string>; cwd?: string; node?: string },
): Promise<Ended> {
  return startEvenkeel(args, options).ended;
}
