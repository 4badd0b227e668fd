import { loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import { selectRows } from '@evenkeel/store';
import { percentile } from './measure/percentile.ts';
import { importFacts } from './scale/bulk-import.ts';
import { measureDisk } from './scale/disk.ts';
import { type Freshness, measureFreshness, measureSliFreshness } from './scale/fresh-facts.ts';
import { benchRequests } from './scale/requests.ts';
import { firstRequest, measureServerTime, type ServerTime } from './scale/server-time.ts';
import { idleShare, type Standalone, startStandalone, waitUntilIdle } from './scale/standalone.ts';
import { openStore } from './scale/store.ts';
import { chooseSubjects } from './scale/subjects.ts';
import { postFacts, sliNow, startTraffic } from './scale/traffic.ts';

/**
 * What a store at scale costs to ask, to keep fresh and to keep. Fill one first:
 *   npm run generate -- --services 1000 --years 5 --data-dir <path>
 *   node bench/scale.ts --data-dir <path> [--phases requests,disk,idle,fresh,import] [--only <text>] [--rounds 100] [--cold 3]
 * The phases fresh and import write to the store (services and SLI series that are called bench-…).
 */
const { values: options } = parseArgs({
  options: {
    'data-dir': { type: 'string', default: '.evenkeel' },
    phases: { type: 'string', default: 'requests,disk,end-to-end,idle,fresh,import' },
    only: { type: 'string', default: '' },
    rounds: { type: 'string', default: '100' },
    cold: { type: 'string', default: '3' },
    'longest-seconds': { type: 'string', default: '20' },
    'import-facts': { type: 'string', default: '1000000' },
    'fresh-seconds': { type: 'string', default: '120' },
    // What this file runs itself with, once for each cold request.
    'first-request': { type: 'string' },
    now: { type: 'string', default: '' },
  },
});
const path = options['data-dir'];
if (options['first-request'] !== undefined) {
  console.log((await firstRequest(path, options['first-request'], new Date(options.now))).toFixed(2));
  process.exit(0);
}
const phases = new Set(options.phases.split(','));
const rounds = Number(options.rounds);
const load = () =>
  `load ${loadavg()
    .map((value) => value.toFixed(1))
    .join(' ')}`;
const ms = (value: number | undefined) => (value === undefined ? '–' : value.toFixed(value < 10 ? 1 : 0));

if (phases.has('requests')) {
  console.log(`\nserver time, milliseconds, asked anew and (p99) asked again (${load()})`);
  line([
    'request',
    'cold',
    'p50',
    'p99',
    'cpu',
    'again',
    'cpu',
    'goal',
    'p99/goal',
    'n',
    'kB',
    'in ClickHouse',
  ]);
  const { subjects } = await measureServerTime(path, {
    rounds,
    longestMs: Number(options['longest-seconds']) * 1000,
    only: options.only,
    coldRounds: Number(options.cold),
    onRow: show,
  });
  console.log(
    `${subjects.deployments} deployments, ${subjects.changes} changes, ${subjects.slis} SLI windows; ${load()}`,
  );
}
const { subjects, services, slos, disk } = await readStore();
if (phases.has('disk')) {
  console.log('\ndisk');
  for (const { name, rows, bytes } of disk.tables.slice(0, 16)) {
    console.log(
      `${name.padEnd(26)}${String(rows).padStart(12)} rows ${(bytes / 2 ** 20).toFixed(0).padStart(7)} MiB`,
    );
  }
  console.log(
    `${disk.bytesOfDeployment.toFixed(0)} bytes a deployment with its changes, ${disk.bytesOfSliWindow.toFixed(0)} bytes an SLI window`,
  );
}
if (['end-to-end', 'idle', 'fresh', 'import'].some((phase) => phases.has(phase))) {
  const standalone = await startStandalone(path);
  console.log(`\nnpm start answers after ${(standalone.startMs / 1000).toFixed(1)} s; ${load()}`);
  try {
    await waitUntilIdle(standalone.api);
    if (phases.has('end-to-end')) await endToEnd(standalone);
    if (phases.has('idle')) await idle(standalone);
    if (phases.has('fresh')) await fresh(standalone);
    if (phases.has('import')) await bulk(standalone);
  } finally {
    await standalone.stop();
  }
}

async function readStore() {
  const embedded = openStore(path);
  const client = embedded.reader();
  const chosen = await chooseSubjects(client);
  const found = await selectRows<{ service: string }>(
    client,
    `select distinct service from deployments_recomputed where environment = 'production' and not startsWith(service, 'bench') order by sipHash64(service)`,
  );
  const slo = await selectRows<{ slo_id: string }>(
    client,
    'select distinct slo_id from slo_facts order by slo_id',
  );
  const read = {
    subjects: chosen,
    services: found.map((row) => row.service),
    slos: slo.map((row) => row.slo_id),
    disk: await measureDisk(client, chosen),
  };
  await embedded.close();
  return read;
}

async function endToEnd({ api }: Standalone): Promise<void> {
  console.log('\nend to end over HTTP, milliseconds');
  line(['request', '', 'p50', 'p99']);
  for (const { name, address } of benchRequests(subjects).filter((each) =>
    each.name.includes(options.only),
  )) {
    const times: number[] = [];
    const began = performance.now();
    for (let round = 0; round < rounds && performance.now() - began < 10_000; round += 1) {
      const before = performance.now();
      const response = await fetch(`${api}${address}`);
      await response.arrayBuffer();
      if (!response.ok) break;
      if (round > 0) times.push(performance.now() - before);
    }
    if (times.length > 0) line([name, '', ms(percentile(times, 0.5)), ms(percentile(times, 0.99))]);
  }
}

async function idle(standalone: Standalone): Promise<void> {
  const share = await idleShare(standalone, 60);
  const memory = (standalone.memoryBytes() / 2 ** 20).toFixed(0);
  console.log(`\nidle: ${(share * 100).toFixed(1)} % of a core (goal 3), ${memory} MiB; ${load()}`);
}

async function fresh(standalone: Standalone): Promise<void> {
  const { api } = standalone;
  // The watched services are none of those that get facts anyway, or their count would move by itself.
  const half = Math.min(50, Math.floor(services.length / 2));
  const [watched, busy] = [services.slice(0, half), services.slice(half)];
  const traffic = startTraffic(api, { deliveries: 10, slis: 190, services: busy, slos: slos.slice(1) });
  const began = performance.now();
  const cpuBefore = standalone.cpuSeconds();
  const end = began + Number(options['fresh-seconds']) * 1000;
  const deployments = await measureFreshness(api, watched, () => performance.now() > end);
  tell('a deployment is counted', deployments, 2000);
  if (subjects.slo !== '') {
    const slis = await measureSliFreshness(
      api,
      subjects.slo,
      (series) => postFacts(api, [sliNow(subjects.slo, series)]),
      20,
    );
    tell('an SLI window is in the budget', slis, 2000);
  }
  await traffic.stop();
  const seconds = (performance.now() - began) / 1000;
  const cores = (standalone.cpuSeconds() - cpuBefore) / seconds;
  console.log(
    `\nwhile ${(traffic.sent() / seconds).toFixed(0)} facts/s arrive (10 about deliveries), Evenkeel uses ${cores.toFixed(2)} cores; ${load()}`,
  );
  console.log(
    `a report is durable: p50 ${ms(percentile(traffic.answers, 0.5))} ms, p99 ${ms(percentile(traffic.answers, 0.99))} ms`,
  );
}

async function bulk({ api }: Standalone): Promise<void> {
  const facts = Number(options['import-facts']);
  const began = performance.now();
  let imported = false;
  let drained = false;
  const importing = importFacts(api, facts, 100, `bench-import-${Date.now()}`).then(async (seconds) => {
    imported = true;
    console.log(
      `\n${facts} facts imported in ${seconds.toFixed(0)} s, ${(facts / seconds).toFixed(0)} facts/s; ${load()}`,
    );
    await waitUntilIdle(api);
    drained = true;
    console.log(`all of them in the numbers after ${((performance.now() - began) / 1000).toFixed(0)} s`);
  });
  const meanwhile = await measureFreshness(api, services.slice(0, 50), () => imported);
  tell('a deployment is counted, during the import', meanwhile, 2000);
  const after = await measureFreshness(api, services.slice(0, 50), () => drained);
  if (after.facts > 0) tell('a deployment is counted, while the rest drains', after, 2000);
  await importing;
}

function tell(what: string, { facts, p50, p99, most }: Freshness, goalMs: number): void {
  console.log(
    `${what}: p50 ${ms(p50)} ms, p99 ${ms(p99)} ms, most ${ms(most)} ms, ratio to the goal ${(p99 / goalMs).toFixed(2)} (${facts} of them)`,
  );
}

function show({
  request,
  status,
  cold,
  p50,
  p99,
  cpu,
  again,
  againCpu,
  rounds: n,
  bytes,
  parts,
}: ServerTime): void {
  if (status !== 200) {
    line([request.name, `answers ${status}`]);
    return;
  }
  const ratio = request.goalMs === undefined ? '' : (p99 / request.goalMs).toFixed(2);
  line([
    request.name,
    ms(cold),
    ms(p50),
    ms(p99),
    ms(cpu),
    ms(again),
    ms(againCpu),
    `${request.goalMs ?? ''}`,
    ratio,
    `${n}`,
    (bytes / 1000).toFixed(0),
    parts,
  ]);
}

function line(cells: readonly string[]): void {
  console.log(
    cells
      .map((cell, index) => (index === 0 ? cell.padEnd(42) : index === 11 ? `  ${cell}` : cell.padStart(9)))
      .join(''),
  );
}
