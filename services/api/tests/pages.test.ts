import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type ApiHarness, NOW, openApiHarness } from './api-harness.ts';

let harness: ApiHarness;

const deployment = (id: string, at: string) => ({
  kind: 'deployment',
  service: 'checkout',
  environment: 'production',
  deployment_id: id,
  phase: 'finished',
  outcome: 'succeeded',
  occurred_at: at,
});
/** Three at one instant: only the id tells them apart. */
const stored = [
  deployment('a', '2026-03-10T00:00:00.001Z'),
  deployment('c', '2026-03-10T00:00:00.002Z'),
  deployment('e', '2026-03-10T00:00:00.002Z'),
  deployment('ü', '2026-03-10T00:00:00.002Z'),
  deployment('g', '2026-03-11T00:00:00.000Z'),
];

beforeAll(async () => {
  harness = await openApiHarness();
  await harness.post(...stored);
});
afterAll(() => harness.close());

type Response = Awaited<ReturnType<ApiHarness['app']['inject']>>;
interface Page {
  data: { deployment_id: string }[];
  meta: Record<string, unknown> & { next_cursor: string | null };
}
async function page(address: string): Promise<Page> {
  const response = await harness.app.inject(address);
  expect(response.statusCode, response.body).toBe(200);
  return response.json();
}
const ids = ({ data }: Page) => data.map(({ deployment_id }) => deployment_id);

describe('pages', () => {
  test.each([1, 2, 3, 4, 5, 6])('of %i rows make up the list', async (limit) => {
    const found: string[] = [];
    let cursor: string | null = null;
    do {
      const search: string = cursor === null ? '' : `&cursor=${cursor}`;
      const next: Page = await page(`/v1/deployments?limit=${limit}${search}`);
      expect(next.data.length).toBeLessThanOrEqual(limit);
      found.push(...ids(next));
      cursor = next.meta.next_cursor;
    } while (cursor !== null);
    expect(found).toEqual(['a', 'c', 'e', 'ü', 'g']);
  });

  test('a link leads through CSV', async () => {
    const bodies: string[] = [];
    let address: string | undefined = '/v1/deployments?limit=3&service=checkout';
    while (address !== undefined) {
      const csv: Response = await harness.app.inject({ url: address, headers: { accept: 'text/csv' } });
      bodies.push(...csv.body.trimEnd().split('\n').slice(1));
      address = /^<([^>]+)>; rel="next"$/.exec(String(csv.headers['link'] ?? ''))?.[1];
    }
    expect(bodies.map((line) => line.split(',')[0])).toEqual(['a', 'c', 'e', 'ü', 'g']);
  });
});

describe('a cursor', () => {
  test('carries the range of the first page', async () => {
    const first = await page('/v1/deployments?limit=2&service=checkout&tz=Europe/Berlin&from=2026-03-10');
    const later = harness.build({ clock: () => new Date(NOW.getTime() + 86_400_000) });
    const second = await later.inject(`/v1/deployments?cursor=${first.meta.next_cursor}`);
    const { next_cursor: _first, limit: _limit, ...asked } = first.meta;
    expect(second.json().meta).toMatchObject(asked);
  });

  test('takes the same parameters again, and a different page size', async () => {
    const asked = 'service=checkout&tz=Europe/Berlin&from=2026-03-10';
    const { meta } = await page(`/v1/deployments?limit=2&${asked}`);
    expect(ids(await page(`/v1/deployments?limit=9&${asked}&cursor=${meta.next_cursor}`))).toEqual([
      'e',
      'ü',
      'g',
    ]);
  });

  test.each([
    ['service=other', ['service']],
    ['team=other', ['team']],
    ['environment=production', ['environment']],
    ['tier=staging', ['tier']],
    ['from=2026-03-01', ['from']],
    ['to=2026-03-30', ['to']],
    ['tz=Europe/Berlin', ['tz']],
  ])('with %s, other than before, is refused', async (changed, fields) => {
    const { meta } = await page('/v1/deployments?limit=2&service=checkout&from=2026-03-10&to=2026-03-31');
    const response = await harness.app.inject(`/v1/deployments?cursor=${meta.next_cursor}&${changed}`);
    expect(response.statusCode).toBe(400);
    expect(response.json().errors.map(({ field }: { field: string }) => field)).toEqual(fields);
  });

  test('of another list, or edited, is refused', async () => {
    const { meta } = await page('/v1/deployments?limit=2');
    for (const address of [
      `/v1/incidents?cursor=${meta.next_cursor}`,
      `/v1/explain/deployments?cursor=${meta.next_cursor}`,
      `/v1/deployments?cursor=${meta.next_cursor}x`,
    ])
      expect((await harness.app.inject(address)).json().errors, address).toEqual([
        { field: 'cursor', message: expect.any(String) },
      ]);
  });

  test('stays where it is while facts arrive before and after it', async () => {
    const first = await page('/v1/deployments?limit=2');
    expect(ids(first)).toEqual(['a', 'c']);
    await harness.post(
      deployment('0', '2026-03-09T00:00:00Z'),
      deployment('b', '2026-03-10T00:00:00.002Z'),
      deployment('d', '2026-03-10T00:00:00.002Z'),
    );
    const second = await page(`/v1/deployments?cursor=${first.meta.next_cursor}`);
    expect(ids(second)).toEqual(['d', 'e', 'ü', 'g']);
  });
});
