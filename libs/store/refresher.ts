import { setTimeout as sleep } from 'node:timers/promises';
import type { ClickHouseClient } from '@clickhouse/client';
import { describe, StoreUnavailable } from './clickhouse-errors.ts';
import { type Batch, type RecomputeError, recomputeBatch } from './recompute.ts';
import { selectRows } from './select.ts';

/** Longest wait after another refresher came in between, in milliseconds. */
const interruptedWaitMs = 2_000;

/** What the refresher is doing. */
export type RefresherState = 'idle' | 'recomputing' | 'waiting for the store' | 'closed';

/** Options of {@link Refresher}. */
export interface RefresherOptions {
  /** Database of the views. Unset: the client's own. */
  readonly database?: string;
  /** First wait after the store was away, milliseconds; doubles up to `maximumWaitMs`. @default 200 */
  readonly minimumWaitMs?: number;
  /** Longest wait between tries, milliseconds. @default 10000 */
  readonly maximumWaitMs?: number;
  /** A look without being poked, for what another process wrote, milliseconds. @default 30000 */
  readonly idleCheckMs?: number;
  /** Told of everything that did not go as it should. */
  readonly onTrouble?: (message: string, detail: { service?: string; services?: number }) => void;
}

/**
 * Keeps the numbers in step with the facts: after a poke it runs the chain of refreshable views, batch after batch,
 * until no service is dirty. It decides no number and no order; it only says when. A batch that fails is made smaller
 * until one service fails alone; that one is quarantined, so that the others go on, and tried again when new facts
 * mark it. One refresher runs at a time; two cost time, never truth.
 */
export class Refresher {
  readonly #client: ClickHouseClient;
  readonly #options: Required<Omit<RefresherOptions, 'database' | 'onTrouble'>> & RefresherOptions;
  #state: RefresherState = 'idle';
  #poked = false;
  #wake: (() => void) | undefined;
  #running: Promise<void> | undefined;
  #failure = '';
  #full: number | undefined;

  constructor(client: ClickHouseClient, options: RefresherOptions = {}) {
    this.#client = client;
    this.#options = { minimumWaitMs: 200, maximumWaitMs: 10_000, idleCheckMs: 30_000, ...options };
  }

  /** What it is doing, and the last failure that is not yet over (empty: none). */
  status(): { state: RefresherState; failure: string } {
    return { state: this.#state, failure: this.#failure };
  }

  /** Starts the loop; what was left dirty by a kill is taken up at once. */
  start(): void {
    this.#running ??= this.#loop();
    this.poke();
  }

  /** New facts are durable. */
  poke(): void {
    this.#poked = true;
    this.#wake?.();
  }

  /** Ends the loop after the batch at hand. */
  async close(): Promise<void> {
    this.#state = 'closed';
    this.#wake?.();
    await this.#running;
  }

  /**
   * Recomputes until nothing is dirty that can be recomputed.
   *
   * @throws {StoreUnavailable} when ClickHouse is away
   */
  async drain(): Promise<void> {
    for (;;) {
      const batch = await this.#attempt();
      if (batch.services.length === 0 && batch.pendingEntities === 0) return;
      if (this.#closed()) return;
    }
  }

  #closed(): boolean {
    return this.#state === 'closed';
  }

  async #loop(): Promise<void> {
    let waitMs = this.#options.minimumWaitMs;
    while (!this.#closed()) {
      if (!this.#poked) await this.#sleep(this.#options.idleCheckMs);
      if (this.#closed()) return;
      this.#poked = false;
      this.#state = 'recomputing';
      try {
        await this.drain();
        this.#failure = '';
        waitMs = this.#options.minimumWaitMs;
        if (!this.#closed()) this.#state = 'idle';
      } catch (error) {
        if (this.#closed()) return;
        this.#failure = describe(error);
        this.#options.onTrouble?.(`cannot recompute yet: ${this.#failure}`, {});
        this.#state = 'waiting for the store';
        await this.#sleep(waitMs * (0.5 + Math.random()));
        waitMs = Math.min(waitMs * 2, this.#options.maximumWaitMs);
        this.#poked = true;
      }
    }
  }

  async #sleep(ms: number): Promise<void> {
    if (this.#poked && this.#state !== 'waiting for the store') return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.#wake = () => {
        if (this.#state === 'waiting for the store') return;
        clearTimeout(timer);
        resolve();
      };
    });
    this.#wake = undefined;
  }

  /** One batch; a failing one narrows the next. */
  async #attempt(): Promise<Batch> {
    const result = await recomputeBatch(this.#client, this.#options.database);
    if (result.outcome === 'ok') {
      await this.#widen();
      return result.batch;
    }
    if (result.outcome === 'interrupted') {
      // Not at once and not in step with the other one, or both go on interrupting each other.
      await sleep(Math.random() * interruptedWaitMs);
      return result.batch;
    }
    await this.#narrow(result);
    return result.batch;
  }

  async #narrow({ batch, step, reason }: RecomputeError): Promise<void> {
    const [only] = batch.services;
    if (only === undefined) throw new StoreUnavailable(`${step}: ${reason}`);
    if (batch.services.length > 1) {
      this.#full ??= await this.#limit();
      const services = Math.ceil(batch.services.length / 2);
      this.#options.onTrouble?.(`${step} failed, trying fewer services: ${reason}`, { services });
      await this.#setLimit(services);
      return;
    }
    this.#options.onTrouble?.(`${step} fails for one service, which is quarantined: ${reason}`, {
      service: only.service,
    });
    await this.#client.command({
      query: `insert into ${this.#name('quarantined_services')} (service, seen, reason)
        select {service:String}, {seen:Int64}, {reason:String}`,
      query_params: { service: only.service, seen: only.seen, reason: `${step}: ${reason}` },
    });
  }

  async #widen(): Promise<void> {
    if (this.#full === undefined) return;
    const wider = Math.min(this.#full, (await this.#limit()) * 2);
    await this.#setLimit(wider);
    if (wider === this.#full) this.#full = undefined;
  }

  async #limit(): Promise<number> {
    const [row] = await selectRows<{ services: number }>(
      this.#client,
      `select max(services_per_refresh) as services from ${this.#name('recompute_limits')} final`,
    );
    return row?.services ?? 1;
  }

  async #setLimit(services: number): Promise<void> {
    await this.#client.command({
      query: `insert into ${this.#name('recompute_limits')} (services_per_refresh, facts_per_service)
        select {services:UInt32}, facts_per_service from ${this.#name('recompute_limits')} final`,
      query_params: { services },
    });
  }

  #name(name: string): string {
    return this.#options.database === undefined ? name : `${this.#options.database}.${name}`;
  }
}
