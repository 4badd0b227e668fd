import type { ClickHouseClient } from '@clickhouse/client';
import { clickhouseCode, describe, StoreUnavailable } from './clickhouse-errors.ts';
import { refreshView } from './refresh-view.ts';
import { selectRows } from './select.ts';

/** Whether one recompute of costs took marks, or why it could not be done. */
export type CostRecompute =
  | { readonly outcome: 'ok'; readonly marks: number }
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
    const waiting = await selectRows(
      client,
      `select 1 from ${qualified('cost_marks')} group by entity, key, from_day, until_day having sum(pending) != 0 limit 1`,
    );
    if (waiting.length === 0) return { outcome: 'ok', marks: 0 };
    await refreshView(client, qualified('cost_batch'));
    await refreshView(client, qualified('cost_targets'));
    const [batch] = await selectRows<{ marks: number; slos: number }>(
      client,
      `select (select count() from ${qualified('cost_batch')}) as marks, countIf(slo_id != '') as slos from ${qualified('cost_targets')}`,
    );
    if ((batch?.slos ?? 0) > 0) await refreshView(client, qualified('recompute_costs'));
    await refreshView(client, qualified('settle_costs'));
    return { outcome: 'ok', marks: batch?.marks ?? 0 };
  } catch (error) {
    if (clickhouseCode(error) === undefined) throw new StoreUnavailable(describe(error), { cause: error });
    return { outcome: 'failed', reason: describe(error) };
  }
}
