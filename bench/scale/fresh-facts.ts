import { setTimeout as sleep } from 'node:timers/promises';
import { percentile } from '../measure/percentile.ts';
import { getJson } from './standalone.ts';
import { deploymentNow, postFacts } from './traffic.ts';

/** How long facts took to be seen, milliseconds. */
export interface Freshness {
  readonly facts: number;
  readonly p50: number;
  readonly p99: number;
  readonly most: number;
}

/** A poll costs as much as an answer: more often, and asking would be most of the load. */
const pollMs = 100;

/**
 * One deployment after the other, each of another service: from before it is sent to the answer that counts it.
 *
 * @param until asked before each one
 */
export async function measureFreshness(
  api: string,
  services: readonly string[],
  until: (facts: number) => boolean,
): Promise<Freshness> {
  const times: number[] = [];
  const hour = 3_600_000;
  for (let turn = 0; !until(times.length); turn += 1) {
    const service = services[turn % services.length] ?? '';
    const from = new Date(Math.floor(Date.now() / hour) * hour - 24 * hour).toISOString();
    const address = `${api}/v1/dora/summary?service=${encodeURIComponent(service)}&environment=production&from=${from}`;
    const count = async () => (await getJson<{ data: { deployments: number } }>(address)).data.deployments;
    const before = await count();
    const began = performance.now();
    await postFacts(api, [deploymentNow(service)]);
    while ((await count()) <= before) await sleep(pollMs);
    times.push(performance.now() - began);
  }
  return {
    facts: times.length,
    p50: percentile(times, 0.5),
    p99: percentile(times, 0.99),
    most: Math.max(...times),
  };
}

/** The same for SLI windows: from before one is sent to the budget that holds its events. */
export async function measureSliFreshness(
  api: string,
  slo: string,
  send: (series: string) => Promise<unknown>,
  facts: number,
): Promise<Freshness> {
  const times: number[] = [];
  const total = async () => {
    const at = new Date(Date.now() + 60_000).toISOString();
    const address = `${api}/v1/slos/${encodeURIComponent(slo)}/budget?at=${at}`;
    return (await getJson<{ data: { total: number } }>(address)).data.total;
  };
  for (let turn = 0; turn < facts; turn += 1) {
    const before = await total();
    const began = performance.now();
    await send(`fresh-${process.pid}-${turn}`);
    while ((await total()) <= before) await sleep(pollMs);
    times.push(performance.now() - began);
  }
  return {
    facts: times.length,
    p50: percentile(times, 0.5),
    p99: percentile(times, 0.99),
    most: Math.max(...times),
  };
}
