import { join } from 'node:path';
import { runChild } from './child-process.ts';
import { type Command, usageError } from './command.ts';
import { parseFlags } from './flags.ts';
import { findUpwards } from './repository-root.ts';

const ENTRY = join('services', 'standalone', 'main.ts');

export const start: Command = {
  help: `Usage: evenkeel start

Starts the embedded default: OTLP receiver, ClickHouse and API in one process. Settings are read from EVENKEEL_*;
data goes to EVENKEEL_DATA_DIR (default .evenkeel). Ctrl-C ends it.
`,
  async run(argv, context) {
    const parsed = parseFlags({}, argv);
    if (parsed.outcome === 'rejected') return usageError(context, 'start', parsed.message);
    const root = findUpwards(import.meta.dirname, ENTRY);
    if (root === undefined) {
      context.warn('evenkeel start: runs from a checkout of Evenkeel only');
      return 1;
    }
    const end = await runChild([process.execPath, join(root, ENTRY)], context.env);
    if (end.problem !== undefined) context.warn(`evenkeel: ${end.problem}`);
    return end.exitCode;
  },
};
