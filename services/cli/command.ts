import type { Environment } from './ci/run.ts';

/** What a command gets from the outside world. */
export interface CommandContext {
  env: Environment;
  /** The directory it was called in; Git is asked here. */
  directory: string;
  /** Writes one line for programs and people, to stdout. */
  print(line: string): void;
  /** Writes one line for people, to stderr. */
  warn(line: string): void;
  now(): Date;
  /** The terminal that stdout is; undefined when it is none. */
  terminal?: { columns: number } | undefined;
}

/** One command of `evenkeel`. */
export interface Command {
  /** Printed for `--help`. */
  help: string;
  /** Returns the exit code: 0 done, 1 not done, 2 the command line is wrong; with a command after `--`, that command's. */
  run(argv: readonly string[], context: CommandContext): Promise<number>;
}

/** The exit code for a command line that cannot be understood. */
export const USAGE_ERROR = 2;

/** Says what is wrong with the command line and where to read more. */
export function usageError(context: CommandContext, name: string, message: string): number {
  context.warn(`evenkeel ${name}: ${message}`);
  context.warn(`See "evenkeel ${name} --help".`);
  return USAGE_ERROR;
}
