import { recomputeBatch } from '@evenkeel/store';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openSqlHarness, type SqlHarness } from '../sql/tests/harness.ts';
import { queryOf } from '../sql/tests/queries.ts';

/** Where many facts wait, recent history is recomputed first; the whole one follows and has the last word. */
let sql: SqlHarness;
beforeAll(async () => {
  sql = await openSqlHarness();
});
afterAll(() => sql.close());

const deployment = (id: string, at: string, more: object = {}) => ({
  kind: 'deployment',
  service: 'checkout',
  environment: 'production',
  deployment_id: id,
  version: id,
  phase: 'finished',
  outcome: 'succeeded',
  occurred_at: at,
  ...more,
});

async function summary() {
  const { text, parameters } = queryOf('dora_summary', { services: ['checkout'] });
  const [row] = await sql.select(text, parameters);
  return {
    deployments: row?.['deployments'],
    failed: row?.['failed_deployments'],
    rollbacks: row?.['rollbacks'],
    changes: row?.['changes'],
  };
}

/** Deployments that failed or were reverted. */
async function failures() {
  const rows = await sql.select(
    `select concat(deployment_id, if(failed, ' failed', ''), if(reverted, ' reverted', '')) as text
     from deployments where failed or reverted order by text`,
  );
  return rows.map(({ text }) => text);
}

test('recent history is right at once, what reaches further back after the whole recompute', async () => {
  await sql.post([
    deployment('v1', '2024-03-01T10:00:00Z'),
    deployment('v2', '2024-03-02T10:00:00Z'),
    deployment('v3', '2026-02-24T10:00:00Z'),
  ]);
  await sql.refresh();
  expect(await summary()).toEqual({ deployments: 3, failed: 0, rollbacks: 0, changes: 0 });
  await sql.limit({ whole_facts: 3 });
  const client = sql.embedded.client();
  await sql.post([
    deployment('v4', '2026-03-01T10:00:00Z', { fixes_deployment: 'v3' }),
    deployment('back', '2026-03-02T10:00:00Z', { action: 'rollback', version: 'v1' }),
    {
      kind: 'change',
      repository: 'example.com/shop',
      change_id: 'c1',
      service: 'checkout',
      environment: 'production',
      deployment_id: 'v4',
      committed_at: '2026-02-28T10:00:00Z',
      occurred_at: '2026-02-28T10:00:00Z',
    },
  ]);
  // By recent history alone v1 is unknown, so the rollback blames the deployment just before it.
  await recomputeBatch(client);
  expect(await summary()).toEqual({ deployments: 4, failed: 2, rollbacks: 1, changes: 1 });
  expect(await failures()).toEqual(['v3 failed', 'v4 failed']);
  expect(await sql.select('select service, recent from dirty_services')).toEqual([
    { service: 'checkout', recent: 0 },
  ]);
  expect(await sql.select('select pending_services, provisional_services from recompute_status')).toEqual([
    { pending_services: 0, provisional_services: 1 },
  ]);
  // Since v1 was live it was v2 that came first.
  await recomputeBatch(client);
  expect(await sql.select('select service from dirty_services')).toEqual([]);
  expect(await summary()).toEqual({ deployments: 4, failed: 2, rollbacks: 1, changes: 1 });
  expect(await failures()).toEqual(['v2 failed', 'v3 failed reverted', 'v4 reverted']);
  await sql.limit();
});

test('few facts are recomputed whole at once', async () => {
  await sql.reset();
  await sql.post([deployment('v1', '2024-03-01T10:00:00Z'), deployment('v2', '2026-03-01T10:00:00Z')]);
  await recomputeBatch(sql.embedded.client());
  expect(await sql.select('select service from dirty_services')).toEqual([]);
});
