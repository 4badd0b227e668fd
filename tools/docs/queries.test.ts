import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type ClickHouseHttp, createClickHouseHttp, type Embedded, openEmbedded } from '@evenkeel/embedded';
import { parseFact, type ReceivedFact } from '@evenkeel/events';
import { createStore, migrate, Refresher } from '@evenkeel/store';
import { afterAll, beforeAll, expect, test } from 'vitest';

const queries = await queriesOf('analysts.md');
const queriesOfOperators = await queriesOf('operations.md');

/** One of everything that the queries of the page look for. */
const facts = [
  deployed('1', '2026-03-02T10:00:00Z', { commit: 'c1', commit_at: '2026-03-02T08:00:00Z' }),
  deployed('2', '2026-03-03T10:00:00Z', { commit: 'c2', commit_at: '2026-03-03T09:00:00Z' }),
  incident('pager:1', 'opened', '2026-03-03T10:30:00Z', { deployment_id: '2' }),
  incident('pager:1', 'mitigated', '2026-03-03T11:00:00Z', {}),
  incident('pager:2', 'opened', '2026-03-20T10:00:00Z', {}),
  {
    kind: 'slo',
    slo_id: 'availability',
    service: 'checkout',
    objective: 0.99,
    window: { rolling_days: 28 },
    method: 'occurrences',
    occurred_at: '2026-01-01T00:00:00Z',
  },
];

let path: string;
let embedded: Embedded;
let endpoint: ClickHouseHttp;
let address: string;
beforeAll(async () => {
  path = await mkdtemp(join(tmpdir(), 'analysts-'));
  embedded = openEmbedded({ path, database: 'evenkeel' });
  const client = embedded.client();
  const directory = fileURLToPath(new URL('../../sql/migrations', import.meta.url));
  await migrate(client, { directory, database: 'evenkeel', alone: true });
  const rejected = {
    source: 'facts',
    place: 'http:/v1/facts#1',
    code: 'not_json',
    field: '',
    reason: 'not JSON',
    payload: '{',
  };
  await createStore(client).write({ facts: facts.map(received), rejected: [rejected] }, 'facts');
  await new Refresher(client).drain();
  endpoint = createClickHouseHttp({ embedded, readonly: true });
  const { host, port } = await endpoint.listen({ port: 0 });
  address = `http://${host}:${port}`;
});
afterAll(async () => {
  await endpoint.close();
  await embedded.close();
  await rm(path, { recursive: true });
});

test('the page has the ten queries that it promises', () => {
  expect(queries).toHaveLength(10);
});

test.each(queries)('%s', async (query) => {
  const answer = await fetch(address, { method: 'POST', body: `${query}\nformat JSONEachRow` });
  const text = await answer.text();
  expect(answer.status, text).toBe(200);
  expect(text.trim()).not.toBe('');
});

test.each(queriesOfOperators)('for operators: %s', async (query) => {
  const answer = await fetch(address, { method: 'POST', body: query });
  expect(answer.status, await answer.text()).toBe(200);
});

test('a parameter of a view can be one of the query, or an expression', async () => {
  const query = `select deployments from dora_summary(services = {services:Array(String)}, team = '', scope = 'tier:production',
    since = '2026-03-01 00:00:00', until = toStartOfDay(now('UTC')), tz = 'UTC', now = now64(3))`;
  const asked = `${address}/?param_services=${encodeURIComponent("['checkout']")}`;
  const answer = await fetch(asked, { method: 'POST', body: query });
  expect(await answer.text()).toBe('2\n');
});

/** The blocks of SQL on a page. */
async function queriesOf(file: string): Promise<string[]> {
  const page = await readFile(new URL(`../../docs/${file}`, import.meta.url), 'utf8');
  return [...page.matchAll(/```sql\n([\s\S]*?)```/g)].map(([, query = '']) => query);
}

function received(fact: object): ReceivedFact {
  const parsed = parseFact(fact, new Date('2026-04-01T00:00:00Z'));
  if (parsed.outcome === 'ok') return parsed.received;
  throw new Error(JSON.stringify(parsed.errors));
}

function deployed(id: string, at: string, more: object): object {
  const place = { service: 'checkout', environment: 'production', deployment_id: id };
  return { kind: 'deployment', ...place, phase: 'finished', outcome: 'succeeded', occurred_at: at, ...more };
}

function incident(id: string, transition: string, at: string, more: object): object {
  const place = { service: 'checkout', environment: 'production' };
  return { kind: 'incident', incident_id: id, transition, ...place, occurred_at: at, ...more };
}
