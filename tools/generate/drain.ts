import type { ClickHouseClient } from '@clickhouse/client';
import { type Progress, type ProgressOutput, startProgress } from '@evenkeel/progress';
import { Refresher, selectRows } from '@evenkeel/store';

/** Deployments of one batch: more cost memory, fewer cost time. */
const deploymentsOfBatch = 150_000;
/** Hours of SLOs of one batch. */
const hoursOfBatch = 300_000;
/** Looking how far it is takes part of the time that it needs; so it is done rarely where it is expensive. */
const looksShare = 0.05;

/** How far the recompute is. */
interface Phase {
  readonly progress: Progress;
  readonly total: number;
  remaining(): Promise<number>;
}

/** What could not be recomputed, and why. */
export interface LeftOut {
  readonly what: string;
  readonly reason: string;
}

/**
 * Recomputes until nothing is dirty, with batches that fit the size of the services; afterwards the limits are
 * what they were.
 */
export async function drainRecompute(
  client: ClickHouseClient,
  maintainer: ClickHouseClient,
  servicesPerBatch: number | undefined,
  output: ProgressOutput,
): Promise<LeftOut[]> {
  const before = await limitsOf(client);
  const [size] = await selectRows<{ services: number; facts: number }>(
    client,
    'select uniqExact(service) as services, count() as facts from deployment_facts',
  );
  const average = (size?.facts ?? 0) / 2 / Math.max(1, size?.services ?? 0);
  const fitting = Math.ceil(deploymentsOfBatch / Math.max(1, average));
  await setLimits(client, {
    services: servicesPerBatch ?? fitting,
    hours: Math.max(before.hours, hoursOfBatch),
  });
  const refresher = new Refresher(maintainer, { onTrouble: (message) => output.write(`\n${message}\n`) });
  const watching = watch(client, output);
  try {
    await refresher.drain();
  } finally {
    await watching.stop();
    await setLimits(client, before);
  }
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

/** Draws the bar of the services until all are done, then the one of the SLIs. */
function watch(client: ClickHouseClient, output: ProgressOutput): { stop(): Promise<void> } {
  let going = true;
  let wake: (() => void) | undefined;
  const rest = (ms: number) =>
    new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, ms);
      wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  const follow = async ({ progress, total, remaining }: Phase) => {
    while (going) {
      const before = performance.now();
      const left = await remaining();
      if (left === 0) break;
      // More may have become dirty meanwhile: an incident's service, say.
      const done = Math.max(0, total - left);
      progress.update(done / total, done);
      await rest(Math.max(1_000, (performance.now() - before) / looksShare));
    }
    progress.done(total);
  };
  const phases = async () => {
    for (const [name, counted, remaining] of [
      ['recompute', 'services', () => dirtyServices(client)],
      ['recompute', 'SLO hours', () => dirtyHours(client)],
    ] as const) {
      const total = going ? await remaining() : 0;
      if (total > 0) await follow({ progress: startProgress(output, name, counted), total, remaining });
    }
  };
  const followed = phases();
  return {
    async stop() {
      going = false;
      wake?.();
      await followed;
    },
  };
}

async function dirtyServices(client: ClickHouseClient): Promise<number> {
  return one(client, 'select count() as value from dirty_services where not quarantined');
}

async function dirtyHours(client: ClickHouseClient): Promise<number> {
  return one(
    client,
    'select count() as value from (select hour, slo_id from sli_marks group by hour, slo_id having sum(pending) != 0)',
  );
}

async function one(client: ClickHouseClient, query: string): Promise<number> {
  const [row] = await selectRows<{ value: number }>(client, query);
  return row?.value ?? 0;
}

interface Limits {
  readonly services: number;
  readonly hours: number;
}

async function limitsOf(client: ClickHouseClient): Promise<Limits> {
  return {
    services: await one(client, 'select max(services_per_refresh) as value from recompute_limits final'),
    hours: await one(client, 'select max(hours_per_refresh) as value from sli_recompute_limits final'),
  };
}

async function setLimits(client: ClickHouseClient, { services, hours }: Limits): Promise<void> {
  await client.command({
    query: `insert into recompute_limits (services_per_refresh, facts_per_service)
      select {services:UInt32}, facts_per_service from recompute_limits final`,
    query_params: { services },
  });
  await client.command({
    query: 'insert into sli_recompute_limits (hours_per_refresh) select {hours:UInt32}',
    query_params: { hours },
  });
}
