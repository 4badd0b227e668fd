import { afterEach, expect, test } from 'vitest';
import { createHealthEndpoints } from './health.ts';
import { createLifecycle } from './lifecycle.ts';
import { createLogger } from './log.ts';
import { createReadiness } from './readiness.ts';
import { startTelemetry, type Telemetry } from './telemetry.ts';

const logger = createLogger({ name: 'test', level: 'silent' });
const open: Telemetry[] = [];

async function endpoints() {
  const lifecycle = createLifecycle({ logger, graceMs: 1_000 });
  const readiness = createReadiness();
  const telemetry = await startTelemetry({ service: 'evenkeel-test' });
  open.push(telemetry);
  return {
    lifecycle,
    readiness,
    telemetry,
    health: createHealthEndpoints({ lifecycle, readiness, telemetry }),
  };
}

afterEach(async () => {
  for (const telemetry of open.splice(0)) await telemetry.close();
});

test('readyz names the part that is not ready', async () => {
  const { lifecycle, readiness, health } = await endpoints();
  const kafka = readiness.part('kafka');
  const clickhouse = readiness.part('clickhouse');
  lifecycle.started();
  kafka.ready();
  clickhouse.notReady('connection refused');
  const answer = await health.readyz();
  expect(answer.status).toBe(503);
  expect(JSON.parse(answer.body)).toEqual({
    ready: false,
    state: 'running',
    parts: { kafka: { ready: true, detail: '' }, clickhouse: { ready: false, detail: 'connection refused' } },
  });
  clickhouse.ready();
  expect((await health.readyz()).status).toBe(200);
});

test('a probe that throws or hangs is not ready', async () => {
  const { lifecycle, readiness, health } = await endpoints();
  lifecycle.started();
  readiness.probe('broken', () => Promise.reject(new Error('no such view')));
  readiness.probe('hanging', () => new Promise(() => undefined));
  const answer = await health.readyz();
  expect(answer.status).toBe(503);
  expect(answer.body).toContain('no such view');
  expect(answer.body).toContain('no answer in 1000 ms');
});

test('a process that is shutting down is alive but not ready', async () => {
  const { lifecycle, health } = await endpoints();
  lifecycle.started();
  expect((await health.readyz()).status).toBe(200);
  await lifecycle.stop('test');
  expect((await health.readyz()).status).toBe(503);
  expect(health.healthz().status).toBe(200);
});

test('metrics are Prometheus text with what was counted', async () => {
  const { telemetry, health } = await endpoints();
  telemetry.meter.createCounter('evenkeel_facts', { description: 'facts' }).add(3, { outcome: 'ok' });
  const answer = await health.metrics();
  expect(answer.contentType).toContain('text/plain');
  expect(answer.body).toMatch(/^evenkeel_facts_total\{outcome="ok"\} 3$/m);
});

test('traces are not sent to the receiver they would come back from', async () => {
  const started = startTelemetry({
    service: 'evenkeel-test',
    tracesEndpoint: 'http://127.0.0.1:4318',
    ownReceivers: ['127.0.0.1:4318'],
  });
  await expect(started).rejects.toMatchObject({ code: 'invalid_configuration' });
});
