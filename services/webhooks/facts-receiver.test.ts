import { gzipSync } from 'node:zlib';
import { parseTokens } from '@evenkeel/runtime';
import { type FactSink, StoreUnavailable } from '@evenkeel/store';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { openInstallation } from './test-installation.ts';

let installation: Awaited<ReturnType<typeof openInstallation>>;
let url: string;
beforeAll(async () => {
  installation = await openInstallation();
  ({ url } = await installation.listen());
});
afterAll(() => installation.close());

let run = 0;
beforeEach(() => {
  run += 1;
});

/** A drill that only this test knows. */
const drill = (id: string, over: Record<string, unknown> = {}) => ({
  kind: 'drill',
  occurred_at: '2026-03-01T10:00:00Z',
  drill_id: `${run}-${id}`,
  service: 'checkout',
  environment: 'prod',
  outcome: 'succeeded',
  ...over,
});

async function post(body: string | Uint8Array<ArrayBuffer>, headers: Record<string, string> = {}, to = url) {
  const response = await fetch(`${to}/v1/facts`, {
    method: 'POST',
    body,
    headers: { 'content-type': 'application/x-ndjson', ...headers },
  });
  const answer: unknown = await response.json();
  return { status: response.status, headers: response.headers, answer };
}

const stored = async () =>
  (
    await installation.rows<{ id: string }>(
      `select distinct drill_id as id from drill_facts where startsWith(drill_id, '${run}-') order by id`,
    )
  ).map(({ id }) => id.slice(`${run}-`.length));

test('good lines are durable when the answer comes, bad ones named by line and field and kept', async () => {
  const lines = [drill('a'), drill('b', { outcome: 'maybe' }), drill('c')].map((line) =>
    JSON.stringify(line),
  );
  const { status, answer } = await post(`${lines.join('\n')}\nnot json\n`);
  expect(status).toBe(200);
  expect(answer).toMatchObject({
    accepted: 2,
    rejected_count: 2,
    rejected: [
      { line: 2, code: 'invalid_fact', errors: [{ field: 'outcome' }] },
      { line: 4, code: 'not_json' },
    ],
  });
  expect(await stored()).toEqual(['a', 'c']);
  const kept = await installation.rows<{ payload: string }>(
    `select payload from rejected_messages where position(payload, '${run}-b') > 0`,
  );
  expect(kept).toEqual([{ payload: lines[1] }]);
});

test('an array and one object are taken as JSON, and gzip is unpacked', async () => {
  const json = { 'content-type': 'application/json; charset=utf-8' };
  expect(await post(JSON.stringify([drill('a'), drill('b')]), json)).toMatchObject({ status: 200 });
  expect(await post(JSON.stringify(drill('c')), json)).toMatchObject({ status: 200 });
  const packed = gzipSync(JSON.stringify(drill('d')));
  expect(await post(packed, { 'content-encoding': 'gzip' })).toMatchObject({ status: 200 });
  expect(await stored()).toEqual(['a', 'b', 'c', 'd']);
});

test('a body without one good line is a problem that lists every line', async () => {
  const { status, headers, answer } = await post(`{}\n${JSON.stringify(drill('a', { colour: 'red' }))}`);
  expect(status).toBe(422);
  expect(headers.get('content-type')).toContain('application/problem+json');
  expect(answer).toMatchObject({
    type: 'urn:evenkeel:error:no_valid_fact',
    code: 'no_valid_fact',
    status: 422,
    accepted: 0,
    rejected_count: 2,
    rejected: [{ line: 1 }, { line: 2, errors: [{ field: 'colour' }] }],
  });
  expect(JSON.stringify(answer)).toContain('line 2: colour');
});

test.each([
  ['an empty body', '', {}, 400, 'malformed_body'],
  ['blank lines', '\n\n', {}, 400, 'malformed_body'],
  ['broken JSON', '[{', { 'content-type': 'application/json' }, 400, 'malformed_body'],
  ['a foreign content type', 'x', { 'content-type': 'text/plain' }, 415, 'unsupported_media_type'],
  ['a foreign encoding', 'x', { 'content-encoding': 'br' }, 415, 'unsupported_media_type'],
  ['what is no gzip', 'x', { 'content-encoding': 'gzip' }, 400, 'malformed_body'],
])('%s is refused', async (_name, body, headers, status, code) => {
  const refused = await post(body, headers as Record<string, string>);
  expect(refused).toMatchObject({ status, answer: { code, status } });
});

