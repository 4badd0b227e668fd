import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

/** `npm start` over a generated store. */
export interface Standalone {
  readonly api: string;
  readonly otlp: string;
  /** From the start to the first answer, milliseconds. */
  readonly startMs: number;
  /** Seconds of CPU that it has used so far. */
  cpuSeconds(): number;
  /** Resident memory, bytes. */
  memoryBytes(): number;
  stop(): Promise<void>;
}

const ticksOfSecond = 100;

/** Starts it on free ports and waits until it answers. */
export async function startStandalone(dataDir: string): Promise<Standalone> {
  const began = performance.now();
  const child = spawn(
    process.execPath,
    [fileURLToPath(new URL('../../services/standalone/main.ts', import.meta.url))],
    {
      env: {
        ...process.env,
        UV_THREADPOOL_SIZE: '16',
        EVENKEEL_DATA_DIR: dataDir,
        EVENKEEL_API_PORT: '0',
        EVENKEEL_OTLP_PORT: '0',
        EVENKEEL_CLICKHOUSE_PORT: '0',
        EVENKEEL_TOKENS: '',
        LOG_LEVEL: 'info',
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  let text = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (data: Buffer) => {
      text = (text + data.toString()).slice(-100_000);
    });
  }
  const url = (endpoint: string): string | undefined =>
    /"listening"/.test(text)
      ? new RegExp(`"endpoint":"${endpoint}"[^\\n]*"url":"([^"]+)"`).exec(text)?.[1]
      : undefined;
  while (url('api') === undefined || url('otlp') === undefined) {
    if (child.exitCode !== null) throw new Error(`it ended with ${child.exitCode}:\n${text}`);
    await sleep(20);
  }
  const api = url('api') ?? '';
  await (await fetch(`${api}/healthz`)).text();
  const stat = () =>
    readFileSync(`/proc/${child.pid}/stat`, 'utf8')
      .replace(/^.*\) /, '')
      .split(' ');
  return {
    api,
    otlp: url('otlp') ?? '',
    startMs: performance.now() - began,
    cpuSeconds: () => (Number(stat()[11]) + Number(stat()[12])) / ticksOfSecond,
    memoryBytes: () =>
      Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${child.pid}/status`, 'utf8'))?.[1]) * 1024,
    async stop() {
      const ended = once(child, 'exit');
      child.kill('SIGTERM');
      await ended;
    },
  };
}

/** Answers of the API, over one kept connection as `fetch` does. */
export async function getJson<Body>(url: string): Promise<Body> {
  const response = await fetch(url);
  const text = await response.text();
  if (!response.ok) throw new Error(`${url}: ${response.status} ${text.slice(0, 300)}`);
  return JSON.parse(text) as Body;
}

/** Waits until no fact is missing in the numbers. @returns milliseconds */
export async function waitUntilIdle(api: string): Promise<number> {
  const began = performance.now();
  for (;;) {
    const { meta } = await getJson<{
      meta: { quality: { pending_services: number; pending_entities: number } };
    }>(`${api}/v1/services?limit=1`);
    if (meta.quality.pending_services === 0 && meta.quality.pending_entities === 0) {
      return performance.now() - began;
    }
    await sleep(500);
  }
}

/** Share of one core that the process uses while nobody asks anything. */
export async function idleShare(standalone: Standalone, seconds: number): Promise<number> {
  const before = { cpu: standalone.cpuSeconds(), at: performance.now() };
  await sleep(seconds * 1000);
  return (standalone.cpuSeconds() - before.cpu) / ((performance.now() - before.at) / 1000);
}
