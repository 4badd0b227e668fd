import { afterAll, beforeAll, expect, test } from 'vitest';
import { BatchLimit } from './batch-limit.ts';
import { migrate } from './migrate.ts';
import { openTestDatabase } from './test-database.ts';

const database = openTestDatabase();
const directory = new URL('../../sql/migrations', import.meta.url).pathname;

beforeAll(() => migrate(database.client, { directory, database: 'evenkeel' }));
afterAll(() => database.close());

const limit = () => new BatchLimit(database.client, 'recompute_limits', 'services_per_refresh');
const stored = () =>
  database.rows('select id, services_per_refresh, facts_per_service from recompute_limits final order by id');

test('a limit that a failure narrowed grows back to what was set, also after a restart', async () => {
  const before = limit();
  await before.narrow(9.5);
  expect(await before.read()).toBe(10);
  await before.widen();
  const after = limit();
  expect(await after.read()).toBe(20);
  await after.widen();
  await after.widen();
  await after.widen();
  expect(await after.read()).toBe(40);
});

test('what was set stays as it is, and a later setting counts', async () => {
  const one = limit();
  await one.narrow(1);
  expect((await stored())[0]).toEqual({ id: 0, services_per_refresh: 40, facts_per_service: 5_000_000 });
  await database.client.command({
    query: 'insert into recompute_limits (services_per_refresh, facts_per_service) select 3, 5000000',
  });
  for (let batch = 0; batch < 3; batch += 1) await one.widen();
  expect(await one.read()).toBe(3);
});
