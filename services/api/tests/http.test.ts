import { createServerClient } from '@evenkeel/store';
import type { FastifyInstance } from 'fastify';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type ApiHarness, connect, openApiHarness, tokens } from './api-harness.ts';

let harness: ApiHarness;
let guarded: FastifyInstance;
let away: FastifyInstance;

beforeAll(async () => {
  harness = await openApiHarness();
  guarded = harness.build({ tokens: tokens('reader-token:read,writer-token:write') });
  away = harness.build({
    // Nothing listens on port 1.
    client: createServerClient({
      url: 'http://127.0.0.1:1',
      user: 'u',
      password: 'hush-hush',
      database: 'd',
    }),
  });
});
afterAll(() => harness.close());

const summary = '/v1/dora/summary?from=2026-03-01&to=2026-03-02';

describe('caching', () => {
  test('an aggregate may be used again for a moment, by one user', async () => {
    const { headers } = await harness.app.inject(summary);
    expect(headers['cache-control']).toBe('private, max-age=5');
    expect(headers['vary']).toBe('Accept, Authorization');
  });

  test('a list is asked again each time', async () => {
    const { headers } = await harness.app.inject('/v1/deployments');
    expect(headers['cache-control']).toBe('private, no-cache');
  });

  test('what the client has already is not sent again', async () => {
    const first = await harness.app.inject(summary);
    const again = await harness.app.inject({
      url: summary,
      headers: { 'if-none-match': String(first.headers['etag']) },
    });
    expect([again.statusCode, again.body, again.headers['etag']]).toEqual([304, '', first.headers['etag']]);
    expect(again.headers['cache-control']).toBe('private, max-age=5');
  });

  test('JSON and CSV have tags of their own', async () => {
    const json = await harness.app.inject(summary);
    const csv = await harness.app.inject({ url: summary, headers: { accept: 'text/csv' } });
    expect(csv.headers['etag']).not.toBe(json.headers['etag']);
  });
});

test('HEAD answers like GET, without the body', async () => {
  const get = await harness.app.inject(summary);
  const head = await harness.app.inject({ method: 'HEAD', url: summary });
  expect([head.statusCode, head.body, head.headers['etag']]).toEqual([200, '', get.headers['etag']]);
});

describe('problems', () => {
  test.each([
    ['GET', '/nothing', 404, 'not_found'],
    ['GET', '/v1/nothing', 404, 'not_found'],
    ['GET', '/%zz', 404, 'not_found'],
    ['GET', '/v1/slos/x/nothing', 404, 'not_found'],
    ['POST', '/v1/dora/summary', 405, 'method_not_allowed'],
    ['DELETE', '/v1/deployments/d1', 405, 'method_not_allowed'],
    ['OPTIONS', '/v1/dora/summary', 405, 'method_not_allowed'],
  ] as const)('%s %s: %i', async (method, url, status, code) => {
    const response = await harness.app.inject({ method, url });
    expect(response.statusCode).toBe(status);
    expect(response.headers['content-type']).toBe('application/problem+json; charset=utf-8');
    expect(response.headers['cache-control']).toBe('no-store');
    expect(response.json()).toEqual({
      type: `urn:evenkeel:error:${code}`,
      title: expect.any(String),
      status,
      detail: expect.any(String),
      code,
      errors: [],
    });
    if (status === 405) expect(response.headers['allow']).toBe('GET, HEAD');
  });

  test('406 when neither JSON nor CSV is accepted', async () => {
    const response = await harness.app.inject({ url: summary, headers: { accept: 'application/xml' } });
    expect([response.statusCode, response.json().code]).toEqual([406, 'not_acceptable']);
  });

  test('503 while ClickHouse is away, without a word about where it is', async () => {
    const response = await away.inject(summary);
    expect([response.statusCode, response.json().code]).toEqual([503, 'store_unavailable']);
    expect(response.headers['retry-after']).toBe('5');
    expect(response.body).not.toMatch(/127\.0\.0\.1|ECONNREFUSED|select/);
  });

  test('503 before the migrations', async () => {
    const empty = connect(harness.path);
    await empty.command({ query: 'create database not_set_up' });
    await empty.command({ query: 'use not_set_up' });
    const response = await harness.build({ client: empty }).inject(summary);
    expect([response.statusCode, response.json().code]).toEqual([503, 'store_unavailable']);
    await empty.close();
  });

  test('500 tells the log, not the caller', async () => {
    const broken = harness.build({
      clock: () => {
        throw new Error('the secret of the clock');
      },
    });
    const response = await broken.inject(summary);
    expect([response.statusCode, response.json().code]).toEqual([500, 'internal']);
    expect(response.body).not.toContain('secret');
    expect(harness.logged.join('')).toContain('the secret of the clock');
  });
});

