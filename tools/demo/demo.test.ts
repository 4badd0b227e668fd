import { expect, test } from 'vitest';
import { dayMs } from './calendar.ts';
import { tellDemo } from './index.ts';
import { readOptions } from './options.ts';
import { exportRequest } from './otlp-spans.ts';

const until = Date.parse('2026-11-24T00:00:00Z');
const stretch = { from: until - 365 * dayMs, until, seed: 1 };

test('the same seed tells the same bytes, another one another year', () => {
  const told = (seed: number) => exportRequest(tellDemo({ ...stretch, seed }).deployments);
  expect(told(1)).toBe(told(1));
  expect(told(2)).not.toBe(told(1));
});

test('every id is told once, nothing lies behind the end, and the windows are as many as promised', () => {
  const demo = tellDemo(stretch);
  const ids = demo.deployments.map(({ id }) => id);
  expect(new Set(ids).size).toBe(ids.length);
  expect(Math.max(...demo.deployments.map(({ finishedAt }) => finishedAt))).toBeLessThan(until);
  const windows = [...demo.slis()];
  expect(windows).toHaveLength(demo.sliWindows);
  expect(new Set(windows.map((fact) => fact['event_id'])).size).toBe(windows.length);
});

test('the year has its story: few deployments at weekends, trains on Thursdays, payments gets faster', () => {
  const { deployments } = tellDemo(stretch);
  const on = (days: readonly number[]) =>
    deployments.filter(
      ({ startedAt, action }) => action === 'deploy' && days.includes(new Date(startedAt).getUTCDay()),
    );
  expect(on([0, 6]).length).toBeLessThan(on([1, 2, 3, 4, 5]).length / 20);
  const trains = deployments.filter(({ service, action }) => service === 'shipping' && action === 'deploy');
  expect(new Set(trains.map(({ startedAt }) => new Date(startedAt).getUTCDay()))).toEqual(new Set([4]));
  const checkout = deployments.filter(({ service, action }) => service === 'checkout' && action === 'deploy');
  const middle = stretch.from + 0.58 * (until - stretch.from);
  expect(checkout.filter(({ startedAt }) => startedAt > middle).length).toBeGreaterThan(
    checkout.filter(({ startedAt }) => startedAt < middle).length,
  );
});

test.each([
  [['--days', 'many'], '--days must be a number'],
  [['--days', '0'], '--days must be at least 1'],
  [['--until', '24.11.2026'], '--until must be a date such as 2026-01-31'],
  [['--until', '2027-01-01'], '--until must not be in the future'],
  [['--otlp-url', 'localhost'], '--otlp-url must be an http or https address'],
  [['--sead', '1'], "Unknown option '--sead'"],
])('%s is refused by name', (argv, message) => {
  const read = readOptions(argv, {}, new Date(until));
  expect(read).toMatchObject({ outcome: 'rejected', message: expect.stringContaining(message) as string });
});
