import { setImmediate as turn } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { chunk, type DeliveryPort, deliver } from './delivery.ts';

function port(over: Partial<DeliveryPort> = {}): DeliveryPort & { events: string[] } {
  const events: string[] = [];
  return {
    events,
    heartbeat: () => Promise.resolve(),
    pause: () => {
      events.push('pause');
      return () => events.push('resume');
    },
    onRetry: (attempt) => events.push(`retry ${attempt}`),
    heartbeatMs: 5,
    signal: new AbortController().signal,
    ...over,
  };
}

test('what is taken at once is neither paused nor tried again', async () => {
  const at = port();
  expect(await deliver(() => Promise.resolve(), at)).toBe(true);
  expect(at.events).toEqual([]);
});

test('a sink that is away and comes back gets the batch, with the partition paused meanwhile', async () => {
  let tries = 0;
  const at = port();
  const hand = () => (++tries < 3 ? Promise.reject(new Error('away')) : Promise.resolve());
  expect(await deliver(hand, at)).toBe(true);
  expect(at.events).toEqual(['pause', 'retry 0', 'retry 1', 'resume']);
});

test('heartbeats go on during a long write, and a lost partition is not acknowledged', async () => {
  let beats = 0;
  let finish = () => {};
  const lost = new Error('The group is rebalancing');
  const at = port({
    heartbeat: () => {
      beats += 1;
      if (beats < 3) return Promise.resolve();
      finish();
      return Promise.reject(lost);
    },
  });
  const delivered = deliver(() => new Promise<void>((resolve) => (finish = resolve)), at);
  await expect(delivered).rejects.toBe(lost);
  expect(beats).toBeGreaterThanOrEqual(3);
});

test('a lost partition ends the tries for a sink that is away', async () => {
  const lost = new Error('unknown member');
  const at = port({ heartbeat: () => Promise.reject(lost) });
  await expect(deliver(() => Promise.reject(new Error('away')), at)).rejects.toBe(lost);
  expect(at.events.at(-1)).toBe('resume');
});

test('stopping ends the tries without acknowledging', async () => {
  const abort = new AbortController();
  const at = port({ signal: abort.signal });
  const delivered = deliver(() => Promise.reject(new Error('away')), at);
  while (!at.events.includes('retry 0')) await turn();
  abort.abort();
  expect(await delivered).toBe(false);
});

test('chunks are bounded by messages and bytes, and nothing is lost or reordered', () => {
  const sizes = [3, 3, 3, 10, 1, 1, 1, 1];
  const timestamp = new Date(0);
  const messages = sizes.map((size, index) => ({
    offset: BigInt(index),
    value: new Uint8Array(size),
    timestamp,
  }));
  const chunks = chunk(messages, { messages: 3, bytes: 6 });
  expect(chunks.map((part) => part.map(({ value }) => value.length))).toEqual([
    [3, 3],
    [3],
    [10],
    [1, 1, 1],
    [1],
  ]);
  expect(chunks.flat().map(({ offset }) => offset)).toEqual(messages.map(({ offset }) => offset));
});
