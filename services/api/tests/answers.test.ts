import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type ApiHarness, openApiHarness } from './api-harness.ts';

let harness: ApiHarness;

const deployment = (id: string, at: string, more: object = {}) => ({
  kind: 'deployment',
  service: 'checkout',
  environment: 'production',
  deployment_id: id,
  phase: 'finished',
  outcome: 'succeeded',
  occurred_at: at,
  ...more,
});

beforeAll(async () => {
  harness = await openApiHarness();
  await harness.post(
    { kind: 'service', service: 'checkout', team: 'shop', occurred_at: '2026-01-01T00:00:00Z' },
    deployment('d1', '2026-03-02T10:00:00Z', {
      version: '1',
      commit: 'c1',
      commit_at: '2026-03-02T09:59:58.5Z',
      repository: 'https://example.org/shop/checkout.git',
    }),
    deployment('d2', '2026-03-03T10:00:00Z', { version: '2' }),
    deployment('r1', '2026-03-03T12:00:00Z', {
      action: 'rollback',
      rolls_back_deployment: 'd2',
      version: '1',
    }),
    deployment('d/3 ü?', '2026-03-04T10:00:00Z', { version: '3' }),
    deployment('d1', '2026-03-05T10:00:00Z', { service: 'search', version: '1' }),
    deployment('d1', '2026-03-05T10:00:00Z', { service: 'search', environment: 'staging', version: '1' }),
    {
      kind: 'incident',
      incident_id: 'pager:P1',
      transition: 'opened',
      service: 'checkout',
      environment: 'production',
      title: 'Payments, "slow"',
      deployment_id: 'd2',
      occurred_at: '2026-03-03T10:30:00Z',
    },
    {
      kind: 'incident',
      incident_id: 'pager:P1',
      transition: 'resolved',
      service: 'checkout',
      occurred_at: '2026-03-03T12:00:00Z',
    },
    {
      kind: 'slo',
      slo_id: 'checkout/availability',
      service: 'checkout',
      objective: 0.99,
      window: { rolling_days: 28 },
      method: 'occurrences',
      occurred_at: '2026-01-01T00:00:00Z',
    },
    {
      kind: 'sli',
      slo_id: 'checkout/availability',
      window_start: '2026-03-30T12:00:00Z',
      window_end: '2026-03-31T12:00:00Z',
      good: 995,
      bad: 5,
      occurred_at: '2026-03-31T12:00:00Z',
    },
  );
});
afterAll(() => harness.close());

async function get(address: string, headers: Record<string, string> = {}) {
  const response = await harness.app.inject({ url: address, headers });
  expect(response.statusCode, response.body).toBe(200);
  return response;
}
const range = 'from=2026-03-02&to=2026-03-09';

