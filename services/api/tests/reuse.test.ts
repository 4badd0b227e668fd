import type { ClickHouseClient } from '@clickhouse/client';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { type ApiHarness, connect, NOW, openApiHarness, tokens } from './api-harness.ts';

let harness: ApiHarness;
let client: ClickHouseClient;
/** Queries since the last look, and whether those for numbers fail. */
let queries: string[] = [];
let failing = false;

beforeAll(async () => {
  harness = await openApiHarness();
  const real = connect(harness.path);
  await real.command({ query: 'use evenkeel' });
  client = new Proxy(real, {
    get(target, property) {
      const member = Reflect.get(target, property);
      if (property !== 'query') return typeof member === 'function' ? member.bind(target) : member;
      return async (params: { query: string }) => {
        queries.push(params.query);
        if (failing && /dora_buckets/.test(params.query)) throw new Error('broken');
        return target.query(params as Parameters<ClickHouseClient['query']>[0]);
      };
    },
  });
});
afterAll(async () => {
  await client.close();
  await harness.close();
});
beforeEach(() => {
  queries = [];
});

const summary = '/v1/dora/summary?from=2026-03-01&to=2026-04-01';
/** Queries that read numbers: neither versions nor texts of views. */
const readings = () => queries.filter((query) => /dora_buckets/.test(query) && !/system\.parts/.test(query));
let deployments = 0;

function deployment() {
  deployments += 1;
  return {
    kind: 'deployment',
    service: 'checkout',
    environment: 'production',
    deployment_id: `d${deployments}`,
    phase: 'finished',
    outcome: 'succeeded',
    occurred_at: '2026-03-10T10:00:00Z',
  };
}

test('the same address is answered again from the answer before, with the same bytes', async () => {
  const app = harness.build({ client });
  const first = await app.inject(summary);
  expect(first.statusCode).toBe(200);
  expect(readings().length).toBeGreaterThan(0);
  queries = [];
  const again = await app.inject(summary);
  expect([again.statusCode, again.body, again.headers['etag']]).toEqual([
    200,
    first.body,
    first.headers['etag'],
  ]);
  expect(again.headers['content-type']).toBe(first.headers['content-type']);
  expect(queries).toHaveLength(1);
  const known = await app.inject({ url: summary, headers: { 'if-none-match': `${first.headers['etag']}` } });
  expect([known.statusCode, known.body]).toEqual([304, '']);
  expect(readings()).toEqual([]);
});

test('what was recomputed meanwhile is in the next answer', async () => {
  const app = harness.build({ client });
  const counted = async () => (await app.inject(summary)).json().data.deployments;
  const before = await counted();
  await harness.post(deployment());
  expect(await counted()).toBe(before + 1);
});

test('a message that was rejected meanwhile is in the notes of the next answer', async () => {
  const app = harness.build({ client });
  const noted = async () =>
    (await app.inject('/v1/dora/summary?from=2026-03-01&to=2100-01-01'))
      .json()
      .meta.quality.notes.map(({ check }: { check: string }) => check);
  expect(await noted()).not.toContain('rejected_messages');
  const writer = connect(harness.path);
  await writer.command({
    query: `insert into evenkeel.rejected_messages select 'r', now64(3), 'facts', '', '', '', '', ''`,
  });
  await writer.close();
  expect(await noted()).toContain('rejected_messages');
});

test('an answer is used again for less than 5 seconds', async () => {
  let now = NOW;
  const app = harness.build({ client, clock: () => now });
  await app.inject(summary);
  queries = [];
  now = new Date(NOW.getTime() + 4_999);
  await app.inject(summary);
  expect(readings()).toEqual([]);
  now = new Date(NOW.getTime() + 5_000);
  await app.inject(summary);
  expect(readings().length).toBeGreaterThan(0);
});

