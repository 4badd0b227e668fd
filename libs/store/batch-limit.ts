import type { ClickHouseClient } from '@clickhouse/client';
import { selectRows } from './select.ts';

/**
 * How much a batch takes at the most, kept in a table of ClickHouse: row 0 as it was set, row 1 as it was narrowed. A
 * batch that fails is tried with half of it, until what is poisoned fails alone; batches that succeed double it again,
 * up to what was set, also after a restart.
 */
export class BatchLimit {
  readonly #client: ClickHouseClient;
  readonly #table: string;
  readonly #column: string;
  /** It may be narrower than it was set. */
  #narrowed = true;

  constructor(client: ClickHouseClient, table: string, column: string) {
    this.#client = client;
    this.#table = table;
    this.#column = column;
  }

  /** The next batch is smaller, until batches that succeed widen it; its size, at least 1. */
  async narrow(to: number): Promise<number> {
    const most = Math.ceil(to);
    await this.#write(most);
    this.#narrowed = true;
    return most;
  }

  /** A batch succeeded. */
  async widen(): Promise<void> {
    if (!this.#narrowed) return;
    const { most, set } = await this.#read();
    if (most < set) await this.#write(Math.min(set, most * 2));
    else this.#narrowed = false;
  }

  /** What a batch takes at the most now. */
  async read(): Promise<number> {
    return (await this.#read()).most;
  }

  async #read(): Promise<{ most: number; set: number }> {
    const [row] = await selectRows<{ most: number; set: number }>(
      this.#client,
      `select min(${this.#column}) as most, maxIf(${this.#column}, id = 0) as set from ${this.#table} final`,
    );
    return row ?? { most: 1, set: 1 };
  }

  async #write(most: number): Promise<void> {
    await this.#client.command({
      query: `insert into ${this.#table} (id, ${this.#column}) select 1, {most:UInt32}`,
      query_params: { most },
    });
  }
}