describe('DORA', () => {
  test('the summary is one row', async () => {
    const { data, meta } = (await get(`/v1/dora/summary?service=checkout&${range}`)).json();
    expect(data).toMatchObject({
      deployments: 3,
      days: 7,
      deployments_per_day: 3 / 7,
      attempts: 3,
      rollbacks: 1,
      lead_time_changes: 1,
      lead_time_p50_seconds: 1.5,
      failed_deployments: 1,
      change_fail_rate: 1 / 3,
      recovery_time_p50_seconds: 7200,
      rework_rate: 0,
      time_to_restore_p50_seconds: 5400,
      oldest_open_seconds: null,
    });
    expect(meta).toMatchObject({
      watermark: '2026-03-31T12:00:00.000Z',
      refreshed_at: expect.stringMatching(/^\d{4}-.*\.\d{3}Z$/),
      quality: {
        pending_services: 0,
        pending_entities: 0,
        oldest_pending_seconds: 0,
        quarantined_services: [],
        recompute_failing: false,
      },
    });
  });

  test('team, service and place select', async () => {
    const deployments = async (search: string) =>
      (await get(`/v1/dora/summary?${range}&${search}`)).json().data.deployments;
    expect(await deployments('')).toBe(4);
    expect(await deployments('team=shop')).toBe(3);
    expect(await deployments('service=search&service=checkout')).toBe(4);
    expect(await deployments('service=search&team=shop')).toBe(0);
    expect(await deployments('environment=staging')).toBe(1);
    expect(await deployments('tier=staging')).toBe(1);
  });

  test('the time series has every bucket, in the zone that was asked', async () => {
    const { data } = (
      await get(
        `/v1/dora/timeseries?service=checkout&interval=week&tz=America/New_York&from=2026-03-02&to=2026-03-16`,
      )
    ).json();
    expect(data).toMatchObject([
      {
        bucket_start: '2026-03-02T05:00:00.000Z',
        bucket_end: '2026-03-09T04:00:00.000Z',
        partial: false,
        deployments: 3,
      },
      {
        bucket_start: '2026-03-09T04:00:00.000Z',
        bucket_end: '2026-03-16T04:00:00.000Z',
        deployments: 0,
        change_fail_rate: null,
      },
    ]);
  });

  test('the stages come in their order', async () => {
    const { data } = (await get(`/v1/dora/lead-time/stages?${range}`)).json();
    expect(data.map(({ stage }: { stage: string }) => stage)).toEqual([
      'coding',
      'pickup',
      'review',
      'queue',
      'deploy',
    ]);
  });

  test('the rows behind a number, counted, are the number', async () => {
    const { data, meta } = (await get(`/v1/explain/change_fail_rate?service=checkout&${range}`)).json();
    expect(meta).toMatchObject({ metric: 'change_fail_rate', next_cursor: null });
    expect(data.filter(({ counted }: { counted: boolean }) => counted)).toHaveLength(3);
    expect(data.filter(({ rule }: { rule: string }) => rule !== '')).toMatchObject([
      { subject: 'deployment', id: 'd2', rule: 'incident', evidence: 'pager:P1' },
    ]);
  });

  test('quality', async () => {
    const { data } = (await get(`/v1/quality?service=checkout&${range}`)).json();
    expect(data).toContainEqual({
      check: 'deployments_without_changes',
      service: 'checkout',
      affected: 2,
      of: 3,
      share: 2 / 3,
      example: expect.any(String),
    });
  });
});

describe('JSON, CSV and SQL say the same', () => {
  test.each([
    ['/v1/dora/summary', 'dora_summary', ", tz = 'UTC', now = toDateTime64('2026-03-31 12:07:00', 3, 'UTC')"],
    ['/v1/deployments', 'deployment_list', ''],
    ['/v1/incidents', 'incident_list', ''],
  ])('%s', async (address, view, more) => {
    const json = (await get(`${address}?${range}`)).json().data;
    const rows = [json].flat();
    const sql = await harness.select<Record<string, unknown>>(
      `select * from ${view}(services = [], team = '', scope = 'tier:production',
         since = toDateTime64('2026-03-02', 3, 'UTC'), until = toDateTime64('2026-03-09', 3, 'UTC')${more})
       order by all`,
    );
    const byText = (a: object, b: object) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1);
    expect(rows.toSorted(byText)).toEqual(sql.map(({ at: _at, ...row }) => row).toSorted(byText));

    const csv = await get(`${address}?${range}`, { accept: 'text/csv' });
    expect(csv.headers['content-type']).toBe('text/csv; charset=utf-8');
    const lines = csv.body.trimEnd().split('\n');
    expect(lines[0]).toBe(Object.keys(rows[0]).join(','));
    expect(lines).toHaveLength(rows.length + 1);
  });

  test('objects are JSON text in CSV', async () => {
    const { body } = await get('/v1/slos', { accept: 'text/csv' });
    expect(body).toContain('"{""rolling_days"":28}"');
  });
});

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

  test.each(['budget', 'burn'])('404 for the %s of one that is not known', async (what) => {
    expect((await harness.app.inject(`/v1/slos/none/${what}`)).statusCode).toBe(404);
  });
});
