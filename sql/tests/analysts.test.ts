import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openSqlHarness, type SqlHarness } from './harness.ts';

/** Every query of the page for analysts runs. */
const page = readFileSync(new URL('../../docs/analysts.md', import.meta.url), 'utf8');
const queries = [...page.matchAll(/```sql\n([\s\S]*?)```/g)].map(([, query = '']) => query);

let sql: SqlHarness;
beforeAll(async () => {
  sql = await openSqlHarness();
  await sql.post([
    {
      kind: 'deployment',
      service: 'checkout',
      environment: 'production',
      deployment_id: 'd1',
      phase: 'finished',
      outcome: 'succeeded',
      occurred_at: '2026-03-02T10:00:00Z',
    },
    {
      kind: 'incident',
      incident_id: 'pager:1',
      transition: 'opened',
      service: 'checkout',
      occurred_at: '2026-03-02T11:00:00Z',
    },
  ]);
  await sql.refresh();
});
afterAll(() => sql.close());

test('there are queries', () => {
  expect(queries.length).toBeGreaterThan(8);
});

test.each(queries)('%s', async (query) => {
  await expect(sql.select(query)).resolves.toBeInstanceOf(Array);
});

test('the first one gives the summary', async () => {
  expect(await sql.select(queries[0] ?? '')).toMatchObject([{ deployments: 1, change_fail_rate: 1 }]);
});
