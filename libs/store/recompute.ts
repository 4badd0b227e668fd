import type { ClickHouseClient } from '@clickhouse/client';
import { clickhouseCode, describe, StoreUnavailable } from './clickhouse-errors.ts';
import { selectRows } from './select.ts';

/**
 * The refreshable views of one recompute, in their order: each reads what the one before has written. See
 * `sql/migrations/0004_recompute_batch.sql`.
 */
export const recomputeSteps = [
  'batch_deployments',
  'batch_rollbacks',
  'batch_incidents',
  'batch_links',
  'batch_reverts',
  'batch_blames',
  'batch_reasons',
  'batch_change_times',
  'batch_changes',
  'recompute_deployments',
  'recompute_aggregates',
] as const;

/** What one recompute took. */
export interface Batch {
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

/**
 * Turns touched entities into dirty services, takes a batch of those and recomputes it.
 *
 * @throws {StoreUnavailable} when ClickHouse cannot be reached
 */
export async function recomputeBatch(
  client: ClickHouseClient,
  database?: string,
): Promise<{ outcome: 'ok'; batch: Batch } | RecomputeError> {
  const qualified = (name: string) => (database === undefined ? name : `${database}.${name}`);
  const none: Batch = { services: [], pendingEntities: 0 };
  let batch = none;
  let step = 'expand_marks';
  try {
    await refresh(client, qualified(step));
    step = 'recompute_batch';
    await refresh(client, qualified(step));
    batch = await readBatch(client, qualified);
    if (batch.services.length === 0) return { outcome: 'ok', batch };
    for (step of recomputeSteps) await refresh(client, qualified(step));
    return { outcome: 'ok', batch };
  } catch (error) {
    if (clickhouseCode(error) === undefined) throw new StoreUnavailable(describe(error), { cause: error });
    return { outcome: 'failed', batch, step, reason: describe(error) };
  }
}

async function refresh(client: ClickHouseClient, view: string): Promise<void> {
  await client.command({ query: `system refresh view ${view}` });
  await client.command({ query: `system wait view ${view}` });
}

async function readBatch(client: ClickHouseClient, qualified: (name: string) => string): Promise<Batch> {
  const services = await selectRows<{ service: string; seen: string }>(
    client,
    `select service, toString(seen) as seen from ${qualified('recompute_batch')} order by service`,
  );
  const [pending] = await selectRows<{ entities: number }>(
    client,
    `select count() as entities from (
       select entity, key, subkey from ${qualified('marks')} where entity != 'service'
       group by entity, key, subkey having sum(pending) != 0 limit 1
     )`,
  );
  return { services, pendingEntities: pending?.entities ?? 0 };
}

/**
 * Marks again what was written since shortly before the last recompute: a crash can fall between a fact and its mark.
 * To be run once at the start, before the refresher.
 */
export async function markAgain(client: ClickHouseClient, database?: string): Promise<void> {
  const qualified = (name: string) => (database === undefined ? name : `${database}.${name}`);
  const since = `(select max(recomputed_at) - toIntervalMinute(10) from ${qualified('dora_buckets')} where scope = '')`;
  const later = (table: string) => `from ${qualified(table)} where inserted_at >= ${since}`;
  const mark = 'reinterpretAsInt64(rand64())';
  for (const query of [
    // The links first: their own marks hang on them.
    `insert into ${qualified('change_links')} select assumeNotNull(fact.service), repository, change_id, pull_request from ${qualified('change_facts')} as fact where fact.inserted_at >= ${since} and fact.service is not null`,
    `insert into ${qualified('pull_request_changes')} select repository, pull_request, change_id ${later('change_facts')} and pull_request != '' and change_id != ''`,
    `insert into ${qualified('deployment_commits')} select coalesce(fact.repository, ''), assumeNotNull(fact.commit), service, environment, deployment_id, event_id, content_sha256, assumeNotNull(fact.commit_at) from ${qualified('deployment_facts')} as fact where fact.inserted_at >= ${since} and fact.commit is not null and fact.commit_at is not null`,
    `insert into ${qualified('marks')} select 'service', service, '', ${mark} ${later('deployment_facts')} group by service`,
    `insert into ${qualified('marks')} select 'service', service, '', ${mark} ${later('service_facts')} group by service`,
    `insert into ${qualified('marks')} select 'incident', incident_id, '', ${mark} ${later('incident_facts')} group by incident_id`,
    `insert into ${qualified('marks')} select 'review', review_id, '', ${mark} ${later('review_facts')} and subject = 'deployment' group by review_id`,
    `insert into ${qualified('marks')} select if(change_id = '', 'pull_request', 'change') as entity, repository, if(change_id = '', pull_request, change_id) as subkey, ${mark} ${later('change_facts')} group by entity, repository, subkey`,
  ]) {
    await client.command({ query });
  }
}
