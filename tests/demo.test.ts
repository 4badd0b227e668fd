import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { type Running, run } from './process.ts';

/** `npm run demo` against a running system, twice, and once too much. */
const dataDirectory = mkdtempSync(join(tmpdir(), 'evenkeel-demo-'));
const running: Running[] = [];
afterAll(async () => {
  for (const each of running) await each.end('SIGKILL');
  rmSync(dataDirectory, { recursive: true, force: true });
});

const exitOf = (started: Running) =>
  new Promise<number | null>((resolve) => started.child.on('exit', (code) => resolve(code)));

test('fills a running system; sent again it changes nothing; another year does not come on top', async () => {
  const system = run('services/standalone/main.ts', {
    EVENKEEL_DATA_DIR: dataDirectory,
    EVENKEEL_API_PORT: '0',
    EVENKEEL_OTLP_PORT: '0',
    EVENKEEL_CLICKHOUSE_PORT: '0',
  });
  running.push(system);
  const [api, otlp] = [await system.url('api'), await system.url('otlp')];
  const demo = async (...args: string[]) => {
    const urls = { EVENKEEL_API_URL: api, OTEL_EXPORTER_OTLP_ENDPOINT: otlp };
    const started = run('tools/demo/main.ts', urls, args);
    running.push(started);
    return { code: await exitOf(started), output: started.output() };
  };
  const summary = async () => {
    const response = await fetch(`${api}/v1/dora/summary?from=2026-03-01&to=2026-04-01`);
    const { data } = (await response.json()) as { data: Record<string, unknown> };
    return data;
  };
  const month = ['--days', '6', '--until', '2026-03-28'];
  const first = await demo(...month);
  expect(first.output).toContain('100 %');
  expect(first.code).toBe(0);
  const questions = first.output.match(/http:\S+\/v1\/\S+/g) ?? [];
  expect(questions).toHaveLength(5);
  for (const question of questions) {
    const { data } = (await (await fetch(question)).json()) as { data: object };
    expect({ question, empty: Object.keys(data).length === 0 }).toEqual({ question, empty: false });
  }
  const numbers = await summary();
  expect(numbers['deployments']).toBeGreaterThan(100);
  expect(numbers['lead_time_changes']).toBe(numbers['changes']);
  expect((await demo(...month)).code).toBe(0);
  const { oldest_unrecovered_seconds: _, oldest_open_seconds: __, ...again } = await summary();
  expect(numbers).toMatchObject(again);
  const other = await demo('--days', '6', '--until', '2026-02-20');
  expect(other.output).toContain('There is another history');
  expect(other.code).toBe(1);
}, 180_000);
