import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const main = fileURLToPath(new URL('./main.ts', import.meta.url));

/** The service as a process of its own, in front of a ClickHouse that is away. */
function run(environment: Record<string, string>) {
  const child = spawn(process.execPath, [main], {
    env: {
      PATH: process.env['PATH'] ?? '',
      EVENKEEL_API_PORT: '0',
      CLICKHOUSE_URL: 'http://127.0.0.1:1',
      CLICKHOUSE_PASSWORD: 'hush-hush',
      ...environment,
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const lines: Record<string, unknown>[] = [];
  const closed = once(child, 'close');
  const listening = new Promise<string>((resolve) => {
    createInterface(child.stdout).on('line', (line) => {
      const entry: Record<string, unknown> = JSON.parse(line);
      lines.push(entry);
      if (entry['msg'] === 'listening') resolve(String(entry['url']));
    });
  });
  return { child, lines, listening, closed };
}

test('serves while ClickHouse is away, says so, and stops at a signal', async () => {
  const { child, lines, listening, closed } = run({});
  const url = await listening;
  expect((await fetch(`${url}/healthz`)).status).toBe(200);
  const ready = await fetch(`${url}/readyz`);
  expect([ready.status, await ready.json()]).toMatchObject([
    503,
    { parts: { clickhouse: { ready: false } } },
  ]);
  expect((await fetch(`${url}/v1/deployments`)).status).toBe(503);
  child.kill('SIGTERM');
  expect(await closed).toEqual([0, null]);
  expect(JSON.stringify(lines)).not.toContain('hush-hush');
});

test('does not listen beyond loopback without tokens', async () => {
  const { lines, closed } = run({ EVENKEEL_API_HOST: '0.0.0.0' });
  expect(await closed).toEqual([64, null]);
  expect(JSON.stringify(lines)).toContain('EVENKEEL_TOKENS');
});

test('listens beyond loopback with tokens, and then asks for them', async () => {
  const { child, listening, closed } = run({
    EVENKEEL_API_HOST: '0.0.0.0',
    EVENKEEL_TOKENS: 'a-long-token:read',
  });
  const { port } = new URL(await listening);
  expect((await fetch(`http://127.0.0.1:${port}/v1/deployments`)).status).toBe(401);
  child.kill('SIGTERM');
  expect(await closed).toEqual([0, null]);
});
