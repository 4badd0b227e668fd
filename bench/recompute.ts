import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

import { type Embedded, openEmbedded } from '@evenkeel/embedded';
import { parseFact } from '@evenkeel/events';
import { createStore, type FactSink, migrate, recomputeBatch } from '@evenkeel/store';
import { history } from './measure/history.ts';
import { median } from './measure/percentile.ts';

/**
 * What a recompute costs, step by step, after one new deployment of each dirty service. One store, embedded; each
 * scenario finds what the ones before it have stored. Medians in milliseconds.
 * Usage: node bench/recompute.ts [--rounds 7] [--quick]
 */
const { values: options } = parseArgs({
  options: { rounds: { type: 'string', default: '7' }, quick: { type: 'boolean', default: false } },
});
const rounds = Number(options.rounds);

const small = { name: '1 x 1', services: ['alone'], deployments: 1 };
const scenarios = [
  small,
  { name: '1 x 1 000', services: ['thousand'], deployments: 1_000 },
  ...(options.quick
    ? []
    : [
        { name: '1 x 7 000', services: ['seven'], deployments: 7_000 },
        {
          name: '40 x 1 000',
          services: Array.from({ length: 40 }, (_, number) => `forty-${number}`),
          deployments: 1_000,
        },
        { ...small, name: '1 x 1 again', deployments: 0 },
      ]),
];

const path = mkdtempSync(join(tmpdir(), 'evenkeel-bench-'));
const embedded = openEmbedded({ path, database: 'evenkeel' });
const directory = join(import.meta.dirname, '..', 'sql', 'migrations');
await migrate(embedded.client(), { directory, database: 'evenkeel', alone: true });
const store = createStore(embedded.client());

const table = new Map<string, string[]>();
const add = (step: string, column: number, ms: number) => {
  const row = table.get(step) ?? [];
  row[column] = ms.toFixed(0);
  table.set(step, row);
};
const received = new Date('2100-01-01T00:00:00Z');
let writes = 0;

for (const [column, { services, deployments }] of scenarios.entries()) {
  for (const service of services) {
    await write(store, [...history({ service, deployments, from: new Date('2025-01-01T10:00:00Z') })]);
  }
  await drain();
  const measured = new Map<string, number[]>();
  for (let round = 0; round < rounds; round += 1) {
    const day = new Date(Date.UTC(2026, 6, 1 + round, 10));
    for (const service of services) {
      const [fact] = history({ service, deployments: 1, from: day });
      await write(store, [{ ...fact, deployment_id: `round-${round}`, version: `round-${round}` }]);
    }
    const { times, totalMs } = await timed(embedded.maintainer());
    for (const [step, ms] of [...times, ['whole batch', totalMs] as const]) {
      measured.set(step, [...(measured.get(step) ?? []), ms]);
    }
    await drain();
  }
  for (const [step, ms] of measured) add(step, column, median(ms));
}

console.log(['step'.padEnd(24), ...scenarios.map(({ name }) => name.padStart(12))].join(''));
for (const [step, row] of table) {
  console.log([step.padEnd(24), ...row.map((ms) => ms.padStart(12))].join(''));
}
await embedded.close();
rmSync(path, { recursive: true });

async function write(sink: FactSink, facts: readonly object[]): Promise<void> {
  const parsed = facts.map((fact) => {
    const result = parseFact(fact, received);
    if (result.outcome === 'rejected') throw new Error(JSON.stringify(result.errors));
    return result.received;
  });
  writes += 1;
  for (let from = 0; from < parsed.length; from += 20_000) {
    await sink.write({ facts: parsed.slice(from, from + 20_000), rejected: [] }, `bench ${writes} ${from}`);
  }
}

async function drain(): Promise<void> {
  for (;;) {
    const result = await recomputeBatch(embedded.maintainer());
    if (result.outcome !== 'ok') throw new Error(JSON.stringify(result));
    if (result.batch.services.length === 0 && result.batch.pendingEntities === 0) return;
  }
}

/** Runs one batch through a client that takes the time from each `refresh` to the end of its `wait`. */
async function timed(
  client: ReturnType<Embedded['client']>,
): Promise<{ times: Map<string, number>; totalMs: number }> {
  const times = new Map<string, number>();
  let began = 0;
  const watching = new Proxy(client, {
    get(target, property) {
      if (property !== 'command') return Reflect.get(target, property).bind(target);
      return async (params: { query: string }) => {
        const view = /^system (refresh|wait) view (?:.*\.)?(\w+)$/.exec(params.query);
        if (view?.[1] === 'refresh') began = performance.now();
        const answer = await target.command(params);
        if (view?.[1] === 'wait') times.set(view[2] ?? '', performance.now() - began);
        return answer;
      };
    },
  });
  const before = performance.now();
  const result = await recomputeBatch(watching);
  if (result.outcome !== 'ok') throw new Error(JSON.stringify(result));
  return { times, totalMs: performance.now() - before };
}
