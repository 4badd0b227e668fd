import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { FactKind, ReceivedFact } from '@evenkeel/events';
import { type FactSink, isRetriable, type Rejected } from '@evenkeel/store';
import { jitteredWaitMs } from './jitter.ts';

/** What one request wants written. */
export interface Submission {
  readonly facts: readonly ReceivedFact[];
  readonly rejected: readonly Rejected[];
  /** Size of the request's body, in bytes; what the queue is bounded by. */
  readonly bytes: number;
  /** Hash of the request's body, hex. */
  readonly contentSha256: string;
}

/** How a submission ended. Only `written` may be acknowledged. */
export type Committed =
  | { outcome: 'written' }
  /** Nothing of it was taken. */
  | { outcome: 'refused'; reason: 'full' | 'closed'; retryAfterSeconds: number }
  /** ClickHouse stayed away. It may have been written all the same; sending it again does no harm. */
  | { outcome: 'unavailable'; reason: string; retryAfterSeconds: number };

/** Options of {@link GroupCommit}. */
export interface GroupCommitOptions {
  readonly sink: FactSink;
  /** How long a first request waits for company, in milliseconds. @default 5 */
  readonly flushMs?: number;
  /** Most facts and rejected messages of one write. @default 20000 */
  readonly flushRows?: number;
  /** Most bytes of requests in one write. @default 4194304 */
  readonly flushBytes?: number;
  /** Most bytes of requests that wait or are being written. @default 67108864 */
  readonly maxBytes?: number;
  /** Most requests that wait or are being written. @default 10000 */
  readonly maxRequests?: number;
  /** How long a write is tried again while ClickHouse is away, in milliseconds. @default 10000 */
  readonly retryForMs?: number;
  /** Told after each write. */
  readonly onWritten?: (written: {
    rows: number;
    requests: number;
    milliseconds: number;
    kinds: ReadonlySet<FactKind>;
  }) => void;
  /** Told about each write that failed and is tried again. */
  readonly onRetry?: (error: unknown) => void;
}

interface Waiting {
  readonly submission: Submission;
  readonly resolve: (committed: Committed) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Many concurrent requests, one write every few milliseconds. A request is answered only when its rows are durable.
 * While one batch is written the next gathers, so batches grow with the load; what would not fit is refused at once.
 */
export class GroupCommit {
  readonly #options: Required<Omit<GroupCommitOptions, 'onWritten' | 'onRetry'>> &
    Pick<GroupCommitOptions, 'onWritten' | 'onRetry'>;
  readonly #queue: Waiting[] = [];
  #state: 'open' | 'closing' = 'open';
  #bytes = 0;
  #requests = 0;
  #queuedBytes = 0;
  #queuedRows = 0;
  #writing: Promise<void> | undefined;
  #wake: (() => void) | undefined;

  constructor(options: GroupCommitOptions) {
    this.#options = {
      flushMs: 5,
      flushRows: 20_000,
      flushBytes: 4_194_304,
      maxBytes: 67_108_864,
      maxRequests: 10_000,
      retryForMs: 10_000,
      ...options,
    };
  }

