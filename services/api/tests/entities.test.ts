import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type ApiHarness, openApiHarness } from './api-harness.ts';
import { story } from './story.ts';

let harness: ApiHarness;

beforeAll(async () => {
  harness = await openApiHarness();
  await harness.post(...story);
});
afterAll(() => harness.close());

async function get(address: string, headers: Record<string, string> = {}) {
  const response = await harness.app.inject({ url: address, headers });
  expect(response.statusCode, response.body).toBe(200);
  return response;
}
const range = 'from=2026-03-02&to=2026-03-09';

describe('deployments', () => {
  test('by finish, then service, environment and id', async () => {
    const { data } = (await get(`/v1/deployments?${range}`)).json();
    expect(data.map((row: Record<string, unknown>) => row['deployment_id'])).toEqual([
      'd1',
      'd2',
      'r1',
      'd/3 ü?',
      'd1',
    ]);
    expect(data[1]).toMatchObject({
      failed: true,
      rolled_back_by: 'r1',
      restored_at: '2026-03-03T12:00:00.000Z',
      failure_reasons: [
        { rule: 'incident', incident_id: 'pager:P1', rollback_id: null },
        { rule: 'rollback', incident_id: null, rollback_id: 'r1' },
      ],
    });
  });

  test('one, with its changes and incidents', async () => {
    const { data } = (await get('/v1/deployments/d2')).json();
    expect(data).toMatchObject({
      deployment_id: 'd2',
      changes: 0,
      carried_changes: [],
      incidents: [{ incident_id: 'pager:P1', title: 'Payments, "slow"', linked_by: 'incident' }],
    });
  });

  test('an id with anything in it', async () => {
    const { data } = (await get(`/v1/deployments/${encodeURIComponent('d/3 ü?')}`)).json();
    expect(data).toMatchObject({ deployment_id: 'd/3 ü?', version: '3' });
  });

  test('409 names the candidates, and what they say finds one', async () => {
    const response = await harness.app.inject('/v1/deployments/d1');
    expect(response.statusCode).toBe(409);
    const { code, errors } = response.json();
    expect(code).toBe('ambiguous_id');
    expect(errors).toEqual([
      { field: 'id', message: '?service=checkout&environment=production' },
      { field: 'id', message: '?service=search&environment=production' },
      { field: 'id', message: '?service=search&environment=staging' },
    ]);
    const { data } = (await get(`/v1/deployments/d1${errors[0].message}`)).json();
    expect(data).toMatchObject({
      service: 'checkout',
      carried_changes: [
        {
          repository: 'example.org/shop/checkout',
          change_id: 'c1',
          committed_at: '2026-03-02T09:59:58.500Z',
          lead_time_seconds: 1.5,
        },
      ],
    });
    expect((await harness.app.inject('/v1/deployments/d1?service=search')).statusCode).toBe(409);
  });

  test('404 for an id that nothing has', async () => {
    const response = await harness.app.inject('/v1/deployments/none');
    expect([response.statusCode, response.json().code]).toEqual([404, 'not_found']);
  });
});

describe('SLOs', () => {
  test('a budget that is half spent', async () => {
    const { data } = (await get('/v1/slos/checkout%2Favailability/budget')).json();
    expect(data).toMatchObject({
      slo_id: 'checkout/availability',
      window: { rolling_days: 28 },
      good: 995,
      total: 1000,
      consumed: expect.closeTo(0.5, 9),
      budget_minutes: expect.closeTo(403.2, 9),
      remaining_minutes: expect.closeTo(201.6, 9),
    });
  });

  test('burn rates, a row an alert', async () => {
    const { data } = (await get('/v1/slos/checkout%2Favailability/burn?at=2026-03-31T12:00:00Z')).json();
    expect(data.map((row: Record<string, unknown>) => row['long_window_seconds'])).toEqual([
      3600, 21600, 86400, 259200,
    ]);
  });

  test('at an instant: a date is midnight in tz', async () => {
    const { meta } = (
      await get('/v1/slos/checkout%2Favailability/budget?at=2026-03-31&tz=Europe/Berlin')
    ).json();
    expect(meta.at).toBe('2026-03-30T22:00:00.000Z');
  });

  test('of some services', async () => {
    expect((await get('/v1/slos?service=checkout&service=none')).json().data).toHaveLength(1);
    expect((await get('/v1/slos?service=none')).json().data).toEqual([]);
  });

  test('day by day, those of another zone; days that have not begun are left out', async () => {
    const { data } = (
      await get('/v1/slos/checkout%2Favailability/history?from=2026-03-30&to=2026-04-03&tz=Europe/Berlin')
    ).json();
    expect(data).toMatchObject([
      { day_start: '2026-03-29T22:00:00.000Z', at: '2026-03-30T22:00:00.000Z', total: 1000 },
      { day_start: '2026-03-30T22:00:00.000Z', consumed: expect.closeTo(0.5, 9) },
    ]);
  });

  test.each(['budget', 'burn', 'alerts', 'history'])(
    '404 for the %s of one that is not known',
    async (what) => {
      expect((await harness.app.inject(`/v1/slos/none/${what}`)).statusCode).toBe(404);
    },
  );
});
