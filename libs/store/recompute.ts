import { readFile } from 'node:fs/promises';
import type { ClickHouseClient } from '@clickhouse/client';
import { allDone } from './all-done.ts';
import { clickhouseCode, describe, StoreUnavailable } from './clickhouse-errors.ts';
import { refreshView } from './refresh-view.ts';
import { selectRows } from './select.ts';
import { splitStatements } from './statements.ts';

/**
 * The refreshable views of one recompute. Each reads what those before it have written; the ways of a fork know nothing
 * of each other and go at the same time. See `sql/migrations/0004_recompute_batch.sql`.
 */
const recomputeSteps: readonly (string | readonly (readonly string[])[])[] = [
  'batch_placed',
  'batch_deployments',
  [
    [
      'batch_rollbacks',
      'batch_incidents',
      'batch_links',
      'batch_reverts',
      'batch_named_incidents',
      'batch_blames',
      'batch_hotfixes',
      'batch_reasons',
    ],
    [
      'batch_change_keys',
      'batch_commits',
      'batch_pull_requests',
      'batch_change_times',
      'batch_carried',
      'batch_changes',
    ],
  ],
  'batch_judged',
  [['recompute_deployments'], ['batch_parts', 'batch_weeks']],
  'recompute_aggregates',
];

/** What one recompute took. */
export interface Batch {
  /** Random id; empty when nothing was dirty. */
  readonly id: string;
  /** The services, each with the sum of its marks; as text, because it has 64 bits. */
  readonly services: readonly { service: string; seen: string }[];
  /** Touched entities that wait for the next round. */
  readonly pendingEntities: number;
}

/** A step that ClickHouse could not do. */
export interface RecomputeError {
  readonly outcome: 'failed';
  readonly batch: Batch;
  readonly step: string;
  readonly reason: string;
}

/** Another refresher took a batch meanwhile, so this one's last steps may have written nothing. */
export interface RecomputeInterrupted {
  readonly outcome: 'interrupted';
  readonly batch: Batch;
}

/**
 * Turns touched entities into dirty services, takes a batch of those and recomputes it.
 *
 * @throws {StoreUnavailable} when ClickHouse cannot be reached
 */
export async function recomputeBatch(
  client: ClickHouseClient,
  database?: string,
): Promise<{ outcome: 'ok'; batch: Batch } | RecomputeInterrupted | RecomputeError> {
  const qualified = (name: string) => (database === undefined ? name : `${database}.${name}`);
  const none: Batch = { id: '', services: [], pendingEntities: 0 };
  let batch = none;
  const failed = new Map<unknown, string>();
  const refresh = (name: string) =>
    refreshView(client, qualified(name)).catch((error: unknown) => {
      failed.set(error, name);
      throw error;
    });
  try {
    if ((await touchedEntities(client, qualified)) > 0) await refresh('expand_marks');
    await refresh('recompute_batch');
    batch = await readBatch(client, qualified);
    if (batch.services.length === 0) return { outcome: 'ok', batch };
    for (const next of recomputeSteps)
      await (typeof next === 'string' ? refresh(next) : allDone(next.map((way) => inTurn(way, refresh))));
    const { id } = await readBatch(client, qualified);
    return { outcome: id === batch.id ? 'ok' : 'interrupted', batch };
  } catch (error) {
    if (clickhouseCode(error) === undefined) throw new StoreUnavailable(describe(error), { cause: error });
    const step = failed.get(error) ?? 'recompute_batch';
    return { outcome: 'failed', batch, step, reason: describe(error) };
  }
}

async function inTurn(names: readonly string[], refresh: (name: string) => Promise<void>): Promise<void> {
  for (const name of names) await refresh(name);
}

async function readBatch(client: ClickHouseClient, qualified: (name: string) => string): Promise<Batch> {
  const rows = await selectRows<{ id: string; service: string; seen: string }>(
    client,
    `select toString(batch) as id, service, toString(pending_seen) as seen from ${qualified('recompute_batch')} order by service`,
  );
  return {
    id: rows[0]?.id ?? '',
    services: rows.map(({ service, seen }) => ({ service, seen })),
    pendingEntities: await touchedEntities(client, qualified),
  };
}

/** 1 when incidents, reviews, changes or pull requests are touched that have not yet been turned into services. */
async function touchedEntities(
  client: ClickHouseClient,
  qualified: (name: string) => string,
): Promise<number> {
  const [touched] = await selectRows<{ entities: number }>(
    client,
    `select count() as entities from (
       select entity, key, subkey from ${qualified('marks')} where entity != 'service'
       group by entity, key, subkey having sum(pending) != 0 limit 1
     )`,
  );
  return touched?.entities ?? 0;
}

/**
 * Marks again what was written since shortly before the last recompute: a crash can fall between a fact and its mark.
 * To be run once at the start, before the refresher. Needs a client whose own database is Evenkeel's.
 *
 * @param file `sql/on-start/mark-again.sql`
 */
export async function markAgain(client: ClickHouseClient, file: string): Promise<void> {
  for (const query of splitStatements(await readFile(file, 'utf8'))) await client.command({ query });
}
