import { readFile } from 'node:fs/promises';
import type { ClickHouseClient } from '@clickhouse/client';
import type { ProgressOutput } from '@evenkeel/progress';
import { startProgress } from '@evenkeel/progress';
import { selectRows, splitStatements } from '@evenkeel/store';
import type { GenerateOptions } from './options.ts';

/** Rows of one insert: large enough to be quick, small enough for a machine with 4 GB. */
const rowsOfInsert = 700_000;
/** Rows of the largest table a release brings, on average. */
const rowsOfRelease = 4;
/** Releases of the smallest insert: each costs its links, marks and syncs however small it is. */
const leastReleases = 5_000;
const minuteMs = 60_000;
const hourMs = 3_600_000;

type Parameters = Record<string, number>;

/** Number of rows that a store has in its fact tables. */
export async function storedFacts(client: ClickHouseClient): Promise<number> {
  const [row] = await selectRows<{ facts: number }>(
    client,
    `select sum(total_rows) as facts from system.tables where database = currentDatabase() and name like '%\\_facts'`,
  );
  return row?.facts ?? 0;
}

/** Writes the facts of the organization; their marks and links come from the store's own views. */
export async function generateFacts(
  client: ClickHouseClient,
  options: GenerateOptions,
  output: ProgressOutput,
): Promise<void> {
  const { services, slos } = options;
  await run(client, '0-plan.sql', {
    seed: options.seed,
    services,
    slos,
    since_ms: options.since.getTime(),
    until_ms: options.until.getTime(),
  });
  try {
    await run(client, '1-services.sql', { first: 0, last: services });
    await generateDeliveries(client, output);
    if (slos > 0) await generateSlis(client, options, output);
  } finally {
    await run(client, '9-clean.sql', {});
  }
}

async function generateDeliveries(client: ClickHouseClient, output: ProgressOutput): Promise<void> {
  const releases = (
    await selectRows<{ releases: number }>(
      client,
      `select releases from generate_services(first = 0, last = (select services from generate_plan)) order by service_number`,
    )
  ).map((row) => row.releases);
  const total = releases.reduce((sum, each) => sum + each, 0);
  const progress = startProgress(output, 'deliveries', 'facts');
  const before = await storedFacts(client);
  let [written, passed] = [0, 0];
  const files = ['2-deployments.sql', '3-changes.sql', '4-incidents.sql'];
  const enough = Math.min(rowsOfInsert / rowsOfRelease, Math.max(leastReleases, total / 10));
  for (const { first, last, size } of chunks(releases, enough)) {
    for (const file of files) {
      await run(client, file, { first, last });
      passed += size / files.length;
      written = (await storedFacts(client)) - before;
      progress.update(Math.min(0.999, passed / total), written);
    }
  }
  progress.done(written);
}

async function generateSlis(
  client: ClickHouseClient,
  options: GenerateOptions,
  output: ProgressOutput,
): Promise<void> {
  const everything = { first: 0, last: options.services, first_slo: 0, last_slo: options.slos };
  await run(client, '5-slos.sql', everything);
  const progress = startProgress(output, 'SLI windows', 'facts');
  const since = options.since.getTime();
  const until = options.until.getTime();
  const minutesFrom = Math.max(since, options.minutesFrom.getTime());
  const spans = [
    { from: since, to: minutesFrom, step_ms: hourMs },
    { from: minutesFrom, to: until, step_ms: minuteMs },
  ];
  const total = spans.reduce((sum, { from, to, step_ms }) => sum + (to - from) / step_ms, 0) * options.slos;
  let written = 0;
  for (const { from, to, step_ms } of spans) {
    // Whole hours, so that no window lies across two inserts.
    const stride = Math.max(1, Math.floor((rowsOfInsert / options.slos) * (step_ms / hourMs))) * hourMs;
    for (let from_ms = from; from_ms < to; from_ms += stride) {
      const to_ms = Math.min(to, from_ms + stride);
      await run(client, '6-slis.sql', { ...everything, from_ms, to_ms, step_ms });
      written += ((to_ms - from_ms) / step_ms) * options.slos;
      progress.update(Math.min(0.999, written / total), written);
    }
  }
  progress.done(written);
}

/** Neighbours together until they are large enough. */
function* chunks(
  sizes: readonly number[],
  enough: number,
): Generator<{ first: number; last: number; size: number }> {
  let first = 0;
  let size = 0;
  for (const [index, each] of sizes.entries()) {
    size += each;
    if (size < enough && index < sizes.length - 1) continue;
    yield { first, last: index + 1, size };
    first = index + 1;
    size = 0;
  }
}

/** Runs a file of statements. */
async function run(client: ClickHouseClient, file: string, parameters: Parameters): Promise<void> {
  const text = await readFile(new URL(`./sql/${file}`, import.meta.url), 'utf8');
  for (const query of splitStatements(text)) await client.command({ query, query_params: parameters });
}
