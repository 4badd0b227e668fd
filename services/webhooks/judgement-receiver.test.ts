import { parseTokens } from '@evenkeel/runtime';
import { createServerClient } from '@evenkeel/store';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { createKnownFacts } from './known-facts.ts';
import { openInstallation } from './test-installation.ts';

let installation: Awaited<ReturnType<typeof openInstallation>>;
let url: string;
beforeAll(async () => {
  installation = await openInstallation();
  ({ url } = await installation.listen());
  const slo = {
    kind: 'slo',
    occurred_at: '2026-03-01T00:00:00Z',
    slo_id: 'checkout-availability',
    service: 'checkout',
    objective: 0.99,
    window: { rolling_days: 28 },
    method: 'occurrences',
  };
  expect((await post('facts', slo)).status).toBe(200);
});
afterAll(() => installation.close());

async function post(what: string, body: object | string, headers: Record<string, string> = {}, to = url) {
  const response = await fetch(`${to}/v1/${what}`, {
    method: 'POST',
    body: typeof body === 'string' ? body : JSON.stringify(body),
    headers: { 'content-type': 'application/json', ...headers },
  });
  return {
    status: response.status,
    type: response.headers.get('content-type'),
    answer: await response.json(),
  };
}

const review = {
  subject: 'deployment',
  verdict: 'failed',
  by: 'ada',
  service: 'checkout',
  deployment_id: 'd1',
};
const correction = {
  slo_id: 'checkout-availability',
  starts_at: '2026-03-02T10:00:00Z',
  ends_at: '2026-03-02T11:00:00+00:00',
  category: 'maintenance',
  reason: 'database moved',
  by: 'ada',
};

/** The fact of an answer. */
const kept = (answer: unknown): Record<string, string> =>
  z.object({ data: z.record(z.string(), z.string()) }).parse(answer).data;

const stored = (kind: 'review' | 'correction', id: string) =>
  installation.rows<Record<string, unknown>>(
    `select * except (inserted_at, observed_at) from ${kind}_facts final where ${kind}_id = '${id}'`,
  );

test('a review is durable when the answer comes; what was left out is filled in', async () => {
  const before = Date.now();
  const { status, answer } = await post('reviews', review);
  expect(status).toBe(201);
  const data = kept(answer);
  expect(data).toMatchObject({ ...review, kind: 'review', source: 'api' });
  expect(Date.parse(String(data['occurred_at']))).toBeGreaterThanOrEqual(before);
  expect(await stored('review', String(data['review_id']))).toMatchObject([
    { ...review, event_id: data['event_id'], source: 'api', occurred_at: data['occurred_at'] },
  ]);
});

test('two who say the same are two', async () => {
  const [first, second] = await Promise.all([post('reviews', review), post('reviews', review)]);
  expect(String(kept(first.answer)['review_id'])).not.toBe(String(kept(second.answer)['review_id']));
  expect(await stored('review', String(kept(first.answer)['review_id']))).toHaveLength(1);
  expect(await stored('review', String(kept(second.answer)['review_id']))).toHaveLength(1);
});

describe('a request that is sent again is one report', () => {
  test.each([
    ['by its header', { 'idempotency-key': 'k-header' }, {}, 'k-header'],
    ['by its event_id', {}, { event_id: 'k-body' }, 'k-body'],
    ['by both', { 'idempotency-key': 'k-both' }, { event_id: 'k-both' }, 'k-both'],
  ])('%s', async (_how, headers, more, key) => {
    const send = (to = url) => post('corrections', { ...correction, ...more }, headers, to);
    const [first, second] = await Promise.all([send(), send()]);
    expect(first).toMatchObject({ status: 201, answer: { data: { event_id: key, correction_id: key } } });
    expect(second.answer).toEqual(first.answer);
    // A process that was started since finds it in the store.
    const restarted = await installation.listen();
    expect((await send(restarted.url)).answer).toEqual(first.answer);
    expect(await stored('correction', key)).toHaveLength(1);
  });
});

