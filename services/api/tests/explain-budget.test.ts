import { afterAll, beforeAll, expect, test } from 'vitest';
import { type ApiHarness, openApiHarness } from './api-harness.ts';
import { story } from './story.ts';

let harness: ApiHarness;
beforeAll(async () => {
  harness = await openApiHarness();
  await harness.post(...story);
});
afterAll(() => harness.close());

interface Answer {
  data: { at: string; counted: boolean; good: number; total: number; bad: number; no_data: number }[];
  meta: { at: string; next_cursor: string | null };
}
const address = '/v1/explain/error_budget?slo=checkout/availability';
async function get(url: string): Promise<Answer> {
  const response = await harness.app.inject(url);
  expect(response.statusCode, response.body).toBe(200);
  return response.json();
}

test('the time behind a budget, counted again, is the budget; page by page', async () => {
  const { data: budget } = (await harness.app.inject('/v1/slos/checkout%2Favailability/budget')).json();
  const rows: Answer['data'] = [];
  let cursor: string | null = null;
  do {
    const page: Answer = await get(`${address}&limit=1000${cursor === null ? '' : `&cursor=${cursor}`}`);
    expect(page.meta.at).toBe('2026-03-31T12:07:00.000Z');
    rows.push(...page.data);
    cursor = page.meta.next_cursor;
  } while (cursor !== null);
  const sum = (column: 'good' | 'total' | 'bad' | 'no_data', of = rows) =>
    of.reduce((all, row) => all + row[column], 0);
  const counted = rows.filter((row) => row.counted);
  expect({ good: sum('good', counted), total: sum('total', counted) }).toEqual({
    good: budget.good,
    total: budget.total,
  });
  expect(sum('bad', counted) / sum('total', counted) / 0.01).toBeCloseTo(budget.consumed, 9);
  expect(sum('no_data') / (28 * 1440)).toBeCloseTo(budget.no_data_share, 9);
  expect(new Set(rows.map(({ at }) => at)).size).toBeGreaterThan(2500);
});

test('an SLO that nobody defined has no rows; one must be asked for', async () => {
  expect((await get('/v1/explain/error_budget?slo=unknown')).data).toEqual([]);
  const response = await harness.app.inject('/v1/explain/error_budget');
  expect(response.statusCode).toBe(400);
});
