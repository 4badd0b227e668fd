import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';

/** Facts that arrive all the time, as from a fleet. */
export interface Traffic {
  /** Facts that were taken. */
  sent(): number;
  /** Time to a durable answer, milliseconds. */
  readonly answers: readonly number[];
  stop(): Promise<void>;
}

const minuteMs = 60_000;

/** Sends facts; throws when one is not taken. @returns milliseconds until they were durable */
export async function postFacts(api: string, facts: readonly object[]): Promise<number> {
  const began = performance.now();
  const response = await fetch(`${api}/v1/facts`, {
    method: 'POST',
    headers: { 'content-type': 'application/x-ndjson' },
    body: facts.map((fact) => JSON.stringify(fact)).join('\n'),
  });
  const text = await response.text();
  if (response.status === 429 || response.status === 503) {
    await sleep(Number(response.headers.get('retry-after') ?? 1) * 1000);
    return (await postFacts(api, facts)) + (performance.now() - began);
  }
  if (!response.ok || /"rejected":[1-9]/.test(text))
    throw new Error(`${response.status}: ${text.slice(0, 400)}`);
  return performance.now() - began;
}

/** A deployment that ended just now. */
export function deploymentNow(service: string, environment = 'production'): object {
  const id = randomBytes(8).toString('hex');
  return {
    kind: 'deployment',
    service,
    environment,
    deployment_id: `bench-${id}`,
    phase: 'finished',
    outcome: 'succeeded',
    version: `bench-${id}`,
    occurred_at: new Date().toISOString(),
  };
}

/** A change of that deployment. */
function changeNow(service: string): object {
  const at = new Date();
  return {
    kind: 'change',
    repository: `example.com/acme/${service}`,
    change_id: randomBytes(20).toString('hex'),
    service,
    environment: 'production',
    deployment_id: `bench-${randomBytes(4).toString('hex')}`,
    committed_at: new Date(at.getTime() - 3_600_000).toISOString(),
    occurred_at: at.toISOString(),
  };
}

/**
 * Facts at a steady rate until it is stopped: those about deliveries one a request, as pipelines send them, and SLI
 * windows of the current minute in requests of ten, as a Collector would.
 */
export function startTraffic(
  api: string,
  options: { deliveries: number; slis: number; services: readonly string[]; slos: readonly string[] },
): Traffic {
  const { services, slos } = options;
  const answers: number[] = [];
  const waiting = new Set<Promise<unknown>>();
  let [sent, going, turn, failure] = [0, true, 0, undefined as unknown];
  const slisOfRequest = 10;
  const send = (facts: object[]) => {
    const answer = postFacts(api, facts)
      .then((ms) => {
        answers.push(ms);
        sent += facts.length;
      })
      .catch((error: unknown) => {
        failure ??= error;
      })
      .finally(() => waiting.delete(answer));
    waiting.add(answer);
  };
  const pick = (from: readonly string[]) => from[turn % from.length] ?? '';
  const loop = async (perSecond: number, act: () => void) => {
    const began = performance.now();
    for (let number = 0; going; number += 1) {
      act();
      await sleep(Math.max(0, began + ((number + 1) * 1000) / perSecond - performance.now()));
    }
  };
  const loops = [
    loop(options.deliveries, () => {
      turn += 1;
      send([turn % 2 === 0 ? deploymentNow(pick(services)) : changeNow(pick(services))]);
    }),
    loop(options.slis / slisOfRequest, () => {
      const facts = Array.from({ length: slisOfRequest }, () => {
        turn += 1;
        return sliNow(pick(slos), `bench-${turn}`);
      });
      send(facts);
    }),
  ];
  return {
    sent: () => sent,
    answers,
    async stop() {
      going = false;
      await Promise.all([...loops, ...waiting]);
      if (failure !== undefined) throw failure;
    },
  };
}

/** A window of the minute at hand. */
export function sliNow(slo: string, series: string): object {
  const start = Math.floor(Date.now() / minuteMs) * minuteMs;
  return {
    kind: 'sli',
    slo_id: slo,
    series,
    window_start: new Date(start).toISOString(),
    window_end: new Date(start + minuteMs).toISOString(),
    good: 999,
    total: 1000,
    occurred_at: new Date().toISOString(),
  };
}
