import type { ClickHouseClient } from '@clickhouse/client';
import { selectRows } from './select.ts';

/**
 * How much a batch takes at the most, kept in a table of ClickHouse. A batch that fails is tried with half of it, until
 * what is poisoned fails alone; batches that succeed double it again, up to what it was.
 */
export class BatchLimit {
  readonly #client: ClickHouseClient;
  readonly #table: string;
  readonly #column: string;
  readonly #others: readonly string[];
  #full: number | undefined;

  /** `others` are the further columns of the table, which keep their values. */
  constructor(client: ClickHouseClient, table: string, column: string, others: readonly string[] = []) {
    this.#client = client;
    this.#table = table;
    this.#column = column;
    this.#others = others;
  }

  /** The next batch is smaller, until batches that succeed widen it; its size, at least 1. */
  async narrow(to: number): Promise<number> {
    this.#full ??= await this.read();
    const most = Math.ceil(to);
    await this.#write(most);
    return most;
  }

  /** A batch succeeded. */
  async widen(): Promise<void> {
    if (this.#full === undefined) return;
    const wider = Math.min(this.#full, (await this.read()) * 2);
    await this.#write(wider);
    if (wider === this.#full) this.#full = undefined;
  }

  /** What a batch takes at the most now. */
  async read(): Promise<number> {
    const [row] = await selectRows<{ most: number }>(
      this.#client,
      `select max(${this.#column}) as most from ${this.#table} final`,
    );
    return row?.most ?? 1;
  }

  async #write(most: number): Promise<void> {
    const others = this.#others.map((column) => `, ${column}`).join('');
    await this.#client.command({
      query: `insert into ${this.#table} (${this.#column}${others}) select {most:UInt32}${others} from ${this.#table} final`,
      query_params: { most },
    });
  }
}
