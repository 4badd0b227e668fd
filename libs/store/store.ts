import type { ClickHouseClient } from '@clickhouse/client';
import type { FactKind, ReceivedFact } from '@evenkeel/events';
import { rowOf, tableOf } from './fact-rows.ts';
import { insertRows } from './insert.ts';
import { type Rejected, rejectedRow } from './rejected-messages.ts';

/** What one write holds. */
export interface FactBatch {
  readonly facts: readonly ReceivedFact[];
  readonly rejected: readonly Rejected[];
}

/** Where facts go. */
export interface FactSink {
  /**
   * Resolves when all of it is durable. The same batch under the same token, written again, changes nothing.
   *
   * @throws {StoreUnavailable} when ClickHouse is away; try again with jitter, without end
   */
  write(batch: FactBatch, token: string): Promise<void>;
}

/** Options of {@link createStore}. */
export interface StoreOptions {
  /** Database of the tables, written before their names. Unset: the client's own. */
  readonly database?: string;
  readonly clock?: () => Date;
  /** Told how many rows ClickHouse refused although they had passed the door: each is a gap in a schema. */
  readonly onRefused?: (refused: { table: string; rows: number }) => void;
}

/** A sink over ClickHouse: one insert a table and batch. */
export function createStore(client: ClickHouseClient, options: StoreOptions = {}): FactSink {
  const clock = options.clock ?? (() => new Date());
  const qualified = (table: string) =>
    options.database === undefined ? table : `${options.database}.${table}`;

  async function writeKind(
    kind: FactKind,
    facts: readonly ReceivedFact[],
    token: string,
  ): Promise<Rejected[]> {
    const table = tableOf(kind);
    const refused = await insertRows(client, qualified(table), facts.map(rowOf), token);
    if (refused.length > 0) options.onRefused?.({ table, rows: refused.length });
    return refused.map(({ index, field, reason }) => ({
      source: 'facts',
      place: `table:${table}`,
      code: 'refused_by_store',
      field,
      reason,
      payload: JSON.stringify(facts[index]?.fact),
    }));
  }

  return {
    async write(batch, token) {
      const rejected = [...batch.rejected];
      for (const [kind, facts] of Map.groupBy(batch.facts, ({ fact }) => fact.kind)) {
        rejected.push(...(await writeKind(kind, facts, token)));
      }
      const now = clock();
      const rows = rejected.map((each) => rejectedRow(each, now));
      const refused = await insertRows(client, qualified('rejected_messages'), rows, token);
      if (refused.length > 0) {
        throw new Error(`rejected_messages refused a row of its own: ${refused[0]?.reason ?? ''}`);
      }
    },
  };
}
