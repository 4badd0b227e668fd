import { mkdtempSync, rmSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { openEmbedded } from '@evenkeel/embedded';
import { migrate, queryView, selectRows, ViewDefinitions } from '@evenkeel/store';
import { median } from './measure/percentile.ts';

/**
 * What the DORA views cost beside a plain query over the same quarter-hours, and what of that is analysis: asked as a
 * view, and by the view's text as the API does. On an empty store all of it is analysis.
 * Usage: node bench/views.ts [--data-dir <path of a generated store>] [--service <name>] [--rounds 21]
 * Medians of CPU milliseconds, all threads together: they depend less on other load than time does.
 */
const { values: options } = parseArgs({
  options: {
    'data-dir': { type: 'string' },
    service: { type: 'string', default: 'nobody' },
    rounds: { type: 'string', default: '21' },
  },
});
const path = options['data-dir'] ?? mkdtempSync(join(tmpdir(), 'evenkeel-bench-'));
const embedded = openEmbedded({ path, database: 'evenkeel' });
const directory = join(import.meta.dirname, '..', 'sql', 'migrations');
await migrate(embedded.client(), { directory, database: 'evenkeel', alone: true });
const reader = embedded.reader();
const definitions = new ViewDefinitions(reader);

const [last] = await selectRows<{ until: string }>(
  reader,
  `select toString(toDate(max(bucket)) + 1) as until from dora_buckets where scope = 'tier:production'`,
);
const until = new Date(`${last?.until ?? '2026-01-01'}T00:00:00Z`);
const years = (count: number) => new Date(until.getTime() - count * 365 * 86_400_000);

const plain = `select toMonday(bucket) as week, sum(deployments) as deployments, sum(changes) as changes,
    quantilesExactInclusiveArray(0.5, 0.75, 0.9, 0.95)(lead_times) as lead_times
  from dora_buckets final
  where scope = {scope:String} and (empty({services:Array(String)}) or service in {services:Array(String)})
    and period >= toStartOfQuarter({since:DateTime64(3, 'UTC')}) and bucket >= {since:DateTime64(3, 'UTC')}
  group by week`;

console.log(`load ${loadavg()[0]?.toFixed(1)}; CPU milliseconds, and ratio to the plain query`);
console.log(['', 'plain', 'view', 'text', 'text/plain'].map((name) => name.padStart(12)).join(''));
for (const [span, since] of [['1 year', years(1)] as const, ['5 years', years(5)] as const]) {
  for (const [whose, services] of [['one', [options.service]] as const, ['all', []] as const]) {
    const selection = { services, team: '', scope: 'tier:production', since, until };
    const text = (instant: Date) => instant.toISOString().replace('T', ' ').replace('Z', '');
    const base = await cost(() => selectRows(reader, plain, { ...selection, since: text(since) }));
    for (const [view, more] of [
      ['dora_summary', { tz: 'Europe/Berlin', now: until }],
      ['dora_timeseries', { tz: 'Europe/Berlin', now: until, interval: 'week' }],
      ['lead_time_stages', {}],
    ] as const) {
      const parameters = { ...selection, ...more };
      const asView = await cost(() => queryView(reader, view, parameters));
      const asText = await cost(() => queryView(reader, view, parameters, {}, definitions));
      const columns = [base, asView, asText].map((ms) => ms.toFixed(1).padStart(12)).join('');
      console.log(
        `${view}, ${whose}, ${span}\n${''.padStart(12)}${columns}${(asText / base).toFixed(2).padStart(12)}`,
      );
    }
  }
}
await embedded.close();
if (options['data-dir'] === undefined) rmSync(path, { recursive: true });

async function cost(ask: () => Promise<unknown>): Promise<number> {
  const spent: number[] = [];
  for (let round = 0; round < Number(options.rounds); round += 1) {
    const before = process.cpuUsage();
    await ask();
    const { user, system } = process.cpuUsage(before);
    spent.push((user + system) / 1000);
  }
  return median(spent);
}
