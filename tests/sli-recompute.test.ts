import { fileURLToPath } from 'node:url';
import { markAgain, Refresher } from '@evenkeel/store';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { openSqlHarness, type SqlHarness } from '../sql/tests/harness.ts';

/** The recompute of SLIs: whatever happens between a fact and its quarter-hour costs time, never truth. */
let sql: SqlHarness;
beforeAll(async () => {
  sql = await openSqlHarness();
});
afterAll(() => sql.close());
beforeEach(() => sql.reset());

const markFile = fileURLToPath(new URL('../sql/on-start/mark-again.sql', import.meta.url));

const window = (start: string, end: string, good: number, total: number, more: object = {}) => ({
  kind: 'sli',
  slo_id: 'checkout',
  occurred_at: end,
  window_start: start,
  window_end: end,
  good,
  total,
  ...more,
});

const buckets = () =>
  sql.select(
    `select bucket, bad, total, filled, starts from sli_buckets final where total > 0 or filled != 0 order by bucket`,
  );
const dirtyHours = async () =>
  (
    await sql.select(
      `select count() as hours from (select 1 from sli_marks group by hour, slo_id having sum(pending) != 0)`,
    )
  )[0]?.['hours'];

test('a window fills the minutes that it overlaps, in later hours, too', async () => {
  await sql.post([window('2026-01-01T10:58:30Z', '2026-01-01T12:01:00Z', 9, 10)]);
  await sql.refresh();
  const full = 0b111_1111_1111_1111;
  expect(await buckets()).toEqual([
    { bucket: '2026-01-01T10:45:00Z', bad: 1, total: 10, filled: 0b110_0000_0000_0000, starts: [810_000] },
    { bucket: '2026-01-01T11:00:00Z', bad: 0, total: 0, filled: full, starts: [] },
    { bucket: '2026-01-01T11:15:00Z', bad: 0, total: 0, filled: full, starts: [] },
    { bucket: '2026-01-01T11:30:00Z', bad: 0, total: 0, filled: full, starts: [] },
    { bucket: '2026-01-01T11:45:00Z', bad: 0, total: 0, filled: full, starts: [] },
    { bucket: '2026-01-01T12:00:00Z', bad: 0, total: 0, filled: 0b1, starts: [] },
  ]);
  // A later hour recomputed for a reason of its own finds the long window again.
  await sql.post([window('2026-01-01T12:05:00Z', '2026-01-01T12:06:00Z', 3, 3)]);
  await sql.refresh();
  expect((await buckets()).at(-1)).toMatchObject({ total: 3, filled: 0b10_0001, starts: [300_000] });
  expect(await dirtyHours()).toBe(0);
});

test('a window that is withdrawn leaves zeros behind', async () => {
  await sql.post([window('2026-01-01T10:59:00Z', '2026-01-01T11:30:00Z', 9, 10)]);
  await sql.refresh();
  expect(await buckets()).toHaveLength(3);
  await sql.post([
    window('2026-01-01T10:59:00Z', '2026-01-01T11:30:00Z', 0, 0, { occurred_at: '2026-01-02T00:00:00Z' }),
  ]);
  await sql.refresh();
  expect(await buckets()).toEqual([]);
});

test('a fact whose mark a crash has swallowed is found on the next start, and so are its later hours', async () => {
  await sql.post([window('2026-01-01T10:00:00Z', '2026-01-01T10:01:00Z', 1, 1)]);
  await sql.refresh();
  await sql.post([window('2026-01-01T10:59:00Z', '2026-01-01T11:01:00Z', 9, 10)]);
  await sql.command('truncate table sli_marks');
  await sql.command('truncate table sli_long_windows');
  await sql.refresh();
  expect(await buckets()).toHaveLength(1);
  await markAgain(sql.embedded.client(), markFile);
  await sql.refresh();
  expect(await buckets()).toHaveLength(3);
  expect(await dirtyHours()).toBe(0);
});

test('a batch that a crash cut off before its marks were settled is done again', async () => {
  await sql.post([window('2026-01-01T10:00:00Z', '2026-01-01T10:01:00Z', 1, 1)]);
  await sql.refresh();
  // As if the kill had come between the quarter-hours and what settles their marks.
  await sql.command(
    `insert into sli_marks select bucket, slo_id, settled from sli_buckets where settled != 0`,
  );
  expect(await dirtyHours()).toBe(1);
  await sql.post([window('2026-01-01T10:01:00Z', '2026-01-01T10:02:00Z', 1, 2)]);
  await sql.refresh();
  expect(await dirtyHours()).toBe(0);
  expect(await buckets()).toMatchObject([{ bad: 1, total: 3, filled: 0b11 }]);
});

test('more dirty hours than one batch takes are all done, the newest first', async () => {
  await sql.command('insert into sli_recompute_limits (hours_per_refresh) values (2)');
  try {
    const hours = Array.from({ length: 7 }, (_, hour) =>
      window(`2026-01-01T0${hour}:00:00Z`, `2026-01-01T0${hour}:01:00Z`, 1, 1),
    );
    await sql.post(hours);
    await sql.command('system refresh view sli_batch');
    await sql.command('system wait view sli_batch');
    expect(await sql.select('select toHour(hour) as hour from sli_batch order by hour')).toEqual([
      { hour: 5 },
      { hour: 6 },
    ]);
    await sql.refresh();
    expect(await buckets()).toHaveLength(7);
  } finally {
    await sql.command('insert into sli_recompute_limits (hours_per_refresh) values (1500)');
  }
});

test('two refreshers at a time cost time, never truth', async () => {
  const refreshers = [new Refresher(sql.embedded.maintainer()), new Refresher(sql.embedded.client())];
  for (let round = 0; round < 6; round += 1) {
    const start = (hour: number) => `2026-01-01T0${hour}:0${round}:00Z`;
    const end = (hour: number) => `2026-01-01T0${hour}:0${round + 1}:00Z`;
    await sql.post([0, 1, 2, 3].map((hour) => window(start(hour), end(hour), 1, 2)));
    await Promise.all(refreshers.map((refresher) => refresher.drain()));
  }
  await sql.refresh();
  expect(await dirtyHours()).toBe(0);
  expect(await buckets()).toMatchObject(
    Array.from({ length: 4 }, () => ({ bad: 6, total: 12, filled: 0b11_1111 })),
  );
});

test('the same facts again write nothing but that they were looked at', async () => {
  const facts = [window('2026-01-01T10:20:00Z', '2026-01-01T10:21:00Z', 1, 2)];
  await sql.post(facts, 'first');
  await sql.refresh();
  const before = await sql.select(
    'select * except (settled, revision) from sli_buckets final order by bucket',
  );
  await sql.post(facts, 'again');
  await sql.refresh();
  expect(
    await sql.select('select * except (settled, revision) from sli_buckets final order by bucket'),
  ).toEqual(before);
  expect(await sql.select(`select revision from sli_buckets final where total > 0`)).toEqual([
    { revision: 1 },
  ]);
});
