import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type ApiHarness, openApiHarness } from './api-harness.ts';

let harness: ApiHarness;
const get = async (address: string) => {
  const answer = await harness.app.inject(address);
  return { status: answer.statusCode, body: answer.json() };
};

beforeAll(async () => {
  harness = await openApiHarness();
  const service = (name: string, at: string, more: object) => ({
    kind: 'service',
    service: name,
    occurred_at: at,
    ...more,
  });
  const correction = (id: string, day: string, more: object = {}) => ({
    kind: 'correction',
    correction_id: id,
    slo_id: 'a',
    starts_at: `2026-03-${day}T10:00:00Z`,
    ends_at: `2026-03-${day}T11:00:00Z`,
    category: 'maintenance',
    reason: 'database moved',
    by: 'ada',
    occurred_at: '2026-03-10T00:00:00Z',
    ...more,
  });
  await harness.post(
    service('checkout', '2026-01-01T00:00:00Z', {
      team: 'shop',
      repository: 'git@git.example.com:shop/checkout.git',
      tiers: { 'prod-eu': 'production' },
      attribution_window_seconds: 3600,
      detect_rollbacks: false,
      ranges: { change_fail_rate: { high: 0.15 } },
      trivial_lines: 10,
      severity_ranks: { sev1: 1 },
    }),
    service('checkout', '2026-02-01T00:00:00Z', { team: 'payments' }),
    service('search', '2026-01-01T00:00:00Z', { detect_rollbacks: true }),
    service('mail', '2026-01-01T00:00:00Z', { team: 'shop' }),
    correction('c2', '03'),
    correction('c1', '04', { slo_id: 'b' }),
    correction('c3', '02'),
    correction('c4', '05'),
    correction('c4', '05', { occurred_at: '2026-03-11T00:00:00Z', void: true }),
  );
});
afterAll(() => harness.close());

const defaults = {
  team: null,
  repository: null,
  tiers: {},
  attribution_window_seconds: 14400,
  detect_rollbacks: true,
  ranges: null,
  trivial_lines: null,
  severity_ranks: null,
};

describe('/v1/services', () => {
  test('has each service with its latest settings, defaults filled in', async () => {
    const { body } = await get('/v1/services');
    expect(body.data).toEqual([
      {
        service: 'checkout',
        team: 'payments',
        repository: 'git.example.com/shop/checkout',
        tiers: { 'prod-eu': 'production' },
        attribution_window_seconds: 3600,
        detect_rollbacks: false,
        ranges: { change_fail_rate: { high: 0.15 } },
        trivial_lines: 10,
        severity_ranks: { sev1: 1 },
      },
      { service: 'mail', ...defaults, team: 'shop' },
      { service: 'search', ...defaults },
    ]);
    expect(body.meta).toMatchObject({ service: [], team: null, limit: 100, next_cursor: null });
  });

  test('can be asked by name and by team', async () => {
    const names = async (query: string) =>
      (await get(`/v1/services?${query}`)).body.data.map((row: { service: string }) => row.service);
    expect(await names('service=search&service=mail')).toEqual(['mail', 'search']);
    expect(await names('team=shop')).toEqual(['mail']);
    expect(await names('team=shop&service=search')).toEqual([]);
  });

  test('objects are JSON text in CSV', async () => {
    const answer = await harness.app.inject({
      url: '/v1/services?service=checkout',
      headers: { accept: 'text/csv' },
    });
    expect(answer.body.split('\n')[1]).toBe(
      'checkout,payments,git.example.com/shop/checkout,"{""prod-eu"":""production""}",3600,false,"{""change_fail_rate"":{""high"":0.15}}",10,"{""sev1"":1}"',
    );
  });
});

describe('/v1/corrections', () => {
  const ids = (body: { data: { correction_id: string }[] }) => body.data.map((row) => row.correction_id);

  test('has what was corrected by time, without what was taken back', async () => {
    const { body } = await get('/v1/corrections');
    expect(ids(body)).toEqual(['c3', 'c2', 'c1']);
    expect(body.data[0]).toEqual({
      correction_id: 'c3',
      slo_id: 'a',
      starts_at: '2026-03-02T10:00:00.000Z',
      ends_at: '2026-03-02T11:00:00.000Z',
      category: 'maintenance',
      reason: 'database moved',
      by: 'ada',
      made_at: '2026-03-10T00:00:00.000Z',
    });
  });

  test('can be asked by SLO', async () => {
    expect(ids((await get('/v1/corrections?slo=b')).body)).toEqual(['c1']);
    expect(ids((await get('/v1/corrections?slo=nobody')).body)).toEqual([]);
  });
});

describe('pages', () => {
  test.each([1, 2, 3])('of %i rows make up the list', async (limit) => {
    for (const list of ['/v1/services', '/v1/corrections']) {
      const whole = (await get(list)).body.data;
      const pages: unknown[] = [];
      let next: string | null = `limit=${limit}`;
      while (next !== null) {
        const { body } = await get(`${list}?${next}`);
        pages.push(...body.data);
        const cursor: string | null = body.meta.next_cursor;
        next = cursor && `limit=${limit}&cursor=${encodeURIComponent(cursor)}`;
      }
      expect(pages).toEqual(whole);
    }
  });

  test('keep what was asked on the first page', async () => {
    const first = (await get('/v1/corrections?slo=a&limit=1')).body.meta.next_cursor;
    const cursor = encodeURIComponent(first);
    expect((await get(`/v1/corrections?cursor=${cursor}`)).body.data).toMatchObject([{ slo_id: 'a' }]);
    expect((await get(`/v1/corrections?cursor=${cursor}&slo=a`)).status).toBe(200);
    expect(await get(`/v1/corrections?cursor=${cursor}&slo=b`)).toMatchObject({
      status: 400,
      body: { errors: [{ field: 'slo' }] },
    });
    expect(await get(`/v1/services?cursor=${cursor}`)).toMatchObject({
      status: 400,
      body: { errors: [{ field: 'cursor', message: 'is not a cursor of this list' }] },
    });
  });
});

test('what is no parameter is refused', async () => {
  expect(await get('/v1/services?environment=production')).toMatchObject({
    status: 400,
    body: { errors: [{ field: 'environment' }] },
  });
  expect(await get('/v1/corrections?service=checkout')).toMatchObject({ status: 400 });
});
