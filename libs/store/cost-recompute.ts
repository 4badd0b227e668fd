import type { ClickHouseClient } from '@clickhouse/client';
import { clickhouseCode, describe, StoreUnavailable } from './clickhouse-errors.ts';
import { refreshView } from './refresh-view.ts';
import { selectRows } from './select.ts';

/** How many marks one recompute of costs took and left, whether another refresher came in between, or why it could not be done. */
export type CostRecompute =
  | { readonly outcome: 'ok' | 'interrupted'; readonly marks: number; readonly left: number }
  | { readonly outcome: 'failed'; readonly reason: string };

/**
 * Takes a batch of what may change the costs of deployments and computes those again; see
 * `sql/migrations/0014_costs.sql`. Nothing to do costs one small query.
 *
 * @throws {StoreUnavailable} when ClickHouse cannot be reached
 */
export async function recomputeCosts(client: ClickHouseClient, database?: string): Promise<CostRecompute> {
  const qualified = (name: string) => (database === undefined ? name : `${database}.${name}`);
  try {
    const [waiting] = await selectRows<{ marks: number }>(
      client,
      `select count() as marks from
         (select 1 from ${qualified('cost_marks')} group by entity, key, from_day, until_day having sum(pending) != 0)`,
    );
    if (waiting === undefined || waiting.marks === 0) return { outcome: 'ok', marks: 0, left: 0 };
    await refreshView(client, qualified('cost_batch'));
    await refreshView(client, qualified('cost_targets'));
    const batch = await readBatch(client, qualified);
    await refreshView(client, qualified(batch.slos > 0 ? 'recompute_costs' : 'skip_costs'));
    const { id } = await readBatch(client, qualified);
    const left = Math.max(0, waiting.marks - batch.marks);
    return { outcome: id === batch.id ? 'ok' : 'interrupted', marks: batch.marks, left };
  } catch (error) {
    if (clickhouseCode(error) === undefined) throw new StoreUnavailable(describe(error), { cause: error });
    return { outcome: 'failed', reason: describe(error) };
  }
}

interface CostBatch {
  /** Random; as text, because it has 64 bits. */
  readonly id: string;
  readonly marks: number;
  readonly slos: number;
}

async function readBatch(client: ClickHouseClient, qualified: (name: string) => string): Promise<CostBatch> {
  const [batch] = await selectRows<CostBatch>(
    client,
    `select toString(any(batch)) as id, count() as marks, (select countIf(slo_id != '') from ${qualified('cost_targets')}) as slos
     from ${qualified('cost_batch')}`,
  );
  return batch ?? { id: '', marks: 0, slos: 0 };
}
