import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { buildApi } from '@evenkeel/api';
import type { Embedded } from '@evenkeel/embedded';
import { createLogger } from '@evenkeel/runtime';
import { percentile } from '../measure/percentile.ts';
import { type BenchRequest, benchRequests } from './requests.ts';
import { openStore } from './store.ts';
import { chooseSubjects, type Subjects } from './subjects.ts';

type Client = ReturnType<Embedded['client']>;

/** An API in this process over a generated store. */
interface BenchApi {
  readonly embedded: Embedded;
  /** Makes every answer anew. */
  readonly app: ReturnType<typeof buildApi>;
  /** Uses answers again, as in production; with a clock that stands, for as long as nothing is recomputed. */
  readonly reusing: ReturnType<typeof buildApi>;
  /** Milliseconds in ClickHouse since the last call, by what was read, as `view 12.3`. */
  queries(): Map<string, number>;
  close(): Promise<void>;
}

/** What one request takes, milliseconds: asked anew, but for `again`. */
export interface ServerTime {
  readonly request: BenchRequest;
  readonly status: number;
  readonly bytes: number;
  readonly rounds: number;
  readonly p50: number;
  readonly p99: number;
  /** Median of the CPU time that the process used meanwhile, all threads together: it depends less on other load. */
  readonly cpu: number;
  /** p99 of the same request asked again within 5 seconds, and its CPU time. */
  readonly again: number;
  readonly againCpu: number;
  /** Median of the first request of a fresh process; undefined: not asked for. */
  readonly cold?: number;
  /** Where the median goes: milliseconds in ClickHouse by view. */
  readonly parts: string;
}

/** Opens a store as `npm start` does, without its receivers and without a recompute. */
function openBenchApi(path: string, now: () => Date): BenchApi {
  const embedded = openStore(path);
  let spent = new Map<string, number>();
  const reader = timed(embedded.reader(), (name, ms) => spent.set(name, (spent.get(name) ?? 0) + ms));
  const nothing = { status: 200, contentType: 'text/plain', body: '' };
  const build = (changes: { reuseMs?: number }) =>
    buildApi({
      client: reader,
      clock: now,
      tokens: [],
      logger: createLogger({ name: 'bench', level: 'silent' }),
      health: { healthz: () => nothing, readyz: async () => nothing, metrics: async () => nothing },
      ...changes,
    });
  const [app, reusing] = [build({ reuseMs: 0 }), build({})];
  return {
    embedded,
    app,
    reusing,
    queries() {
      const before = spent;
      spent = new Map();
      return before;
    },
    async close() {
      await app.close();
      await reusing.close();
      await embedded.close();
    },
  };
}

/** Time of every request in this process, warm; with `coldRounds` also of the first one of fresh processes. */
export async function measureServerTime(
  path: string,
  options: {
    rounds: number;
    longestMs: number;
    only: string;
    coldRounds: number;
    onRow: (row: ServerTime) => void;
  },
): Promise<{ subjects: Subjects; rows: ServerTime[] }> {
  let now = new Date();
  const api = openBenchApi(path, () => now);
  const subjects = await chooseSubjects(api.embedded.reader());
  now = subjects.now;
  const requests = benchRequests(subjects).filter(({ name }) => name.includes(options.only));
  const rows: ServerTime[] = [];
  // Where nobody asks for cold requests, each row is shown as soon as it is measured: a long one keeps none back.
  const shownAtOnce = options.coldRounds === 0;
  for (const request of requests) {
    const row = await warm(api, request, options);
    rows.push(row);
    if (shownAtOnce) options.onRow(row);
  }
  await api.close();
  if (shownAtOnce) return { subjects, rows };
  return {
    subjects,
    // Each in a process of its own, which has the store to itself.
    rows: rows.map((row) => {
      const cold =
        row.status === 200 ? coldTime(path, row.request.address, now, options.coldRounds) : undefined;
      const whole = { ...row, ...(cold === undefined ? {} : { cold }) };
      options.onRow(whole);
      return whole;
    }),
  };
}

