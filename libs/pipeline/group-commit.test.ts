import { setImmediate as turn } from 'node:timers/promises';
import type { ReceivedFact } from '@evenkeel/events';
import { type FactBatch, type FactSink, StoreUnavailable } from '@evenkeel/store';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { GroupCommit, type Submission } from './group-commit.ts';

function fact(id: string): ReceivedFact {
  const received: unknown = { fact: { kind: 'drill', event_id: id }, observed_at: '', content_sha256: '' };
  return received as ReceivedFact;
}

function submission(id: string, over: Partial<Submission> = {}): Submission {
  return { facts: [fact(id)], rejected: [], bytes: 100, contentSha256: id, ...over };
}

/** A sink that waits until it is let go, and fails as told: the only part here that is not the real one. */
class ManualSink implements FactSink {
  readonly written: string[][] = [];
  readonly tokens: string[] = [];
  failures: unknown[] = [];
  #gate: Promise<void> = Promise.resolve();
  #open = () => {};

  hold(): void {
    this.#gate = new Promise((resolve) => {
      this.#open = resolve;
    });
  }
  release(): void {
    this.#open();
  }
  async write(batch: FactBatch, token: string): Promise<void> {
    this.tokens.push(token);
    await this.#gate;
    const failure = this.failures.shift();
    if (failure !== undefined) throw failure;
    this.written.push(batch.facts.map(({ fact }) => fact.event_id));
  }
}

test('requests that come together are one write, each answered when it is durable', async () => {
  const sink = new ManualSink();
  const commit = new GroupCommit({ sink });
  sink.hold();
  const answers: string[] = [];
  const all = ['a', 'b', 'c'].map(async (id) => answers.push((await commit.submit(submission(id))).outcome));
  while (sink.tokens.length === 0) await turn();
  expect(answers).toEqual([]);
  sink.release();
  await Promise.all(all);
  expect(answers).toEqual(['written', 'written', 'written']);
  expect(sink.written).toEqual([['a', 'b', 'c']]);
});

test('a full queue refuses at once and takes again when it has room', async () => {
  const sink = new ManualSink();
  const commit = new GroupCommit({ sink, maxBytes: 250 });
  sink.hold();
  const taken = [commit.submit(submission('a')), commit.submit(submission('b'))];
  expect(await commit.submit(submission('c'))).toEqual({
    outcome: 'refused',
    reason: 'full',
    retryAfterSeconds: 1,
  });
  expect(commit.load).toEqual({ bytes: 200, requests: 2 });
  sink.release();
  await Promise.all(taken);
  expect(commit.load).toEqual({ bytes: 0, requests: 0 });
  expect(await commit.submit(submission('c'))).toEqual({ outcome: 'written' });
});

test('a request that comes right after the answer to another is written too', async () => {
  const sink = new ManualSink();
  const commit = new GroupCommit({ sink, flushMs: 0 });
  for (const id of ['a', 'b', 'c'])
    expect(await commit.submit(submission(id))).toEqual({ outcome: 'written' });
  expect(sink.written).toEqual([['a'], ['b'], ['c']]);
});

test('the number of waiting requests is bounded too', async () => {
  const sink = new ManualSink();
  const commit = new GroupCommit({ sink, maxRequests: 1 });
  sink.hold();
  const first = commit.submit(submission('a'));
  expect((await commit.submit(submission('b'))).outcome).toBe('refused');
  sink.release();
  await first;
});

test('a write is tried again under the same token while ClickHouse is away', async () => {
  const sink = new ManualSink();
  sink.failures = [new StoreUnavailable('away'), new StoreUnavailable('away')];
  const errors: unknown[] = [];
  const commit = new GroupCommit({ sink, onRetry: (error) => errors.push(error) });
  expect(await commit.submit(submission('a'))).toEqual({ outcome: 'written' });
  expect(new Set(sink.tokens).size).toBe(1);
  expect(errors).toHaveLength(2);
});

test('what cannot be written in time is not acknowledged', async () => {
  const sink = new ManualSink();
  sink.failures = [new StoreUnavailable('connection refused')];
  const commit = new GroupCommit({ sink, retryForMs: 0 });
  expect(await commit.submit(submission('a'))).toEqual({
    outcome: 'unavailable',
    reason: 'connection refused',
    retryAfterSeconds: 5,
  });
  expect(commit.load.requests).toBe(0);
});

test('a request that breaks the write does not fail its company', async () => {
  const broken = new TypeError('a bug');
  const sink: FactSink = {
    write: (batch) =>
      batch.facts.some(({ fact }) => fact.event_id === 'b') ? Promise.reject(broken) : Promise.resolve(),
  };
  const commit = new GroupCommit({ sink });
  const answers = await Promise.allSettled(['a', 'b', 'c'].map((id) => commit.submit(submission(id))));
  expect(answers.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
  expect(commit.load).toEqual({ bytes: 0, requests: 0 });
});

test('closing under load refuses newcomers, and everything that was taken is written before it resolves', async () => {
  const sink = new ManualSink();
  const commit = new GroupCommit({ sink, flushRows: 2 });
  sink.hold();
  const taken = Array.from({ length: 9 }, (_, index) => commit.submit(submission(String(index))));
  const closed = commit.close();
  expect(await commit.submit(submission('late'))).toMatchObject({ outcome: 'refused', reason: 'closed' });
  sink.release();
  await closed;
  expect(sink.written.flat()).toHaveLength(9);
  expect((await Promise.all(taken)).every(({ outcome }) => outcome === 'written')).toBe(true);
});

test('whatever the sizes, each request is written exactly once and in order, and the load returns to nothing', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.record({ bytes: fc.nat(300), rows: fc.nat(4) }), { maxLength: 40 }),
      fc.record({ flushRows: fc.integer({ min: 1, max: 6 }), flushBytes: fc.integer({ min: 1, max: 400 }) }),
      async (requests, limits) => {
        const sink = new ManualSink();
        const commit = new GroupCommit({ sink, flushMs: 0, ...limits });
        const expected = requests.map(({ rows }, index) =>
          Array.from({ length: rows }, (_, row) => `${index}.${row}`),
        );
        await Promise.all(
          requests.map(({ bytes }, index) =>
            commit.submit(submission(String(index), { bytes, facts: (expected[index] ?? []).map(fact) })),
          ),
        );
        expect(sink.written.flat()).toEqual(expected.flat());
        expect(commit.load).toEqual({ bytes: 0, requests: 0 });
      },
    ),
    { numRuns: 50 },
  );
});