test('while facts wait, rows are read once a second; the answer says that they wait', async () => {
  let now = NOW;
  const app = harness.build({ client, clock: () => now });
  const first = await app.inject(summary);
  const writer = connect(harness.path);
  const mark = (pending: number) =>
    writer.command({
      query: `insert into evenkeel.marks (entity, key, subkey, pending) values ('service', 'waiting', '', ${pending})`,
    });
  await mark(1);
  queries = [];
  now = new Date(NOW.getTime() + 900);
  const waiting = await app.inject(summary);
  expect(readings()).toEqual([]);
  expect(waiting.json().data).toEqual(first.json().data);
  expect(waiting.json().meta.quality.pending_services).toBe(1);
  await mark(2);
  now = new Date(NOW.getTime() + 1_000);
  await app.inject(summary);
  expect(readings().length).toBeGreaterThan(0);
  await mark(-3);
  await writer.close();
});

test('another format or another address is another answer', async () => {
  const app = harness.build({ client });
  const json = await app.inject(summary);
  const csv = await app.inject({ url: summary, headers: { accept: 'text/csv' } });
  const other = await app.inject(`${summary}&service=nobody`);
  expect(csv.headers['content-type']).toContain('text/csv');
  expect(csv.body).not.toBe(json.body);
  expect(other.json().data.deployments).toBe(0);
  expect((await app.inject(summary)).body).toBe(json.body);
});

test('several requests at a time share one reading', async () => {
  const one = harness.build({ client });
  await one.inject(summary);
  const readingsOfOne = readings().length;
  queries = [];
  const app = harness.build({ client });
  await app.ready();
  const answers = await Promise.all(Array.from({ length: 5 }, () => app.inject(summary)));
  expect(new Set(answers.map(({ body }) => body)).size).toBe(1);
  expect(readings()).toHaveLength(readingsOfOne);
});

test('numbers of one selection share what is thin about it', async () => {
  const app = harness.build({ client });
  const thin = () => queries.filter((query) => /few_deployments/.test(query));
  await app.inject(summary);
  await app.inject(summary.replace('summary', 'timeseries'));
  await app.inject(summary.replace('summary', 'lead-time/stages'));
  expect(thin()).toHaveLength(1);
});

test('an error is not an answer to be used again', async () => {
  const app = harness.build({ client });
  failing = true;
  const failed = await app.inject(summary);
  failing = false;
  expect(failed.statusCode).toBe(503);
  expect((await app.inject(summary)).statusCode).toBe(200);
});

test('whoever has no right to read is refused, kept answer or not', async () => {
  const app = harness.build({ client, tokens: tokens('reader-token:read,writer-token:write') });
  const ask = (token: string) =>
    app.inject({ url: summary, headers: token === '' ? {} : { authorization: `Bearer ${token}` } });
  expect((await ask('reader-token')).statusCode).toBe(200);
  expect((await ask('writer-token')).statusCode).toBe(403);
  expect((await ask('')).statusCode).toBe(401);
});

test('a list is asked anew each time', async () => {
  const app = harness.build({ client });
  await app.inject('/v1/deployments');
  queries = [];
  await app.inject('/v1/deployments');
  expect(queries.some((query) => /deployment_id/.test(query))).toBe(true);
});

test('a new objective is in the next answer about SLOs', { timeout: 120_000 }, async () => {
  const app = harness.build({ client });
  const objectives = async () =>
    (await app.inject('/v1/slos')).json().data.map(({ objective }: { objective: number }) => objective);
  const define = (objective: number, occurred_at: string) => ({
    kind: 'slo',
    slo_id: 'checkout/availability',
    service: 'checkout',
    objective,
    window: { rolling_days: 28 },
    method: 'occurrences',
    occurred_at,
  });
  expect(await objectives()).toEqual([]);
  await harness.post(define(0.9, '2026-01-01T00:00:00Z'));
  expect(await objectives()).toEqual([0.9]);
  await harness.post(define(0.99, '2026-01-02T00:00:00Z'));
  expect(await objectives()).toEqual([0.99]);
});
