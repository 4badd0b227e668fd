import { expect, test } from 'vitest';
import { readOptions } from './options.ts';

const now = new Date('2026-11-24T03:25:00Z');
const read = (...args: string[]) => readOptions(args, now);

test('without options it is 1000 services, an SLO each, over five years from a Monday to this hour', () => {
  const result = read();
  if (result.outcome !== 'ok') throw new Error(JSON.stringify(result));
  const { services, slos, seed, since, until, minutesFrom, recompute, addToData } = result.options;
  expect({ services, slos, seed, recompute, addToData }).toEqual({
    services: 1000,
    slos: 1000,
    seed: 1,
    recompute: true,
    addToData: false,
  });
  expect(until.toISOString()).toBe('2026-11-24T03:00:00.000Z');
  expect(since.toISOString()).toBe('2021-11-22T00:00:00.000Z');
  expect(since.getUTCDay()).toBe(1);
  expect(minutesFrom.toISOString()).toBe('2026-10-25T03:00:00.000Z');
});

test.each([
  [['--services', '0'], '--services=0: expected a whole number, 1 to 100000'],
  [['--services', '2.5'], '--services=2.5: expected a whole number, 1 to 100000'],
  [['--services', 'many'], '--services=many: expected a whole number, 1 to 100000'],
  [['--years', '0'], '--years=0: expected a number, 0.1 to 20'],
  [['--years', '50'], '--years=50: expected a number, 0.1 to 20'],
  [['--slos', '-1'], 'slos'],
  [['--slos=-1'], '--slos=-1: expected a whole number, 0 to 100000'],
  [['--seed', 'x'], '--seed=x: expected a whole number'],
  [['--until', 'tomorrow'], '--until=tomorrow: expected an instant such as 2026-11-24T00:00:00Z'],
  [['--data-dir', ''], '--data-dir=: expected a directory'],
  [['--batch', '0'], '--batch=0: expected a whole number'],
  [['--speed', '9'], '--speed'],
])('%j is refused by name', (args, problem) => {
  const result = read(...args);
  expect(result.outcome).toBe('rejected');
  expect(result).toMatchObject({ problems: [expect.stringContaining(problem)] });
});

test('every wrong option is named at once', () => {
  expect(read('--services', 'a', '--years', 'b')).toMatchObject({
    problems: [expect.stringContaining('--services'), expect.stringContaining('--years')],
  });
});

test('--help asks for nothing else', () => {
  expect(read('--help')).toEqual({ outcome: 'help' });
});
