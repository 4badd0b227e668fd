import { setTimeout as sleep } from 'node:timers/promises';
import type { ClickHouseClient } from '@clickhouse/client';
import { BatchLimit } from './batch-limit.ts';
import { describe, StoreUnavailable } from './clickhouse-errors.ts';
import { recomputeCosts } from './cost-recompute.ts';
import type { RefresherOptions } from './refresher-options.ts';

/** Longest wait after another refresher came in between, in milliseconds. */
const interruptedWaitMs = 500;

/** Rest after each millisecond of work, so that very many SLOs take a tenth of the time at the most, milliseconds. */
const restPerWork = 9;

/** A batch should take about so long: while it runs, others wait for cores and memory, milliseconds. */
const batchMs = 2_000;

/** While deliveries wait without end, costs have their turn at least this often, in milliseconds. */
const longestWaitMs = 60_000;

/** Options of {@link CostTurn}. */
interface CostTurnOptions extends Pick<RefresherOptions, 'database' | 'onTrouble'> {
  /** Least rest after a recompute that left none waiting, milliseconds: costs follow slowly, so a steady stream of SLIs costs little. */
  readonly restMs: number;
  /** Told when a recompute that was started is over. */
  readonly onDone: () => void;
}

/** When the costs of deployments are computed again: beside everything that they rest on, with rests in between. */
export class CostTurn {
  readonly #client: ClickHouseClient;
  readonly #options: CostTurnOptions;
  readonly #days: BatchLimit;
  #pending = false;
  #dueAt = 0;
  #doneAt = performance.now();
  #running: Promise<void> | undefined;

  constructor(client: ClickHouseClient, options: CostTurnOptions) {
    this.#client = client;
    this.#options = options;
    const table = 'cost_recompute_limits';
    const name = options.database === undefined ? table : `${options.database}.${table}`;
    this.#days = new BatchLimit(client, name, 'days_per_refresh');
  }

  /** Costs may have changed. */
  mark(): void {
    this.#pending = true;
  }

  /** Whether something may be left to do. */
  pending(): boolean {
    return this.#pending || this.#running !== undefined;
  }

  /** Milliseconds until the next turn, at most 0 when it is due; infinite when there is nothing to start. */
  restMs(): number {
    if (!this.#pending || this.#running !== undefined) return Number.POSITIVE_INFINITY;
    return this.#dueAt - performance.now();
  }

  /** Starts a batch when it is due, unless deliveries wait; it runs beside them. */
  start(deliveriesWait: boolean): void {
    const now = performance.now();
    if (!this.#pending || this.#running !== undefined || now < this.#dueAt) return;
    if (deliveriesWait && now < this.#doneAt + longestWaitMs) return;
    this.#running = this.take()
      .catch((error: unknown) => {
        this.#pending = true;
        this.#dueAt = performance.now() + this.#options.restMs;
        this.#options.onTrouble?.(`cannot recompute costs yet: ${describe(error)}`, {});
      })
      .finally(() => {
        this.#running = undefined;
        this.#options.onDone();
      });
  }

  /** Waits for what was started. */
  async close(): Promise<void> {
    await this.#running;
  }

  /**
   * One batch.
   *
   * @throws {StoreUnavailable} when ClickHouse is away, or the smallest batch fails
   */
  async take(): Promise<void> {
    this.#pending = false;
    const { database, restMs, onTrouble } = this.#options;
    const startedAt = performance.now();
    const result = await recomputeCosts(this.#client, database);
    this.#doneAt = performance.now();
    const tookMs = this.#doneAt - startedAt;
    this.#dueAt = this.#doneAt + Math.max(restMs, tookMs * restPerWork);
    if (result.outcome === 'failed') {
      this.#pending = true;
      const days = await this.#days.read();
      if (days <= 1) throw new StoreUnavailable(`the recompute of costs failed: ${result.reason}`);
      await this.#days.narrow(days / 2);
      onTrouble?.(`the recompute of costs failed, trying fewer days: ${result.reason}`, {});
      return;
    }
    // Not at once and not in step with the other one, or both go on interrupting each other.
    if (result.outcome === 'interrupted') await sleep(Math.random() * interruptedWaitMs);
    if (result.marks === 0) return;
    this.#pending = true;
    // A backlog takes half of the time: what is looked at now waits for no old cost.
    if (result.left > 0) this.#dueAt = this.#doneAt + tookMs;
    await this.#fit(tookMs);
  }

  /** The next batch is as much as fits into its time. */
  async #fit(tookMs: number): Promise<void> {
    if (tookMs < batchMs / 2) return this.#days.widen();
    const days = await this.#days.read();
    if (tookMs > batchMs * 2 && days > 1) await this.#days.narrow((days * batchMs) / tookMs);
  }
}
