import type { ClickHouseClient } from '@clickhouse/client';
import { Refresher, selectRows } from '@evenkeel/store';
import { type ProgressOutput, startProgress } from './progress.ts';

/** Deployments of one batch: more cost memory, fewer cost time. */
const deploymentsOfBatch = 400_000;
const lookEveryMs = 1_000;

/**
 * Recomputes until no service is dirty, with batches that fit the size of the services; afterwards the limits are
 * what they were.
 *
 * @returns services that could not be recomputed, with the reason
 */
export async function drainRecompute(
  client: ClickHouseClient,
  maintainer: ClickHouseClient,
  servicesPerBatch: number | undefined,
  output: ProgressOutput,
): Promise<{ service: string; reason: string }[]> {
  const limits = await limitsOf(client);
  const [size] = await selectRows<{ services: number; facts: number }>(
    client,
    'select uniqExact(service) as services, count() as facts from deployment_facts',
  );
  const services = size?.services ?? 0;
  if (services === 0) return [];
  const average = (size?.facts ?? 0) / 2 / services;
  const chosen = servicesPerBatch ?? Math.max(limits, Math.ceil(deploymentsOfBatch / average));
  await setLimit(client, chosen);
  const refresher = new Refresher(maintainer, { onTrouble: (message) => output.write(`\n${message}\n`) });
  const progress = startProgress(output, 'recompute', 'services');
  let looking = false;
  const timer = setInterval(async () => {
    if (looking) return;
    looking = true;
    const done = await recomputed(client).finally(() => {
      looking = false;
    });
    progress.update(Math.min(0.999, done / services), done);
  }, lookEveryMs);
  try {
    await refresher.drain();
  } finally {
    clearInterval(timer);
    await setLimit(client, limits);
  }
  progress.done(await recomputed(client));
  return selectRows(client, 'select service, reason from quarantined_services final order by service');
}

async function recomputed(client: ClickHouseClient): Promise<number> {
  const [row] = await selectRows<{ services: number }>(
    client,
    `select count() as services from recompute_state where service != ''`,
  );
  return row?.services ?? 0;
}

async function limitsOf(client: ClickHouseClient): Promise<number> {
  const [row] = await selectRows<{ services: number }>(
    client,
    'select max(services_per_refresh) as services from recompute_limits final',
  );
  return row?.services ?? 1;
}

async function setLimit(client: ClickHouseClient, services: number): Promise<void> {
  await client.command({
    query: `insert into recompute_limits (services_per_refresh, facts_per_service)
      select {services:UInt32}, facts_per_service from recompute_limits final`,
    query_params: { services },
  });
}
