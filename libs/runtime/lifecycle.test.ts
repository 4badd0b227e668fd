import { EventEmitter } from 'node:events';
import { expect, test } from 'vitest';
import { StartError } from './errors.ts';
import { createLifecycle, type SignalSource, start, stopOnSignals } from './lifecycle.ts';
import { createLogger } from './log.ts';

const logger = createLogger({ name: 'test', level: 'silent' });

class FakeProcess extends EventEmitter implements SignalSource {
  readonly exits: number[] = [];
  exit(code: number): void {
    this.exits.push(code);
    this.emit('exited');
  }
}

test('parts close one after another, the last opened first, and only once', async () => {
  const closed: string[] = [];
  const lifecycle = createLifecycle({ logger, graceMs: 5_000 });
  lifecycle.onStop('store', () => void closed.push('store'));
  lifecycle.onStop('queue', async () => {
    await new Promise((resolve) => setImmediate(resolve));
    closed.push('queue');
  });
  lifecycle.started();
  const first = lifecycle.stop('test');
  expect(lifecycle.state).toBe('stopping');
  expect(lifecycle.stopping.aborted).toBe(true);
  expect(lifecycle.stop('again', 3)).toBe(first);
  expect(await first).toBe(0);
  expect(closed).toEqual(['queue', 'store']);
  expect(lifecycle.state).toBe('stopped');
});

test('a part that fails does not keep the others from closing', async () => {
  const closed: string[] = [];
  const lifecycle = createLifecycle({ logger, graceMs: 5_000 });
  lifecycle.onStop('store', () => void closed.push('store'));
  lifecycle.onStop('queue', () => Promise.reject(new Error('stuck')));
  expect(await lifecycle.stop('test')).toBe(1);
  expect(closed).toEqual(['store']);
});

test('a part that hangs is given up after the grace time', async () => {
  const lifecycle = createLifecycle({ logger, graceMs: 10 });
  lifecycle.onStop('hanging', () => new Promise(() => undefined));
  expect(await lifecycle.stop('test')).toBe(75);
});

test('the first signal stops gracefully, the second at once', async () => {
  const source = new FakeProcess();
  const lifecycle = createLifecycle({ logger, graceMs: 5_000 });
  let finish = () => {};
  lifecycle.onStop('slow', () => new Promise<void>((resolve) => (finish = resolve)));
  stopOnSignals(lifecycle, source);
  source.emit('SIGTERM', 'SIGTERM');
  expect(source.exits).toEqual([]);
  source.emit('SIGINT', 'SIGINT');
  expect(source.exits).toEqual([130]);
  finish();
  await new Promise((resolve) => source.once('exited', resolve));
  expect(source.exits).toEqual([130, 0]);
});

test('a failed start closes what was opened and leaves the exit code of its reason', async () => {
  const source = new FakeProcess();
  const lifecycle = createLifecycle({ logger, graceMs: 5_000 });
  const closed: string[] = [];
  await start(
    lifecycle,
    logger,
    () => {
      lifecycle.onStop('store', () => void closed.push('store'));
      return Promise.reject(new StartError('data_directory_held', 'held by 42'));
    },
    source,
  );
  expect(source.exits).toEqual([73]);
  expect(closed).toEqual(['store']);
});
