import type { ReceivedFact } from '@evenkeel/events';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { StoreUnavailable } from './clickhouse-errors.ts';
import { insertRows } from './insert.ts';
import { migrate } from './migrate.ts';
import { createServerClient } from './server-client.ts';
import { createStore } from './store.ts';
import { openTestDatabase } from './test-database.ts';

const database = openTestDatabase();
const directory = new URL('../../sql/migrations', import.meta.url).pathname;

beforeAll(() => migrate(database.client, { directory, database: 'evenkeel' }));
beforeEach(async () => {
  for (const table of ['deployment_facts', 'slo_facts', 'service_facts', 'rejected_messages']) {
    await database.client.command({ query: `truncate table ${table}` });
  }
});
afterAll(() => database.close());

function deployment(id: string, over: Record<string, unknown> = {}): ReceivedFact {
  const fact = {
    kind: 'deployment',
    event_id: `event-${id}`,
    occurred_at: '2026-03-01T10:00:00.123Z',
    source: 'api',
    service: 'checkout',
    environment: 'prod',
    deployment_id: id,
    phase: 'finished',
    outcome: 'succeeded',
    ...over,
  };
  return received(fact);
}

function received(fact: Record<string, unknown>): ReceivedFact {
  const received: unknown = {
    fact,
    observed_at: '2026-03-01T10:00:05.000Z',
    content_sha256: 'ab'.repeat(32),
  };
  return received as ReceivedFact;
}

const ids = async () =>
  (await database.rows<{ id: string }>('select deployment_id as id from deployment_facts order by id')).map(
    (row) => row.id,
  );

test('facts of several kinds go to their tables, nested fields into their columns', async () => {
  await createStore(database.client).write(
    {
      facts: [
        deployment('1', { attributes: { run: '7' }, automatic: true }),
        received({
          kind: 'slo',
          event_id: 's',
          occurred_at: '2026-03-01T10:00:00.000Z',
          source: 'api',
          slo_id: 'availability',
          service: 'checkout',
          objective: 0.999,
          window: { calendar: 'month', timezone: 'Europe/Berlin' },
          method: 'occurrences',
        }),
        received({
          kind: 'service',
          event_id: 'v',
          occurred_at: '2026-03-01T10:00:00.000Z',
          source: 'api',
          service: 'checkout',
          tiers: { 'prod-eu': 'production' },
        }),
      ],
      rejected: [],
    },
    'token',
  );
  expect(
    await database.rows(
      'select occurred_at, observed_at, automatic, commit, attributes from deployment_facts',
    ),
  ).toEqual([
    {
      occurred_at: '2026-03-01T10:00:00.123Z',
      observed_at: '2026-03-01T10:00:05.000Z',
      automatic: true,
      commit: null,
      attributes: { run: '7' },
    },
  ]);
  expect(
    await database.rows('select window_rolling_days, window_calendar, window_timezone from slo_facts'),
  ).toEqual([{ window_rolling_days: null, window_calendar: 'month', window_timezone: 'Europe/Berlin' }]);
  expect(await database.rows('select tiers, ranges from service_facts')).toEqual([
    { tiers: '{"prod-eu":"production"}', ranges: null },
  ]);
});

test('the same batch under the same token is one insert, and a token does not swallow the next batch', async () => {
  const store = createStore(database.client);
  await store.write({ facts: [deployment('1')], rejected: [] }, 'a');
  await store.write({ facts: [deployment('1')], rejected: [] }, 'a');
  await store.write({ facts: [deployment('2')], rejected: [] }, 'b');
  await database.client.command({
    query: "insert into deployment_facts select * from deployment_facts where deployment_id = '2'",
  });
  expect(await ids()).toEqual(['1', '2', '2']);
});

test('one bad row among a thousand is rejected alone, with its column and payload', async () => {
  const refused: object[] = [];
  const store = createStore(database.client, { onRefused: (each) => refused.push(each) });
  const facts = Array.from({ length: 1_000 }, (_, index) => deployment(String(index).padStart(4, '0')));
  facts[617] = deployment('0617', { commit_at: 'yesterday' });
  await store.write({ facts, rejected: [] }, 'a');
  expect((await ids()).length).toBe(999);
  expect(await ids()).not.toContain('0617');
  const [rejected] = await database.rows<Record<string, string>>('select * from rejected_messages');
  expect(rejected).toMatchObject({ source: 'facts', code: 'refused_by_store', field: 'commit_at' });
  expect(JSON.parse(rejected?.['payload'] ?? '')).toMatchObject({ deployment_id: '0617' });
  expect(refused).toEqual([{ table: 'deployment_facts', rows: 1 }]);
  await store.write({ facts, rejected: [] }, 'a');
  expect((await ids()).length).toBe(999);
});

test('what text a fact holds never leaves its place in the statement', async () => {
  const title = "'); drop table deployment_facts; -- \n\n; select 1 \u0000 \\ 'ü";
  await createStore(database.client).write(
    { facts: [deployment('1', { url: title })], rejected: [] },
    "t'; --",
  );
  expect(await database.rows('select url from deployment_facts')).toEqual([{ url: title }]);
});

test('a rejected message that is delivered again elsewhere has the same id', async () => {
  const store = createStore(database.client);
  const rejected = { source: 'facts', code: 'not_json', field: '', reason: 'x', payload: '{' };
  await store.write(
    { facts: [], rejected: [{ ...rejected, place: 'kafka:evenkeel_facts/0/1', line: 3 }] },
    'a',
  );
  await store.write({ facts: [], rejected: [{ ...rejected, place: 'kafka:evenkeel_facts/0/9' }] }, 'b');
  expect(await database.rows('select place from rejected_messages final')).toHaveLength(1);
  expect(await database.rows('select uniqExact(rejected_id) as ids from rejected_messages')).toEqual([
    { ids: 1 },
  ]);
});

test('a missing table is the store being away, not the fault of a row', async () => {
  const written = insertRows(database.client, 'nowhere', [{ a: 1 }], 'a');
  await expect(written).rejects.toBeInstanceOf(StoreUnavailable);
});

test('a server that is not there is the store being away, and its error holds no password', async () => {
  const client = createServerClient({
    url: 'http://127.0.0.1:1',
    user: 'u',
    password: 'very-secret',
    database: 'evenkeel',
  });
  const error: unknown = await createStore(client)
    .write({ facts: [deployment('1')], rejected: [] }, 'a')
    .catch((reason: unknown) => reason);
  await client.close();
  expect(error).toBeInstanceOf(StoreUnavailable);
  expect(String(error)).toContain('ECONNREFUSED');
  expect(JSON.stringify([String(error), error])).not.toContain('very-secret');
});
