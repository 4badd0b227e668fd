import { readFileSync } from 'node:fs';
import { loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import { queryView } from '@evenkeel/store';
import { percentile } from './measure/percentile.ts';
import { startCluster } from './postgres/cluster.ts';
import { exports } from './postgres/exports.ts';
import { type Asked, panels } from './postgres/panels.ts';
import { openStore } from './scale/store.ts';
import { chooseSubjects } from './scale/subjects.ts';

/**
 * The summary as plain SQL over normalized tables in PostgreSQL, in the way that DevLake's dashboards compute it, beside
 * Evenkeel's view on the same facts: the same answers, and the ratio of the times. Fill a store first:
 *   npm run generate -- --services 100 --years 2 --slos 0 --data-dir <path>
 *   node bench/postgres.ts --data-dir <path> [--rounds 15]
 */
const { values: options } = parseArgs({
  options: {
    'data-dir': { type: 'string', default: '.evenkeel' },
    rounds: { type: 'string', default: '15' },
  },
});
const rounds = Number(options.rounds);
const dayMs = 86_400_000;
const instant = (date: Date) => date.toISOString();

const embedded = openStore(options['data-dir']);
const subjects = await chooseSubjects(embedded.reader());
const cluster = startCluster();
try {
  cluster.run(readFileSync(new URL('./postgres/tables.sql', import.meta.url), 'utf8'));
  for (const { table, query } of exports) {
    const { stream } = await embedded.client().exec({ query: `${query} format TabSeparated` });
    cluster.copy(table, Buffer.concat(await stream.toArray()));
  }
  cluster.run(readFileSync(new URL('./postgres/indexes.sql', import.meta.url), 'utf8'));
  console.log(
    `PostgreSQL ${cluster.version}; ${subjects.deployments} deployments, ${subjects.changes} reports of changes; load ${loadavg()[0]?.toFixed(1)}`,
  );
  const to = subjects.now;
  const since = (days: number) => instant(new Date(to.getTime() - days * dayMs));
  for (const [name, service, days] of [
    ['a service, a year', subjects.service, 365],
    ['the busiest service, a year', subjects.busiest, 365],
    ['everything, 28 days', undefined, 28],
    ['everything, a year', undefined, 365],
    ['everything, two years', undefined, 730],
  ] as const) {
    await compare(name, { service, from: since(days), to: instant(to) });
  }
} finally {
  cluster.stop();
  await embedded.close();
}

async function compare(name: string, asked: Asked): Promise<void> {
  const theirs = postgres(asked);
  const ours = await evenkeel(asked);
  const different = [...theirs.answer].filter(([column, value]) => !same(value, ours.answer[column]));
  const parts = [...theirs.parts].map(([panel, ms]) => `${panel} ${ms.toFixed(1)}`).join(', ');
  console.log(
    `${name.padEnd(30)} PostgreSQL ${theirs.ms.toFixed(1).padStart(8)} ms  Evenkeel ${ours.ms.toFixed(1).padStart(7)} ms  ratio ${(theirs.ms / ours.ms).toFixed(2).padStart(6)}  (${parts})`,
  );
  if (different.length === 0) console.log(`${''.padEnd(30)} ${theirs.answer.size} columns agree`);
  for (const [column, value] of different) {
    console.log(`${''.padEnd(30)} ${column} differs: PostgreSQL ${value}, Evenkeel ${ours.answer[column]}`);
  }
}

/** Medians; psql says how long the server took for each query. */
function postgres(asked: Asked) {
  const answer = new Map<string, number | null>();
  const parts = new Map<string, number>();
  for (const { name, columns, query } of panels(asked)) {
    const output = cluster.run(`\\timing on\n${`${query};\n`.repeat(rounds + 1)}`);
    const times = [...output.matchAll(/^Time: ([\d.]+) ms/gm)].map((match) => Number(match[1]));
    parts.set(name, percentile(times.slice(1), 0.5));
    const cells = (output.split('\n')[0] ?? '').split('\t');
    for (const [index, column] of columns.entries()) {
      const cell = cells[index] ?? '';
      answer.set(column, cell === '' ? null : Number(cell));
    }
  }
  return { answer, parts, ms: [...parts.values()].reduce((sum, ms) => sum + ms, 0) };
}

async function evenkeel({ service, from, to }: Asked) {
  const times: number[] = [];
  let answer: Record<string, unknown> = {};
  for (let round = 0; round <= rounds; round += 1) {
    const before = performance.now();
    const [row] = await queryView<Record<string, unknown>>(embedded.reader(), 'dora_summary', {
      services: service === undefined ? [] : [service],
      team: '',
      scope: 'tier:production',
      since: new Date(from),
      until: new Date(to),
      tz: 'UTC',
      now: new Date(to),
    });
    if (round > 0) times.push(performance.now() - before);
    answer = row ?? {};
  }
  return { answer, ms: percentile(times, 0.5) };
}

/** PostgreSQL's seconds have microseconds, Evenkeel's are rounded to them. */
function same(theirs: number | null, ours: unknown): boolean {
  if (theirs === null || typeof ours !== 'number') return theirs === ours;
  return Math.abs(theirs - ours) <= 1e-6 * Math.max(1, Math.abs(ours));
}
