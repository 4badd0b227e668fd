import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { countBuckets, INTERVALS } from '../parameters/buckets.ts';
import { createClickHouseCalendar } from '../store/clickhouse-calendar.ts';
import { type ApiHarness, connect, openApiHarness } from './api-harness.ts';

let harness: ApiHarness;
beforeAll(async () => {
  harness = await openApiHarness();
});
afterAll(() => harness.close());

/** Fields that a 400 names. */
async function refused(address: string): Promise<string[]> {
  const response = await harness.app.inject(address);
  expect(response.statusCode, response.body).toBe(400);
  expect(response.headers['content-type']).toMatch(/^application\/problem\+json/);
  expect(response.json()).toMatchObject({
    type: 'urn:evenkeel:error:invalid_parameter',
    status: 400,
    code: 'invalid_parameter',
    title: expect.any(String),
    detail: expect.any(String),
  });
  return response.json().errors.map(({ field }: { field: string }) => field);
}

async function meta(address: string): Promise<Record<string, unknown>> {
  const response = await harness.app.inject(address);
  expect(response.statusCode, response.body).toBe(200);
  return response.json().meta;
}

describe('refused with the name of the field', () => {
  test.each([
    ['/v1/dora/summary?form=2026-01-01', ['form']],
    ['/v1/dora/summary?interval=day', ['interval']],
    ['/v1/dora/summary?x=1&y=2', ['x', 'y']],
    ['/v1/dora/summary?__proto__=1', ['__proto__']],
    ['/v1/dora/summary?service=', ['service']],
    ['/v1/dora/summary?team=a&team=b', ['team']],
    ['/v1/dora/summary?environment=a&tier=b', ['tier']],
    ['/v1/dora/summary?from=2026-02-30', ['from']],
    ['/v1/dora/summary?from=2026-01-01T00:00:00', ['from']],
    ['/v1/dora/summary?from=2026-01-01T00:07:00Z&to=now', ['to', 'from']],
    ['/v1/dora/summary?from=2026-01-02&to=2026-01-02', ['from']],
    ['/v1/dora/summary?from=2026-01-02&to=2026-01-01', ['from']],
    ['/v1/dora/summary?from=2027-01-01', ['from']],
    ['/v1/dora/summary?to=1970-01-01', ['to']],
    ['/v1/dora/summary?tz=Mars/Olympus', ['tz']],
    ['/v1/dora/summary?tz=europe/berlin', ['tz']],
    ['/v1/dora/summary?tz=%2B01:00', ['tz']],
    ['/v1/dora/summary?tz=', ['tz']],
    ['/v1/dora/timeseries?interval=hour', ['interval']],
    ['/v1/dora/timeseries?from=2000-01-01&to=2026-01-01&interval=day', ['interval']],
    ['/v1/dora/timeseries?from=1970-01-01&to=2200-01-01&interval=month', ['interval']],
    ['/v1/deployments?limit=0', ['limit']],
    ['/v1/deployments?limit=1001', ['limit']],
    ['/v1/deployments?limit=1e3', ['limit']],
    ['/v1/deployments?cursor=abc', ['cursor']],
    ['/v1/deployments/d1?tier=production', ['tier']],
    ['/v1/explain/velocity', ['metric']],
    ['/v1/quality?environment=prod', ['environment']],
    ['/v1/slos?team=a', ['team']],
    ['/v1/slos/x/budget?at=soon', ['at']],
    ['/v1/slos/x/burn?from=2026-01-01', ['from']],
    ['/v1/slos/x/history?from=2025-01-01&to=2026-02-06', ['from']],
    ['/v1/slos/x/history?at=2026-01-01', ['at']],
  ])('%s', async (address, fields) => {
    expect(await refused(address)).toEqual(fields);
  });
});

describe('meta repeats the parameters as they were understood', () => {
  test('defaults: everything, tier production, 28 days in UTC until the quarter-hour ends', async () => {
    expect(await meta('/v1/dora/timeseries')).toMatchObject({
      service: [],
      team: null,
      environment: null,
      tier: 'production',
      from: '2026-03-04T00:00:00.000Z',
      to: '2026-03-31T12:15:00.000Z',
      tz: 'UTC',
      interval: 'day',
    });
  });

  test('what was given', async () => {
    const address =
      '/v1/dora/summary?service=b&service=a&service=b&team=x&environment=prod-eu&from=2026-01-01&to=2026-02-01T00:00:00%2B02:00&tz=Asia/Kathmandu';
    expect(await meta(address)).toMatchObject({
      service: ['a', 'b'],
      team: 'x',
      environment: 'prod-eu',
      tier: null,
      from: '2025-12-31T18:15:00.000Z',
      to: '2026-01-31T22:00:00.000Z',
      tz: 'Asia/Kathmandu',
    });
  });

  test.each([
    // Clocks skip midnight: the day begins at 01:00.
    ['Africa/Cairo', '2024-04-26', '2024-04-25T22:00:00.000Z'],
    ['America/Havana', '2026-03-08', '2026-03-08T05:00:00.000Z'],
    // Midnight comes twice: the first counts.
    ['America/Havana', '2026-11-01', '2026-11-01T04:00:00.000Z'],
    ['America/New_York', '2026-03-08', '2026-03-08T05:00:00.000Z'],
    ['America/New_York', '2026-03-09', '2026-03-09T04:00:00.000Z'],
    ['America/New_York', '2025-11-03', '2025-11-03T05:00:00.000Z'],
    ['US/Eastern', '2026-03-09', '2026-03-09T04:00:00.000Z'],
  ])('in %s, %s begins at %s', async (tz, date, expected) => {
    expect(await meta(`/v1/dora/summary?tz=${tz}&from=${date}&to=2027-01-01`)).toMatchObject({
      from: expected,
    });
  });

  test('a default start is a midnight of the zone', async () => {
    expect(await meta('/v1/dora/summary?tz=Pacific/Auckland')).toMatchObject({
      from: '2026-03-04T11:00:00.000Z',
      to: '2026-03-31T12:15:00.000Z',
    });
  });

  test('of a budget', async () => {
    expect(await meta('/v1/slos')).toMatchObject({ service: [], at: '2026-03-31T12:07:00.000Z' });
  });
});

test('the time series has as many rows as buckets were counted', async () => {
  const client = connect(harness.path);
  const calendar = createClickHouseCalendar(client);
  const quarterHour = fc.integer({ min: Date.UTC(2000, 0) / 900_000, max: Date.UTC(2036, 0) / 900_000 });
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom('UTC', 'Africa/Cairo', 'America/New_York', 'Pacific/Auckland', 'Africa/Casablanca'),
      fc.constantFrom(...INTERVALS),
      quarterHour,
      fc.integer({ min: 1, max: 200 * 96 }),
      async (tz, interval, start, length) => {
        const [from, to] = [start * 900_000, (start + length) * 900_000];
        const search = new URLSearchParams({
          tz,
          interval,
          from: new Date(from).toISOString(),
          to: new Date(to).toISOString(),
        });
        const response = await harness.app.inject(`/v1/dora/timeseries?${search}`);
        expect(response.json().data).toHaveLength(await countBuckets({ from, to, tz }, interval, calendar));
      },
    ),
    { numRuns: 40 },
  );
  await client.close();
});
