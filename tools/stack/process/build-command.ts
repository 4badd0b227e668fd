import { execFile, spawn } from 'node:child_process';
import { accessSync, constants, createWriteStream } from 'node:fs';
import { readFile, rm } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import type { Environment } from '../cache/cache-directory.ts';
import type { OnProgress } from '../cache/cached.ts';
import { StackError } from './stack-error.ts';

/** A program that the machine has to bring. */
export interface Tool {
  readonly command: string;
  readonly neededFor: string;
  readonly comesFrom: string;
}

/** @throws {StackError} saying what is missing, what for, and where it comes from */
export function requireTool({ command, neededFor, comesFrom }: Tool, environment: Environment): void {
  if (hasTool(command, environment)) return;
  throw new StackError(
    `\`${command}\` is not on the PATH; it is needed for ${neededFor}. It comes with ${comesFrom}.`,
  );
}

/** True when the PATH leads to the program. */
export function hasTool(command: string, environment: Environment): boolean {
  return (environment['PATH'] ?? '').split(delimiter).some((directory) => {
    try {
      accessSync(join(directory, command), constants.X_OK);
      return directory !== '';
    } catch {
      return false;
    }
  });
}

/** Seconds between two signs of life of a long build. */
const signEverySeconds = 20;
const shownCharacters = 3_000;

/**
 * Runs a command that builds or fetches something, with a sign of life now and then.
 *
 * @throws {StackError} with the end of its output when it fails
 */
export async function runBuild(options: {
  what: string;
  command: string;
  args: readonly string[];
  directory: string;
  environment: Environment;
  onProgress: OnProgress;
}): Promise<void> {
  const { what, command, args, directory, environment, onProgress } = options;
  const output = join(directory, 'output.log');
  const log = createWriteStream(output);
  const started = Date.now();
  const seconds = () => Math.round((Date.now() - started) / 1_000);
  const signs = setInterval(() => onProgress(`${what}: ${seconds()} s`), signEverySeconds * 1_000);
  try {
    const child = spawn(command, args, {
      cwd: directory,
      env: environment,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    child.stdout.pipe(log, { end: false });
    child.stderr.pipe(log, { end: false });
    const exit = await new Promise<string>((resolve, reject) => {
      child.once('error', reject);
      child.once('close', (code, signal) => resolve(signal ?? String(code)));
    });
    await new Promise((resolve) => log.end(resolve));
    if (exit !== '0') {
      const text = (await readFile(output, 'utf8')).trimEnd();
      throw new StackError(`${what} failed (${command}: ${exit}):\n${text.slice(-shownCharacters)}`);
    }
    onProgress(`${what}: done in ${seconds()} s`);
    await rm(output);
  } finally {
    clearInterval(signs);
    log.destroy();
  }
}

/**
 * What a short command prints.
 *
 * @throws {StackError} with its errors when it fails
 */
export async function outputOf(
  command: string,
  args: readonly string[],
  directory: string,
  environment: Environment,
): Promise<string> {
  try {
    const { stdout } = await promisify(execFile)(command, args, { cwd: directory, env: environment });
    return stdout;
  } catch (error) {
    throw new StackError(error instanceof Error ? error.message.slice(0, shownCharacters) : String(error));
  }
}