test('a correction is changed, and taken back, by its id', async () => {
  const id = { correction_id: 'c1' };
  const at = (occurred_at: string, more: object) =>
    post('corrections', { ...correction, ...id, occurred_at, ...more });
  await at('2026-03-03T00:00:00Z', {});
  await at('2026-03-03T00:00:01Z', { reason: 'database moved, twice' });
  const made = () => installation.rows(`select reason, by from corrections where correction_id = 'c1'`);
  expect(await made()).toEqual([{ reason: 'database moved, twice', by: 'ada' }]);
  expect(await at('2026-03-03T00:00:02Z', { void: true })).toMatchObject({ status: 201 });
  expect(await made()).toEqual([]);
});

describe('what is wrong is named, and nothing is taken', () => {
  const cases: [string, object, string, string][] = [
    ['reviews', { ...review, verdict: 'bad' }, 'verdict', 'must be one of failed, '],
    ['reviews', { ...review, by: undefined }, 'by', 'is required'],
    ['reviews', { ...review, kind: 'review' }, 'kind', 'is filled in here'],
    ['reviews', { ...review, source: 'me' }, 'source', 'is filled in here'],
    ['reviews', { ...review, observed_at: '2026-03-01T00:00:00Z' }, 'observed_at', 'is filled in here'],
    ['reviews', { ...review, colour: 'red' }, 'colour', 'is not a known field'],
    ['reviews', { ...review, correction_id: 'c' }, 'correction_id', 'is not a known field'],
    ['reviews', { ...review, event_id: 7 }, 'event_id', 'must be text'],
    ['reviews', { ...review, event_id: '' }, 'event_id', 'must not be empty'],
    ['reviews', { ...review, occurred_at: 'yesterday' }, 'occurred_at', 'must be an RFC 3339'],
    ['reviews', { ...review, occurred_at: '2999-01-01T00:00:00Z' }, 'occurred_at', 'must be an RFC 3339'],
    ['reviews', { ...review, occurred_at: '2199-01-01T00:00:00Z' }, 'occurred_at', 'one day after receipt'],
    ['corrections', { ...correction, ends_at: correction.starts_at }, 'ends_at', 'must be after starts_at'],
    ['corrections', { ...correction, slo_id: 'nobody' }, 'slo_id', 'is not the id of an SLO'],
    ['corrections', { ...correction, category: 'holiday' }, 'category', 'must be one of maintenance'],
  ];
  test.each(cases)('%s %j', async (what, body, field, message) => {
    const before = await installation.rows('select count() as facts from review_facts');
    expect(await post(what, body)).toMatchObject({
      status: 422,
      type: expect.stringContaining('application/problem+json'),
      answer: { code: 'invalid_body', errors: [{ field, message: expect.stringContaining(message) }] },
    });
    expect(await installation.rows('select count() as facts from review_facts')).toEqual(before);
  });

  test('a header that contradicts the body', async () => {
    const headers = { 'idempotency-key': 'a' };
    expect(await post('reviews', { ...review, event_id: 'b' }, headers)).toMatchObject({
      status: 422,
      answer: { errors: [{ field: 'event_id' }] },
    });
  });

  test.each(['', 'not json', '[]', 'null', '7'])('%j is no object', async (body) => {
    expect(await post('reviews', body)).toMatchObject({ status: 400, answer: { code: 'malformed_body' } });
  });

  test('another content type', async () => {
    const headers = { 'content-type': 'text/plain' };
    expect(await post('reviews', '{}', headers)).toMatchObject({ status: 415 });
  });

  test('a body that is too large', async () => {
    const reason = 'x'.repeat(140_000);
    expect(await post('reviews', { ...review, reason })).toMatchObject({ status: 413 });
  });
});

test('it takes the scope write', async () => {
  const parsed = parseTokens('reader-token:read,writer-token:write');
  if (parsed.outcome === 'rejected') throw new Error(parsed.reason);
  const guarded = await installation.listen({ tokens: parsed.tokens });
  const send = (token: string) => post('reviews', review, { authorization: `Bearer ${token}` }, guarded.url);
  expect((await send('nobody-token')).status).toBe(401);
  expect((await send('reader-token')).status).toBe(403);
  expect((await send('writer-token')).status).toBe(201);
});

test('without ClickHouse it cannot be known whether an SLO exists: come back later', async () => {
  const client = createServerClient({
    url: 'http://127.0.0.1:1',
    user: 'u',
    password: '',
    database: 'evenkeel',
  });
  await expect(createKnownFacts(client).slo('any')).rejects.toMatchObject({
    code: 'store_unavailable',
    retryAfterSeconds: 5,
  });
  await client.close();
});
