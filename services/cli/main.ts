import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { runCli } from './cli.ts';
import { findUpwards } from './repository-root.ts';

const root = findUpwards(import.meta.dirname, 'package.json') ?? import.meta.dirname;
const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));

// Whoever reads our output may have read enough (`| head`); what was asked for is done all the same.
process.stdout.on('error', () => {});

const code = await runCli(process.argv.slice(2), version, {
  env: Object.freeze({ ...process.env }),
  directory: process.cwd(),
  print: (line) => process.stdout.write(`${line}\n`),
  warn: (line) => process.stderr.write(`${line}\n`),
  now: () => new Date(),
  terminal: process.stdout.isTTY ? { columns: process.stdout.columns } : undefined,
});
// A pipe may still hold what was printed.
await new Promise<void>((resolve) => process.stdout.write('', () => resolve()));
// Not process.exitCode: a connection kept alive by an exporter must not hold a deployment up.
process.exit(code);
