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
    expect(data.filter(({ numerator }: { numerator: boolean }) => numerator)).toMatchObject([
      { subject: 'deployment', id: 'd2', rule: 'incident', evidence: 'pager:P1' },
    ]);
    expect(data.filter(({ subject }: { subject: string }) => subject === 'failure_reason')).toMatchObject([
      { id: 'd2', counted: false, rule: 'incident', evidence: 'pager:P1' },
      { id: 'd2', counted: false, rule: 'rollback', evidence: 'r1' },
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

describe('an answer that rests on thin data says so', () => {
  const notes = async (address: string) => {
    const { meta } = (await get(address)).json();
    expect(meta.quality.thin).toBe(meta.quality.notes.length > 0);
    return meta.quality.notes.map((note: { check: string }) => note.check);
  };

  test.each(['/v1/dora/summary', '/v1/dora/lead-time/stages', '/v1/deployments', '/v1/explain/changes'])(
    '%s',
    async (address) => {
      expect(await notes(`${address}?service=checkout&${range}`)).toEqual([
        'few_deployments',
        'few_changes',
        'few_recoveries',
        'few_restorations',
        'deployments_without_changes',
      ]);
    },
  );

  test.each(['', '&team=shop', '&service=checkout', '&environment=staging'])(
    'counts say the same about themselves as is read beside other rows%s',
    async (selection) => {
      const all = async (address: string) =>
        (await get(`${address}${range}${selection}`)).json().meta.quality.notes;
      const beside = await all('/v1/dora/lead-time/stages?');
      expect(beside.length).toBeGreaterThan(0);
      expect(await all('/v1/dora/summary?')).toEqual(beside);
      expect(await all('/v1/dora/timeseries?interval=day&')).toEqual(beside);
    },
  );

  test('a budget with gaps', async () => {
    expect(await notes('/v1/slos')).toEqual(['gaps']);
    expect(await notes('/v1/slos/checkout%2Favailability/budget')).toEqual(['gaps']);
    expect(await notes('/v1/slos/checkout%2Favailability/burn')).toEqual(['no_data']);
  });

  test('in a header of a CSV', async () => {
    const { headers } = await get(`/v1/dora/summary?service=checkout&${range}`, { accept: 'text/csv' });
    expect(headers['x-quality-notes']).toContain('few_deployments;affected=3;of=10, few_changes;');
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