describe('tokens', () => {
  const bearer = (token: string) => ({ authorization: `Bearer ${token}` });

  test.each([
    ['/v1/dora/summary', {}, 401],
    ['/v1/dora/summary', bearer('guessed-token'), 401],
    ['/v1/dora/summary', bearer('writer-token'), 403],
    ['/v1/dora/summary', bearer('reader-token'), 200],
    ['/v1/deployments/x', {}, 401],
    ['/v1/dora/summary?bad=1', {}, 401],
    ['/metrics', {}, 401],
    ['/metrics', bearer('reader-token'), 200],
    ['/healthz', {}, 200],
    ['/readyz', {}, 200],
    ['/openapi.json', {}, 200],
    ['/docs', {}, 200],
    ['/', {}, 302],
  ])('%s with %j: %i', async (url, headers, status) => {
    const response = await guarded.inject({ url, headers });
    expect(response.statusCode).toBe(status);
    if (status === 401) expect(response.headers['www-authenticate']).toBe('Bearer realm="evenkeel"');
    if (status === 403) expect(response.headers['www-authenticate']).toContain('insufficient_scope');
  });

  test('neither tokens nor questions reach the log', async () => {
    await guarded.inject({ url: `${summary}&team=quiet-team`, headers: bearer('reader-token') });
    await away.inject({ url: `${summary}&team=quiet-team`, headers: bearer('other-token') });
    const log = harness.logged.join('');
    expect(log).toContain('store_unavailable');
    expect(log).not.toMatch(/reader-token|other-token|quiet-team|hush-hush/);
  });
});

describe('browsers', () => {
  test('get no permission for other origins', async () => {
    const response = await harness.app.inject({
      url: summary,
      headers: { origin: 'https://elsewhere.example' },
    });
    expect(Object.keys(response.headers).filter((name) => name.startsWith('access-control'))).toEqual([]);
  });

  test.each([summary, '/nothing', '/%zz', '/openapi.json', '/healthz'])(
    'get the security headers with %s',
    async (url) => {
      const { headers } = await harness.app.inject(url);
      expect(headers).toMatchObject({
        'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
        'x-content-type-options': 'nosniff',
        'referrer-policy': 'no-referrer',
      });
    },
  );
});

describe('operation', () => {
  test('/readyz tells that the store answers', async () => {
    const { statusCode, body } = await harness.app.inject('/readyz');
    expect([statusCode, JSON.parse(body)]).toMatchObject([
      200,
      { ready: true, parts: { clickhouse: { ready: true } } },
    ]);
  });

  test('/metrics measures requests by address and shows the recompute', async () => {
    await harness.app.inject('/v1/deployments/some-id');
    const { body } = await harness.app.inject('/metrics');
    expect(body).toMatch(/http_server_request_duration\w*_count\{[^}]*http_route="\/v1\/deployments\/:id"/);
    expect(body).not.toContain('some-id');
    expect(body).toMatch(/evenkeel_recompute_pending_services \d/);
    expect(body).toMatch(/evenkeel_recompute_oldest_pending_seconds \d/);
  });

  test('a plugin serves on the same port, and is in the description', async () => {
    const app = harness.build({
      plugins: [
        async (routes) => {
          routes.post('/v1/facts', { schema: { summary: 'Take facts' } }, async () => ({ taken: 1 }));
        },
      ],
    });
    const response = await app.inject({ method: 'POST', url: '/v1/facts', payload: {} });
    expect([response.statusCode, response.json()]).toEqual([200, { taken: 1 }]);
    expect((await app.inject('/v1/facts')).headers['allow']).toBe('POST');
    expect((await app.inject('/openapi.json')).json().paths['/v1/facts'].post.summary).toBe('Take facts');
  });
});
