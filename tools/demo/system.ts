import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { dayMs } from './calendar.ts';
import { iso } from './happenings.ts';
import { RefusedError } from './send.ts';
import type { Stretch } from './service-year.ts';

/** A running Evenkeel, as far as reading goes. */
export interface System {
  readonly apiUrl: string;
  readonly token: string | undefined;
}

const answer = z.object({
  data: z.array(z.object({ deployment_id: z.string(), started_at: z.string() })),
});
const summary = z.object({
  meta: z.object({ quality: z.looseObject({ pending_services: z.number().optional() }) }),
});

/** Why a demo must not be sent there: another end or seed was told before, and both together would be two years at once. */
export async function otherDemo(system: System, stretch: Stretch): Promise<string | undefined> {
  const year = 366 * dayMs;
  const query = `service=web&environment=prod-eu&from=${iso(stretch.from - 4 * year)}&to=${iso(stretch.until + year)}&limit=1`;
  const { data } = answer.parse(await read(system, `/v1/deployments?${query}`));
  const [first] = data;
  if (first === undefined) return undefined;
  const ownId = first.deployment_id.startsWith(`demo-${stretch.seed}-`);
  const startsNear = Math.abs(Date.parse(first.started_at) - stretch.from) < 7 * dayMs;
  if (ownId && startsNear) return undefined;
  return `There is another history of the service web already, from ${first.started_at.slice(0, 10)} on. Use an empty data directory (EVENKEEL_DATA_DIR), or the --seed, --days and --until of that one.`;
}

/** Waits until every deployment is in the numbers. */
export async function waitUntilFresh(system: System): Promise<void> {
  for (;;) {
    const { meta } = summary.parse(await read(system, '/v1/dora/summary'));
    if ((meta.quality.pending_services ?? 0) === 0) return;
    await sleep(500);
  }
}

async function read({ apiUrl, token }: System, path: string): Promise<unknown> {
  const headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
  const response = await fetch(`${apiUrl}${path}`, { headers }).catch((error: unknown) => {
    const reason = error instanceof Error ? String(error.cause ?? error.message) : String(error);
    throw new RefusedError(`No Evenkeel answers at ${apiUrl} (${reason}). Start one with: npm start`);
  });
  if (!response.ok)
    throw new RefusedError(`${apiUrl}${path} answered ${response.status}: ${await response.text()}`);
  return response.json();
}

/** Questions with which the year's story can be found. */
export function whatToLookAt(apiUrl: string, stretch: Stretch): string {
  const range = `from=${iso(stretch.from).slice(0, 10)}&to=${iso(stretch.until).slice(0, 10)}`;
  return `
A year of 18 services in 6 teams is in. Questions to begin with:
  who found a way to go faster, and when?   ${apiUrl}/v1/dora/timeseries?team=payments&interval=month&${range}
  who releases rarely, and what breaks?     ${apiUrl}/v1/dora/summary?team=fulfilment&${range}
  who only looks fast?                      ${apiUrl}/v1/slos?service=landing-pages&service=newsletters&service=experiments
  where do changes wait?                    ${apiUrl}/v1/dora/lead-time/stages?team=data&${range}
  what happened in the wave of outages?     ${apiUrl}/v1/incidents?service=identity&${range}
`;
}
