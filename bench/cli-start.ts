import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

/**
 * How much longer the CLI takes than a bare `node -e 0`, whole processes in turn, medians in milliseconds.
 * Usage: node bench/cli-start.ts [runs]. The goal is 150 ms; `npm ci` must have made the bundle.
 */
const runs = Number(process.argv[2] ?? 21);
const bin = join(import.meta.dirname, '..', 'services', 'cli', 'bin.js');
// Nobody listens there: connecting fails at once, and with so short a timeout it is not tried again.
const env = {
  ...process.env,
  OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:1',
  OTEL_EXPORTER_OTLP_TIMEOUT: '100',
};

const commands: Record<string, string[]> = {
  'node -e 0': ['-e', '0'],
  'evenkeel --version': [bin, '--version'],
  'evenkeel deploy --help': [bin, 'deploy', '--help'],
  'evenkeel deploy -- true': [bin, 'deploy', '--service', 's', '--', 'true'],
};

const times = new Map<string, number[]>(Object.keys(commands).map((name) => [name, []]));
for (let run = -1; run < runs; run++) {
  for (const [name, args] of Object.entries(commands)) {
    const before = performance.now();
    spawnSync(process.execPath, args, { env, stdio: 'ignore' });
    // The first round only warms the disk cache.
    if (run >= 0) times.get(name)?.push(performance.now() - before);
  }
}

const bare = median(times.get('node -e 0') ?? []);
for (const [name, measured] of times) {
  const value = median(measured);
  console.log(`${name.padEnd(26)}${value.toFixed(0).padStart(5)} ms  +${(value - bare).toFixed(0)} ms`);
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}