async function warm(
  api: BenchApi,
  request: BenchRequest,
  { rounds, longestMs }: { rounds: number; longestMs: number },
): Promise<ServerTime> {
  const parts = new Map<string, number[]>();
  const [{ statusCode: status, rawPayload }] = await ask(api.app, request.address);
  const measure = async (app: BenchApi['app'], onRound: () => void) => {
    const times: number[] = [];
    const cpu: number[] = [];
    const began = performance.now();
    while (
      status === 200 &&
      times.length < rounds &&
      (times.length < 3 || performance.now() - began < longestMs)
    ) {
      api.queries();
      const used = process.cpuUsage();
      const [, ms] = await ask(app, request.address);
      times.push(ms);
      const { user, system } = process.cpuUsage(used);
      cpu.push((user + system) / 1000);
      onRound();
    }
    return { times, cpu: percentile(cpu, 0.5), p99: percentile(times, 0.99) };
  };
  const anew = await measure(api.app, () => {
    for (const [name, spent] of api.queries()) parts.set(name, [...(parts.get(name) ?? []), spent]);
  });
  await ask(api.reusing, request.address);
  const again = await measure(api.reusing, () => {});
  return {
    request,
    status,
    bytes: rawPayload.byteLength,
    rounds: anew.times.length,
    p50: percentile(anew.times, 0.5),
    p99: anew.p99,
    cpu: anew.cpu,
    again: again.p99,
    againCpu: again.cpu,
    parts: [...parts].map(([name, spent]) => `${name} ${percentile(spent, 0.5).toFixed(1)}`).join(', '),
  };
}

/** Answers one request and says how long it took, milliseconds. */
async function ask(app: BenchApi['app'], address: string) {
  const before = performance.now();
  const response = await app.inject(address);
  return [response, performance.now() - before] as const;
}

/** The first request of fresh processes: nothing is cached but by the operating system. */
function coldTime(path: string, address: string, now: Date, rounds: number): number | undefined {
  const times: number[] = [];
  const script = fileURLToPath(new URL('../scale.ts', import.meta.url));
  for (let round = 0; round < rounds; round += 1) {
    const { stdout, status, stderr } = spawnSync(
      process.execPath,
      [script, '--data-dir', path, '--first-request', address, '--now', now.toISOString()],
      { encoding: 'utf8', env: process.env },
    );
    if (status !== 0) throw new Error(stderr);
    times.push(Number(stdout));
  }
  return times.length === 0 ? undefined : percentile(times, 0.5);
}

/** What one of those processes does. @returns milliseconds */
export async function firstRequest(path: string, address: string, now: Date): Promise<number> {
  const api = openBenchApi(path, () => now);
  await api.app.ready();
  const [{ statusCode }, ms] = await ask(api.app, address);
  if (statusCode !== 200) throw new Error(`${address}: ${statusCode}`);
  await api.close();
  return ms;
}

/** The same client, telling how long each query took. */
function timed(client: Client, onQuery: (name: string, ms: number) => void): Client {
  return new Proxy(client, {
    get(target, property) {
      const member = Reflect.get(target, property);
      if (property !== 'query') return typeof member === 'function' ? member.bind(target) : member;
      return async (params: { query: string }) => {
        const before = performance.now();
        const result = await target.query(params);
        onQuery(tableOf(params.query), performance.now() - before);
        return result;
      };
    },
  });
}

/** The first table or view that a query reads: what to call it in a report. */
function tableOf(query: string): string {
  const names = [...query.matchAll(/\bfrom\s+(?:\w+\.)?(\w+)/gi)].map((match) => match[1] ?? '');
  return names.find((name) => !['numbers', 'select'].includes(name.toLowerCase())) ?? 'select';
}
