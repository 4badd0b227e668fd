import type { ClickHouseClient } from '@clickhouse/client';
import { type ProgressOutput, startProgress } from '@evenkeel/progress';
import { Refresher, recomputeBatch, recomputeCosts, recomputeSlis, selectRows } from '@evenkeel/store';

/** Deployments of one batch: more cost memory (about 20 kB each), fewer cost time. */
const deploymentsOfBatch = 150_000;
/** A deployment leaves about so many: its start, its finish, and the changes that it carried. */
const factsOfDeployment = 5;
/** Hours of SLOs of the first batch; an hour of minutes has 60 windows, one of hours has one. */
const firstHours = 20_000;
const mostHours = 2_000_000;
/** A batch of SLIs that takes less is doubled, one that takes more than four times as much is halved. */
const shortBatchMs = 8_000;

/** As many as a mark of any length counts in a batch of costs. */
const daysOfService = 2_001;

/** What could not be recomputed, and why. */
export interface LeftOut {
  readonly what: string;
  readonly reason: string;
}

/**
 * Recomputes until nothing is dirty, with batches that fit the size of the services; afterwards the limits are
 * what they were.
 *
 * @param servicesPerBatch undefined: so many that they have {@link deploymentsOfBatch} deployments
 */
export async function drainRecompute(
  client: ClickHouseClient,
  maintainer: ClickHouseClient,
  servicesPerBatch: number | undefined,
  output: ProgressOutput,
): Promise<LeftOut[]> {
  const asSet = (column: string, table: string) =>
    one(client, `select max(${column}) as value from ${table} final where id = 0`);
  const services = await asSet('services_per_refresh', 'recompute_limits');
  const facts = await asSet('facts_per_refresh', 'recompute_limits');
  const hours = await asSet('hours_per_refresh', 'sli_recompute_limits');
  const days = await asSet('days_per_refresh', 'cost_recompute_limits');
  const batch = servicesPerBatch ?? (await fittingServices(client));
  try {
    await setServices(client, batch, Math.max(facts, deploymentsOfBatch * factsOfDeployment));
    await drainServices(client, maintainer, output);
    await drainHours(client, maintainer, output);
    await setDays(client, batch * daysOfService);
    await drainCosts(client, maintainer, output);
  } finally {
    await setServices(client, services, facts);
    await setHours(client, hours);
    await setDays(client, days);
  }
  // What failed above is tried in ever smaller batches, and what fails alone is left out.
  const refresher = new Refresher(maintainer, { onTrouble: (message) => output.write(`${message}\n`) });
  await refresher.drain();
  return selectRows<LeftOut>(
    client,
    `select what, reason
     from
     (
       select service as what, reason from quarantined_services final
       union all
       select concat(slo_id, ' at ', toString(hour)) as what, reason from quarantined_sli_hours final
     )
     order by what`,
  );
}

async function drainServices(
  client: ClickHouseClient,
  maintainer: ClickHouseClient,
  output: ProgressOutput,
): Promise<void> {
  const total = await one(client, 'select count() as value from dirty_services where not quarantined');
  const progress = startProgress(output, 'recompute', 'services');
  let done = 0;
  for (;;) {
    const result = await recomputeBatch(maintainer);
    if (result.outcome !== 'ok') break;
    const { services, pendingEntities } = result.batch;
    if (services.length === 0 && pendingEntities === 0) break;
    done += services.length;
    // More may become dirty meanwhile: those of an incident that moved, say.
    progress.update(Math.min(0.999, done / Math.max(1, total)), done);
  }
  progress.done(done);
}

/**
 * Every batch looks through all marks for the newest hours. So that this takes the same time however many there are,
 * they are put aside and given back a month at a time; what a kill leaves there the next run takes up.
 */
