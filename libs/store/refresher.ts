import { setTimeout as sleep } from 'node:timers/promises';
import type { ClickHouseClient } from '@clickhouse/client';
import { BatchLimit } from './batch-limit.ts';
import { describe, StoreUnavailable } from './clickhouse-errors.ts';
import { CostTurn } from './cost-turn.ts';
import { type Batch, type RecomputeError, recomputeBatch } from './recompute.ts';
import type { RefresherOptions, RefresherState } from './refresher-options.ts';
import { quarantineSliHour, recomputeSlis } from './sli-recompute.ts';

/** Longest wait after another refresher came in between, in milliseconds. */
const interruptedWaitMs = 2_000;

/** While deliveries wait without end, SLIs have their turn at least this often, in milliseconds. */
const sliTurnMs = 2_000;

/** A batch of fewer hours of SLOs is never a backlog. */
const sliBacklog = 100;

/** Facts that dirty services. */
const deliveryKinds: ReadonlySet<string> = new Set(['deployment', 'change', 'incident', 'service', 'review']);

/**
 * Keeps the numbers in step with the facts: after a poke it runs the chains of refreshable views, batch after batch,
 * until no service is dirty and no hour of an SLO; deliveries go first. It decides no number and no order; it only says
 * when. A batch that fails is made smaller until one service fails alone; that one is quarantined, so that the others
 * go on, and tried again when new facts mark it. One refresher runs at a time; two cost time, never truth.
 */
export class Refresher {
  readonly #client: ClickHouseClient;
  readonly #options: Required<Omit<RefresherOptions, 'database' | 'onTrouble'>> & RefresherOptions;
  #state: RefresherState = 'idle';
  /** Services may be dirty; hours of SLOs may be. */
  #deliveries = false;
  #slis = false;
  /** When SLIs may be recomputed next, and when they last were, milliseconds of a monotonic clock. */
  #slisDueAt = 0;
  #slisDoneAt = 0;
  #wake: (() => void) | undefined;
  #running: Promise<void> | undefined;
  #failure = '';
  readonly #services: BatchLimit;
  readonly #sliHours: BatchLimit;
  readonly #costs: CostTurn;

  constructor(client: ClickHouseClient, options: RefresherOptions = {}) {
    this.#client = client;
    this.#options = {
      minimumWaitMs: 200,
      maximumWaitMs: 10_000,
      idleCheckMs: 30_000,
      sliRestMs: 500,
      costRestMs: 15_000,
      ...options,
    };
    this.#services = new BatchLimit(client, this.#name('recompute_limits'), 'services_per_refresh');
    this.#sliHours = new BatchLimit(client, this.#name('sli_recompute_limits'), 'hours_per_refresh');
    this.#costs = new CostTurn(client, {
      ...options,
      restMs: this.#options.costRestMs,
      onDone: () => this.#wake?.(),
    });
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

  /** New facts of these kinds are durable; without kinds: of any. */
  poke(kinds?: Iterable<string>): void {
    for (const kind of kinds ?? (['deployment', 'sli'] as const)) {
      if (deliveryKinds.has(kind)) this.#deliveries = true;
      if (kind === 'sli') this.#slis = true;
    }
    this.#costs.mark();
    this.#wake?.();
  }

  /** Ends the loop after the batch at hand. */
  async close(): Promise<void> {
    this.#state = 'closed';
    this.#wake?.();
    await this.#running;
    await this.#costs.close();
  }

  /**
   * Recomputes until nothing is dirty that can be recomputed.
   *
   * @throws {StoreUnavailable} when ClickHouse is away
   */
  async drain(): Promise<void> {
    this.#deliveries = true;
    this.#slis = true;
    this.#costs.mark();
    while (!this.#closed() && (this.#deliveries || this.#slis || this.#costs.pending())) {
      this.#slisDueAt = 0;
      await this.#step(true);
    }
  }

  #closed(): boolean {
    return this.#state === 'closed';
  }

  async #loop(): Promise<void> {
    let waitMs = this.#options.minimumWaitMs;
    while (!this.#closed()) {
      if (!(await this.#somethingDue())) continue;
      this.#state = 'recomputing';
      try {
        await this.#step();
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
        this.#deliveries = true;
        this.#slis = true;
      }
    }
  }

  /** Waits until there may be something to do; false: look again. */
  async #somethingDue(): Promise<boolean> {
    if (this.#deliveries) return true;
    const sliRestMs = this.#slis ? this.#slisDueAt - performance.now() : Number.POSITIVE_INFINITY;
    const restMs = Math.min(sliRestMs, this.#costs.restMs());
    if (restMs <= 0) return true;
    await this.#sleep(Math.min(restMs, this.#options.idleCheckMs));
    if (this.#deliveries || this.#slis || this.#costs.pending()) return false;
    this.#deliveries = true;
    this.#slis = true;
    this.#costs.mark();
    return !this.#closed();
  }

  /** One batch of deliveries; then, unless more of them wait, one of SLIs; costs beside them. A poke meanwhile is not lost: it sets anew. */
  async #step(drains = false): Promise<void> {
    await this.#someDeliveries();
    await this.#someSlis();
    if (!drains) this.#costs.start(this.#deliveries);
    else if (!this.#deliveries && !this.#slis) await this.#costs.take();
  }

  async #someDeliveries(): Promise<void> {
    if (!this.#deliveries) return;
    this.#deliveries = false;
    const batch = await this.#attempt();
    if (batch.services.length > 0 || batch.pendingEntities > 0) this.#deliveries = true;
  }

  async #someSlis(): Promise<void> {
    const now = performance.now();
    if (!this.#slis || now < this.#slisDueAt) return;
    if (this.#deliveries && now < this.#slisDoneAt + sliTurnMs) return;
    this.#slis = false;
    if ((await this.#attemptSlis()) > 0) this.#slis = true;
    this.#slisDoneAt = performance.now();
  }

  async #sleep(ms: number): Promise<void> {
    if (this.#closed()) return;
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
      await this.#services.widen();
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
      const services = await this.#services.narrow(batch.services.length / 2);
      this.#options.onTrouble?.(`${step} failed, trying fewer services: ${reason}`, { services });
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

  /** One batch of SLIs; the hours that it took. */
  async #attemptSlis(): Promise<number> {
    const { database, sliRestMs, onTrouble } = this.#options;
    const result = await recomputeSlis(this.#client, database);
    if (result.outcome === 'ok') {
      await this.#sliHours.widen();
      // A full batch: more wait.
      const backlog = result.hours >= sliBacklog && result.hours >= (await this.#sliHours.read());
      this.#slisDueAt = performance.now() + (backlog ? 0 : sliRestMs);
      return result.hours;
    }
    if (result.hours === 0) throw new StoreUnavailable(`sli_batch: ${result.reason}`);
    if (result.only === undefined) {
      const hours = await this.#sliHours.narrow(result.hours / 2);
      onTrouble?.(`the recompute of SLIs failed, trying fewer hours: ${result.reason}`, { hours });
    } else {
      onTrouble?.(`the recompute of one hour of an SLO fails; it is quarantined: ${result.reason}`, {
        slo: result.only.slo_id,
      });
      await quarantineSliHour(this.#client, result.only, result.reason, database);
    }
    return result.hours;
  }

  #name(name: string): string {
    return this.#options.database === undefined ? name : `${this.#options.database}.${name}`;
  }
}