  /** Bytes and requests that wait or are being written. */
  get load(): { bytes: number; requests: number } {
    return { bytes: this.#bytes, requests: this.#requests };
  }

  /** Says, before a body is worth processing, whether it would be refused. */
  refusal(bytes: number): Extract<Committed, { outcome: 'refused' }> | undefined {
    if (this.#state !== 'open') return { outcome: 'refused', reason: 'closed', retryAfterSeconds: 5 };
    const { maxBytes, maxRequests } = this.#options;
    // A lone request is taken whatever its size: the door bounds that.
    const full = this.#requests > 0 && (this.#bytes + bytes > maxBytes || this.#requests >= maxRequests);
    return full ? { outcome: 'refused', reason: 'full', retryAfterSeconds: 1 } : undefined;
  }

  /** Queues a request. @throws what a broken sink throws: a bug, answered as an internal error */
  submit(submission: Submission): Promise<Committed> {
    const refusal = this.refusal(submission.bytes);
    if (refusal !== undefined) return Promise.resolve(refusal);
    return new Promise((resolve, reject) => {
      this.#bytes += submission.bytes;
      this.#requests += 1;
      this.#queuedBytes += submission.bytes;
      this.#queuedRows += rowsOf(submission);
      this.#queue.push({ submission, resolve, reject });
      if (this.#full()) this.#wake?.();
      this.#writing ??= this.#writeAll();
    });
  }

  /** Refuses what comes from now on and resolves when everything that was taken is answered. */
  async close(): Promise<void> {
    this.#state = 'closing';
    this.#wake?.();
    await this.#writing;
  }

  async #writeAll(): Promise<void> {
    while (this.#queue.length > 0) {
      await this.#gather();
      await this.#settle(this.#take());
    }
    // Here and not in a callback: whoever submits between the last look at the queue and this must start anew.
    this.#writing = undefined;
  }

  /** Waits for company, unless there is enough or the door closes. */
  async #gather(): Promise<void> {
    if (this.#full() || this.#state !== 'open') return;
    const woken = new Promise<void>((resolve) => {
      this.#wake = resolve;
    });
    const abort = new AbortController();
    const timer = sleep(this.#options.flushMs, undefined, { signal: abort.signal }).catch(() => undefined);
    await Promise.race([woken, timer]);
    abort.abort();
    this.#wake = undefined;
  }

  #full(): boolean {
    return this.#queuedRows >= this.#options.flushRows || this.#queuedBytes >= this.#options.flushBytes;
  }

  #take(): Waiting[] {
    const batch: Waiting[] = [];
    let rows = 0;
    let bytes = 0;
    for (const waiting of this.#queue) {
      rows += rowsOf(waiting.submission);
      bytes += waiting.submission.bytes;
      const over = rows > this.#options.flushRows || bytes > this.#options.flushBytes;
      if (batch.length > 0 && over) break;
      batch.push(waiting);
    }
    this.#queue.splice(0, batch.length);
    for (const { submission } of batch) {
      this.#queuedRows -= rowsOf(submission);
      this.#queuedBytes -= submission.bytes;
    }
    return batch;
  }

  async #settle(batch: readonly Waiting[]): Promise<void> {
    try {
      const committed = await this.#write(batch);
      for (const waiting of batch) waiting.resolve(committed);
    } catch (error) {
      // One request must not fail its company: each is tried alone, and the one that breaks is told.
      const [only, ...others] = batch;
      if (others.length === 0) only?.reject(error);
      else for (const waiting of batch) await this.#settle([waiting]);
      if (others.length > 0) return;
    }
    for (const { submission } of batch) {
      this.#bytes -= submission.bytes;
      this.#requests -= 1;
    }
  }

  async #write(batch: readonly Waiting[]): Promise<Committed> {
    const facts = batch.flatMap(({ submission }) => submission.facts);
    const rejected = batch.flatMap(({ submission }) => submission.rejected);
    const hash = createHash('sha256');
    for (const { submission } of batch) hash.update(submission.contentSha256);
    const token = `http:${hash.digest('hex')}`;
    const started = performance.now();
    for (let attempt = 0; ; attempt += 1) {
      try {
        await this.#options.sink.write({ facts, rejected }, token);
        const milliseconds = performance.now() - started;
        this.#options.onWritten?.({
          rows: facts.length + rejected.length,
          requests: batch.length,
          milliseconds,
          kinds: new Set(facts.map(({ fact }) => fact.kind)),
        });
        return { outcome: 'written' };
      } catch (error) {
        if (!isRetriable(error)) throw error;
        this.#options.onRetry?.(error);
        const wait = jitteredWaitMs(attempt, { firstMs: 50, mostMs: 2_000 });
        if (performance.now() - started + wait > this.#options.retryForMs) {
          const reason = error instanceof Error ? error.message : String(error);
          return { outcome: 'unavailable', reason, retryAfterSeconds: 5 };
        }
        await sleep(wait);
      }
    }
  }
}

function rowsOf(submission: Submission): number {
  return submission.facts.length + submission.rejected.length;
}
