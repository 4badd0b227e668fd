import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, expect, test } from 'vitest';
import { eventually, type Running, run } from './process.ts';

/** The embedded default as its users start it: one process, the CLI beside it, kill and start again. */
const dataDirectory = mkdtempSync(join(tmpdir(), 'evenkeel-embedded-'));
const running: Running[] = [];
afterEach(async () => {
  for (const each of running.splice(0)) await each.end('SIGKILL');
});
afterAll(() => rmSync(dataDirectory, { recursive: true, force: true }));

function start(more: Record<string, string> = {}): Running {
  const started = run('services/standalone/main.ts', {
    EVENKEEL_DATA_DIR: dataDirectory,
    EVENKEEL_API_PORT: '0',
    EVENKEEL_OTLP_PORT: '0',
    EVENKEEL_CLICKHOUSE_PORT: 'auto',
    ...more,
  });
  running.push(started);
  return started;
}

interface Summary {
  deployments: number;
  failed_deployments: number;
  rollbacks: number;
  incidents_restored: number;
  attempts: number;
}

const range = 'from=2026-03-01&to=2026-03-08&tz=America/New_York';
const summary = async (api: string): Promise<Summary> => {
  const response = await fetch(`${api}/v1/dora/summary?service=checkout&${range}`);
  const body = (await response.json()) as { data: Summary };
  return body.data;
};

const facts = [
  ...['1.0', '1.1', '1.2'].map((version, day) => ({
    kind: 'deployment',
    service: 'checkout',
    environment: 'production',
    deployment_id: `d${day}`,
    version,
    phase: 'finished',
    outcome: 'succeeded',
    occurred_at: `2026-03-0${day + 2}T10:00:00Z`,
  })),
  {
    kind: 'incident',
    incident_id: 'pager:1',
    transition: 'opened',
    service: 'checkout',
    occurred_at: '2026-03-04T10:30:00Z',
  },
  { kind: 'incident', incident_id: 'pager:1', transition: 'resolved', occurred_at: '2026-03-04T11:30:00Z' },
  {
    kind: 'deployment',
    service: 'checkout',
    environment: 'production',
    deployment_id: 'd9',
    action: 'rollback',
    rolls_back_to_version: '1.1',
    phase: 'finished',
    outcome: 'succeeded',
    occurred_at: '2026-03-04T11:00:00Z',
  },
];
const expected = { deployments: 3, attempts: 3, failed_deployments: 1, rollbacks: 1, incidents_restored: 1 };

const post = (api: string, lines: readonly object[]) =>
  fetch(`${api}/v1/facts`, {
    method: 'POST',
    headers: { 'content-type': 'application/x-ndjson' },
    body: lines.map((line) => JSON.stringify(line)).join('\n'),
  });

test('what was acknowledged survives kill -9 and a second delivery, number for number', async () => {
  const first = start();
  const api = await first.url('api');
  // Killed as soon as it has acknowledged: the numbers must come from what is durable alone.
  expect((await post(api, facts)).status).toBe(200);
  await first.end('SIGKILL');

  const second = start();
  const again = await second.url('api');
  expect(
    await eventually(
      () => summary(again),
      ({ deployments }) => deployments === 3,
    ),
  ).toMatchObject(expected);
  for (const fact of facts.toReversed()) expect((await post(again, [fact])).status).toBe(200);
  await eventually(
    async () =>
      (await (await fetch(`${again}/v1/dora/summary`)).json()) as {
        meta: { quality: { pending_services: number } };
      },
    ({ meta }) => meta.quality.pending_services === 0,
  );
  expect(await summary(again)).toMatchObject(expected);

  const sql = await second.url('clickhouse');
  const query = `select deployments, failed_deployments from dora_summary(services = ['checkout'], team = '', scope = 'tier:production',
    since = '2026-03-01 05:00:00', until = '2026-03-08 05:00:00', tz = 'America/New_York', now = now64(3)) format JSONEachRow`;
  const answer = await fetch(sql, { method: 'POST', body: query });
  expect(await answer.json()).toEqual({ deployments: 3, failed_deployments: 1 });
  const refused = await fetch(sql, { method: 'POST', body: 'truncate table deployment_facts' });
  expect(refused.ok).toBe(false);

  const other = start();
  await eventually(
    async () => other.child.exitCode,
    (code) => code !== null,
  );
  expect(other.child.exitCode).toBe(73);
  expect(other.output()).toContain(`process ${second.child.pid} `);

  expect(await second.end('SIGINT')).toBe(0);
}, 120_000);

test('a pipeline reports itself with the CLI and reads the number back', async () => {
  const started = start();
  const [api, otlp] = [await started.url('api'), await started.url('otlp')];
  const environment = { OTEL_EXPORTER_OTLP_ENDPOINT: otlp };
  const deploy = async (...args: string[]) => {
    const command = run('services/cli/bin.js', environment, args);
    await eventually(
      async () => command.child.exitCode,
      (code) => code !== null,
    );
    return { code: command.child.exitCode, output: command.output() };
  };
  expect(await deploy('deploy', '--service', 'search', '--version', '1', '--', 'true')).toMatchObject({
    code: 0,
  });
  expect(
    await deploy('deploy', '--service', 'search', '--version', '2', '--', 'sh', '-c', 'exit 3'),
  ).toMatchObject({ code: 3 });
  expect(await deploy('rollback', '--service', 'search', '--to-version', '1', '--', 'true')).toMatchObject({
    code: 0,
  });
  const read = async () => {
    const response = await fetch(`${api}/v1/dora/summary?service=search`);
    return ((await response.json()) as { data: Summary }).data;
  };
  expect(
    await eventually(read, ({ attempts, rollbacks }) => attempts === 2 && rollbacks === 1),
  ).toMatchObject({
    deployments: 1,
    attempts: 2,
    rollbacks: 1,
  });
  expect(await started.end('SIGTERM')).toBe(0);
}, 120_000);

test('an unmodified OpenTelemetry SDK reports a deployment, also gzipped', async () => {
  const started = start();
  const [api, otlp] = [await started.url('api'), await started.url('otlp')];
  for (const compression of ['none', 'gzip']) {
    const example = run('examples/javascript/report-deployment.mjs', {
      OTEL_EXPORTER_OTLP_ENDPOINT: otlp,
      OTEL_EXPORTER_OTLP_COMPRESSION: compression,
    });
    await eventually(
      async () => example.child.exitCode,
      (code) => code !== null,
    );
    expect(example.output()).toBe('');
  }
  const read = async () => {
    const response = await fetch(`${api}/v1/deployments?service=checkout`);
    const { data } = (await response.json()) as { data: { deployment_id: string }[] };
    return data.filter(({ deployment_id }) => deployment_id.startsWith('javascript-')).length;
  };
  expect(await eventually(read, (reported) => reported === 2)).toBe(2);
  expect(await started.end('SIGTERM')).toBe(0);
}, 120_000);

test('it refuses to listen beyond loopback without tokens', async () => {
  const started = start({ EVENKEEL_API_HOST: '0.0.0.0' });
  await eventually(
    async () => started.child.exitCode,
    (code) => code !== null,
  );
  expect(started.child.exitCode).toBe(64);
  expect(started.output()).toContain('EVENKEEL_TOKENS');
});
