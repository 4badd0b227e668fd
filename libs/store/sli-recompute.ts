import type { ClickHouseClient } from '@clickhouse/client';
import { allDone } from './all-done.ts';
import { clickhouseCode, describe, StoreUnavailable } from './clickhouse-errors.ts';
import { refreshView } from './refresh-view.ts';
import { selectRows } from './select.ts';

/** A dirty hour of an SLO. */
export interface SliHour {
  readonly slo_id: string;
  /** Start of the hour, seconds since 1970. */
  readonly hour: number;
  /** Sum of its marks; as text, because it has 64 bits. */
  readonly seen: string;
}

/** What one recompute of SLIs took, or why it could not be done. */
export type SliRecompute =
  | { readonly outcome: 'ok'; readonly hours: number }
  | {
      readonly outcome: 'failed';
      readonly hours: number;
      readonly only: SliHour | undefined;
      reason: string;
    };

/**
 * Takes a batch of the hours that SLI facts have touched and puts them together again; see
 * `sql/migrations/0011_sli.sql`. Nothing to do costs one small query.
 *
 * @throws {StoreUnavailable} when ClickHouse cannot be reached
 */
export async function recomputeSlis(client: ClickHouseClient, database?: string): Promise<SliRecompute> {
  const qualified = (name: string) => (database === undefined ? name : `${database}.${name}`);
  let hours = 0;
  try {
    const waiting = await selectRows(
      client,
      `select 1 from ${qualified('sli_marks')} group by hour, slo_id having sum(pending) != 0 limit 1`,
    );
    if (waiting.length === 0) return { outcome: 'ok', hours };
    await refreshView(client, qualified('sli_batch'));
    const [batch] = await selectRows<{ hours: number }>(
      client,
      `select count() as hours from ${qualified('sli_batch')}`,
    );
    hours = batch?.hours ?? 0;
    if (hours === 0) return { outcome: 'ok', hours };
    await allDone([
      refreshView(client, qualified('recompute_sli_checks')),
      refreshView(client, qualified('recompute_sli_buckets')),
    ]);
    // It settles the hours, so it comes last.
    await refreshView(client, qualified('recompute_sli_days'));
    return { outcome: 'ok', hours };
  } catch (error) {
    if (clickhouseCode(error) === undefined) throw new StoreUnavailable(describe(error), { cause: error });
    const only = hours === 1 ? await theOnlyHour(client, qualified) : undefined;
    return { outcome: 'failed', hours, only, reason: describe(error) };
  }
}

async function theOnlyHour(
  client: ClickHouseClient,
  qualified: (name: string) => string,
): Promise<SliHour | undefined> {
  const rows = await selectRows<SliHour>(
    client,
    `select slo_id, toUnixTimestamp(hour) as hour, toString(seen) as seen from ${qualified('sli_batch')}`,
  );
  return rows.length === 1 ? rows[0] : undefined;
}

/** Leaves an hour that fails alone out, until new facts mark it again. */
export async function quarantineSliHour(
  client: ClickHouseClient,
  { slo_id, hour, seen }: SliHour,
  reason: string,
  database?: string,
): Promise<void> {
  await client.command({
    query: `insert into ${database === undefined ? '' : `${database}.`}quarantined_sli_hours (slo_id, hour, seen, reason)
      select {slo_id:String}, toDateTime({hour:UInt32}, 'UTC'), {seen:Int64}, {reason:String}`,
    query_params: { slo_id, hour, seen, reason },
  });
}