async function drainHours(
  client: ClickHouseClient,
  maintainer: ClickHouseClient,
  output: ProgressOutput,
): Promise<void> {
  await client.command({
    query:
      'create table if not exists generate_sli_marks (hour DateTime, slo_id String, pending Int64) engine = MergeTree order by hour',
  });
  await client.command({
    query:
      'insert into generate_sli_marks select hour, slo_id, sum(pending) from sli_marks group by hour, slo_id having sum(pending) != 0',
  });
  await client.command({ query: 'truncate table sli_marks' });
  const total = await one(client, 'select count() as value from generate_sli_marks');
  const progress = startProgress(output, 'recompute', 'SLO hours');
  let done = 0;
  let most = firstHours;
  const months = await selectRows<{ month: string }>(
    client,
    'select distinct toString(toStartOfMonth(hour)) as month from generate_sli_marks order by month desc',
  );
  for (const { month } of months) {
    await client.command({
      query:
        'insert into sli_marks select hour, slo_id, pending from generate_sli_marks where toStartOfMonth(hour) = {month:Date}',
      query_params: { month },
    });
    for (;;) {
      await setHours(client, most);
      const began = performance.now();
      const result = await recomputeSlis(maintainer);
      if (result.outcome !== 'ok' || result.hours === 0) break;
      const ms = performance.now() - began;
      if (ms < shortBatchMs) most = Math.min(mostHours, most * 2);
      else if (ms > 4 * shortBatchMs) most = Math.max(1_000, Math.floor(most / 2));
      done += result.hours;
      progress.update(Math.min(0.999, done / Math.max(1, total)), done);
    }
  }
  progress.done(done);
  await client.command({ query: 'drop table generate_sli_marks' });
}

async function drainCosts(
  client: ClickHouseClient,
  maintainer: ClickHouseClient,
  output: ProgressOutput,
): Promise<void> {
  // Costs are computed a service at a time, over all of its days: that holds what each day of an SLO and each incident
  // would have asked for, one after the other.
  await client.command({
    query: `insert into cost_marks
      select 'service', service, toDate32(0), toDate32('2299-01-01'), reinterpretAsInt64(rand64())
      from (select distinct service from deployment_facts)`,
  });
  await client.command({
    query: `insert into cost_marks
      select entity, key, from_day, until_day, -sum(mark.pending)
      from cost_marks as mark
      where not (entity = 'service' and from_day = toDate32(0))
      group by entity, key, from_day, until_day
      having sum(mark.pending) != 0`,
  });
  const total = await one(client, 'select uniqExact(service) as value from deployment_facts');
  const progress = startProgress(output, 'costs', 'services');
  let done = 0;
  for (;;) {
    const result = await recomputeCosts(maintainer);
    if (result.outcome === 'failed' || result.marks === 0) break;
    done += result.marks;
    progress.update(Math.min(0.999, done / Math.max(1, total)), done);
  }
  progress.done(done);
}

async function fittingServices(client: ClickHouseClient): Promise<number> {
  const services = await one(client, 'select uniqExact(service) as value from deployment_facts');
  // A deployment has a fact at its start and one at its finish.
  const deployments = (await one(client, 'select count() as value from deployment_facts')) / 2;
  return Math.max(1, Math.ceil(deploymentsOfBatch / Math.max(1, deployments / Math.max(1, services))));
}

async function one(client: ClickHouseClient, query: string): Promise<number> {
  const [row] = await selectRows<{ value: number }>(client, query);
  return row?.value ?? 0;
}

async function setServices(client: ClickHouseClient, services: number, facts: number): Promise<void> {
  await client.command({
    query: `insert into recompute_limits (services_per_refresh, facts_per_refresh, facts_per_service)
      select {services:UInt32}, {facts:UInt64}, facts_per_service from recompute_limits final where id = 0`,
    query_params: { services, facts },
  });
}

async function setHours(client: ClickHouseClient, hours: number): Promise<void> {
  await client.command({
    query: 'insert into sli_recompute_limits (hours_per_refresh) select {hours:UInt32}',
    query_params: { hours },
  });
}

async function setDays(client: ClickHouseClient, days: number): Promise<void> {
  await client.command({
    query: 'insert into cost_recompute_limits (days_per_refresh) select {days:UInt32}',
    query_params: { days },
  });
}
