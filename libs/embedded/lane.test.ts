import { expect, test } from 'vitest';
import { Lane, LaneFullError } from './lane.ts';

/** Work that ends when told to. */
function controlled(started: string[], name: string) {
  const { promise, resolve } = Promise.withResolvers<string>();
  const work = () => {
    started.push(name);
    return promise;
  };
  return { work, finish: () => resolve(name) };
}

test('runs so many at a time, in the order of asking, and refuses when too many wait', async () => {
  const lane = new Lane('test', 2, 1);
  const started: string[] = [];
  const jobs = ['a', 'b', 'c', 'd'].map((name) => controlled(started, name));
  const [a, b, c, d] = jobs as [(typeof jobs)[0], (typeof jobs)[0], (typeof jobs)[0], (typeof jobs)[0]];
  const running = [lane.run(a.work), lane.run(b.work), lane.run(c.work)];
  await expect(lane.run(d.work)).rejects.toThrow(LaneFullError);
  expect(started).toEqual(['a', 'b']);
  b.finish();
  await running[1];
  await expect.poll(() => started).toEqual(['a', 'b', 'c']);
  a.finish();
  c.finish();
  expect(await Promise.all(running)).toEqual(['a', 'b', 'c']);
});

test('gives the place of work that failed to the next', async () => {
  const lane = new Lane('test', 1, 5);
  const failing = lane.run(() => Promise.reject(new Error('broken')));
  const next = lane.run(async () => 'next');
  await expect(failing).rejects.toThrow('broken');
  expect(await next).toBe('next');
});
