import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { queryView, selectRows } from '@evenkeel/store';
import { afterAll, expect, test } from 'vitest';
import { drainRecompute, generateFacts, openTarget, readOptions, storedFacts, type Target } from './index.ts';

const directory = mkdtempSync(join(tmpdir(), 'evenkeel-generate-'));
let open: Target | undefined;
afterAll(async () => {
  await open?.close();
  rmSync(directory, { recursive: true });
});
const silent = { write: () => undefined };

async function generated(name: string, seed: number): Promise<Target> {
  const args = [
    '--services',
    '4',
    '--years',
    '0.1',
    '--slos',
    '5',
    '--minute-days',
    '1',
    '--seed',
    `${seed}`,
  ];
  const read = readOptions([...args, '--until', '2026-11-24T00:00:00Z'], new Date());
  if (read.outcome !== 'ok') throw new Error(JSON.stringify(read));
  await open?.close();
  open = await openTarget(join(directory, name), {});
  await generateFacts(open.client, read.options, silent);
  return open;
}

async function contents({ client }: Target): Promise<Record<string, unknown>> {
  const tables = await selectRows<{ name: string }>(
    client,
    `select name from system.tables where database = currentDatabase() and name like '%\\_facts' and total_rows > 0 order by name`,
  );
  const all: Record<string, unknown> = {};
  for (const { name } of tables) {
    const [row] = await selectRows(
      client,
      `select count() as facts, uniqExact(event_id) as ids, toString(groupBitXor(sipHash64(*))) as content from ${name}`,
    );
    all[name] = row;
  }
  return all;
}

const summary = ({ client }: Target) =>
  queryView(client, 'dora_summary', {
    services: [],
    team: '',
    scope: 'tier:production',
    since: new Date('2026-01-01T00:00:00Z'),
    until: new Date('2026-12-01T00:00:00Z'),
    tz: 'UTC',
    now: new Date('2026-12-01T00:00:00Z'),
  });

test('the same seed gives the same facts, another one others; the recompute has nothing left to correct', async () => {
  const first = await generated('first', 1);
  const facts = await contents(first);
  for (const row of Object.values(facts)) {
    const { facts: count, ids } = row as { facts: number; ids: number };
    expect(ids).toBe(count);
  }
  expect(Object.keys(facts)).toEqual(
    expect.arrayContaining([
      'change_facts',
      'deployment_facts',
      'incident_facts',
      'service_facts',
      'sli_facts',
      'slo_facts',
    ]),
  );
  expect(await storedFacts(first.client)).toBeGreaterThan(2_000);
  // Nothing of the scaffolding stays.
  expect(
    await selectRows(
      first.client,
      `select name from system.tables where database = currentDatabase() and name like 'generate\\_%'`,
    ),
  ).toEqual([]);

  expect(await drainRecompute(first.client, first.maintainer, undefined, silent)).toEqual([]);
  const numbers = await summary(first);
  expect(numbers).toMatchObject([
    {
      deployments: expect.any(Number),
      failed_deployments: expect.any(Number),
      rollbacks: expect.any(Number),
    },
  ]);
  const [row] = numbers as { deployments: number; changes: number; failed_deployments: number }[];
  expect(row?.deployments).toBeGreaterThan(100);
  expect(row?.changes).toBeGreaterThan(row?.deployments ?? 0);
  expect(row?.failed_deployments).toBeGreaterThan(0);

  // The generator takes back the marks of changes itself; marking every one again must change no number.
  await first.client.command({
    query: `insert into marks (entity, key, subkey, pending) select 'change', repository, change_id, toInt64(1) from change_facts group by repository, change_id`,
  });
  await drainRecompute(first.client, first.maintainer, undefined, silent);
  expect(await summary(first)).toEqual(numbers);

  const again = await generated('again', 1);
  expect(await contents(again)).toEqual(facts);
  const other = await generated('other', 2);
  expect((await contents(other))['deployment_facts']).not.toEqual(facts['deployment_facts']);
}, 300_000);
