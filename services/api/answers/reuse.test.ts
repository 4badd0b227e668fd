import { expect, test } from 'vitest';
import { Reuse } from './reuse.ts';

const at = (ms: number) => new Date(ms);
const limits = { maximumAgeMs: 5000, maximumEntries: 3, maximumBytes: 100 };

/** Counts what is made; the value tells how many were made before it. */
function counted(changes: Partial<typeof limits> = {}) {
  const reuse = new Reuse<string>({ ...limits, ...changes }, (value) => value.length);
  let made = 0;
  const ask = (key: string, version = 'v', now = 0, size = 1) =>
    reuse.get(key, version, at(now), async () => `${made++}`.padEnd(size));
  return { reuse, ask, made: () => made };
}

test('a value is used again until it is too old', async () => {
  const { ask } = counted();
  expect(await ask('a', 'v', 0)).toBe('0');
  expect(await ask('a', 'v', 4999)).toBe('0');
  expect(await ask('a', 'v', 5000)).toBe('1');
});

test('a value is not used again under another key or version, nor under an earlier version', async () => {
  const { ask } = counted();
  expect(await ask('a', 'v')).toBe('0');
  expect(await ask('b', 'v')).toBe('1');
  expect(await ask('a', 'w')).toBe('2');
  expect(await ask('a', 'v')).toBe('3');
  expect(await ask('b', 'v')).toBe('1');
});

test('a clock that was set back makes it anew', async () => {
  const { ask } = counted();
  await ask('a', 'v', 60_000);
  expect(await ask('a', 'v', 0)).toBe('1');
});

test('who asks meanwhile waits for the one that is being made', async () => {
  const { ask, made } = counted();
  expect(await Promise.all([ask('a'), ask('a'), ask('a', 'w'), ask('a', 'w')])).toEqual(['0', '0', '1', '1']);
  expect(made()).toBe(2);
});

test('what cannot be made is not kept, and whoever waited for it learns why', async () => {
  const { reuse, ask } = counted();
  const fail = () => reuse.get('a', 'v', at(0), () => Promise.reject(new Error('away')));
  const outcomes = await Promise.allSettled([fail(), ask('a')]);
  expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  expect(await ask('a')).toBe('0');
});

test('one that failed late does not take away the one that was made after it', async () => {
  const { reuse, ask } = counted();
  let fail = (_: Error) => {};
  const late = reuse.get('a', 'v', at(0), () => new Promise((_, reject) => (fail = reject)));
  await ask('a', 'w');
  fail(new Error('away'));
  await expect(late).rejects.toThrow('away');
  expect(await ask('a', 'w')).toBe('0');
});

test('of too many the oldest go', async () => {
  const { ask } = counted();
  for (const key of ['a', 'b', 'c', 'd']) await ask(key);
  expect(await ask('d')).toBe('3');
  expect(await ask('b')).toBe('1');
  expect(await ask('a')).toBe('4');
});

test('of too much the oldest go, and one that is too large alone is not kept', async () => {
  const { ask, made } = counted();
  await ask('a', 'v', 0, 60);
  await ask('b', 'v', 0, 60);
  await ask('b', 'v', 0, 60);
  expect(made()).toBe(2);
  await ask('a', 'v', 0, 101);
  await ask('a', 'v', 0, 10);
  await ask('a', 'v', 0, 10);
  expect(made()).toBe(4);
});

test('what was replaced or is too old no longer counts', async () => {
  const { ask, made } = counted();
  for (let round = 0; round < 10; round += 1) await ask('a', `${round}`, 0, 60);
  await ask('b', 'v', 0, 40);
  await ask('a', '9', 0);
  await ask('b', 'v', 0);
  expect(made()).toBe(11);
  await ask('c', 'v', 6000, 100);
  await ask('c', 'v', 6000);
  expect(made()).toBe(12);
});

test('an age of nothing keeps nothing', async () => {
  const { ask } = counted({ maximumAgeMs: 0 });
  expect(await Promise.all([ask('a'), ask('a')])).toEqual(['0', '1']);
});