test('a body that is or unpacks too large is refused', async () => {
  const small = await installation.listen({ maxBodyBytes: 10_000 });
  const line = `${JSON.stringify(drill('a'))}\n`;
  expect(await post(line.repeat(100), {}, small.url)).toMatchObject({ status: 413 });
  const bomb = gzipSync(Buffer.alloc(8_000_000, 'a'));
  expect(bomb.length).toBeLessThan(10_000);
  expect(await post(bomb, { 'content-encoding': 'gzip' }, small.url)).toMatchObject({
    status: 413,
    answer: { code: 'payload_too_large' },
  });
  expect(await stored()).toEqual([]);
});

test('a body of too many lines is refused whole', async () => {
  expect(await post('{}\n'.repeat(50_001))).toMatchObject({
    status: 413,
    answer: { code: 'payload_too_large' },
  });
});

test('a token needs the scope write', async () => {
  const parsed = parseTokens('may-write-1:write,may-read-1:read');
  const { url: guarded } = await installation.listen({
    tokens: parsed.outcome === 'ok' ? parsed.tokens : [],
  });
  const body = JSON.stringify(drill('a'));
  const none = await post(body, {}, guarded);
  expect(none).toMatchObject({ status: 401, answer: { code: 'unauthorized' } });
  expect(none.headers.get('www-authenticate')).toBe('Bearer');
  expect(await post(body, { authorization: 'Bearer may-read-1' }, guarded)).toMatchObject({ status: 403 });
  expect(await stored()).toEqual([]);
  expect(await post(body, { authorization: 'Bearer may-write-1' }, guarded)).toMatchObject({ status: 200 });
});

test('a store that stays away is told with Retry-After, and nothing is acknowledged', async () => {
  const sink: FactSink = { write: () => Promise.reject(new StoreUnavailable('connection refused')) };
  const away = await installation.listen({ sink, commit: { retryForMs: 0 } });
  const { status, headers, answer } = await post(JSON.stringify(drill('a')), {}, away.url);
  expect(status).toBe(503);
  expect(headers.get('retry-after')).toBe('5');
  expect(answer).toMatchObject({ code: 'store_unavailable' });
});

test('a slow store fills the queue, newcomers are told to come again, and what was taken is written', async () => {
  let release = () => {};
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  const sink: FactSink = {
    write: async (batch, token) => {
      await held;
      await installation.store.write(batch, token);
    },
  };
  const slow = await installation.listen({ sink, commit: { maxRequests: 2 } });
  const taken = ['a', 'b'].map((id) => post(JSON.stringify(drill(id)), {}, slow.url));
  while (slow.commit.load.requests < 2) await new Promise((resolve) => setImmediate(resolve));
  const refused = await post(JSON.stringify(drill('c')), {}, slow.url);
  expect(refused).toMatchObject({ status: 429, answer: { code: 'overloaded' } });
  expect(refused.headers.get('retry-after')).toBe('1');
  release();
  expect((await Promise.all(taken)).map(({ status }) => status)).toEqual([200, 200]);
  expect(await stored()).toEqual(['a', 'b']);
});

test('shutting down under load loses nothing that was acknowledged', async () => {
  const { app, commit, url: closing } = await installation.listen();
  const acknowledged: string[] = [];
  const posts = Array.from({ length: 200 }, async (_, index) => {
    const id = String(index).padStart(3, '0');
    const { status } = await post(JSON.stringify(drill(id)), {}, closing).catch(() => ({ status: 0 }));
    if (status === 200) acknowledged.push(id);
    if (acknowledged.length === 20) void app.close();
  });
  await Promise.all(posts);
  await app.close();
  await commit.close();
  expect(acknowledged.length).toBeGreaterThanOrEqual(20);
  const durable = new Set(await stored());
  expect(acknowledged.filter((id) => !durable.has(id))).toEqual([]);
});

test('the same body twice is the same facts', async () => {
  const body = JSON.stringify(drill('a'));
  await post(body);
  await post(body);
  expect(
    await installation.rows(`select uniqExact(event_id) as n from drill_facts where drill_id = '${run}-a'`),
  ).toEqual([{ n: 1 }]);
});

test('what was taken and rejected is counted', async () => {
  await post(`${JSON.stringify(drill('a'))}\n{}`);
  const text = await installation.telemetry.metricsText();
  expect(text).toMatch(/^evenkeel_facts_total\{source="facts",kind="drill"\} \d+$/m);
  expect(text).toMatch(/^evenkeel_rejected_total\{source="facts",code="invalid_fact"\} \d+$/m);
  expect(text).toMatch(/^evenkeel_messages_total\{source="facts",outcome="refused",reason="full"\} \d+$/m);
});
