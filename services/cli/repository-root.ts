import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** The nearest directory at or above `from` that holds `path`, or undefined: commands for servers run from a checkout. */
export function findUpwards(from: string, path: string): string | undefined {
  for (let directory = from; ; directory = dirname(directory)) {
    if (existsSync(join(directory, path))) return directory;
    if (directory === dirname(directory)) return;
  }
}
