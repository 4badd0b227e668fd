import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createEmitter } from './index.ts';

/** OTLP/JSON as the exporters write it; only what the tests look at. */
interface Attribute {
  key: string;
  value: Record<string, unknown>;
}
interface SpanJson {
  name: string;
  traceId: string;
  spanId: string;
  parentSpanId?: string;
  startTimeUnixNano: string;
  endTimeUnixNano: string;
  attributes: Attribute[];
  events: { name: string; attributes: Attribute[] }[];
  droppedEventsCount: number;
}

let server: Server;
let spans: SpanJson[];
let logs: { eventName: string; attributes: Attribute[] }[];
let resource: Attribute[];
let answer: (respond: (status: number, body: string) => void) => void;

beforeEach(async () => {
  spans = [];
  logs = [];
  answer = (respond) => respond(200, '{}');
  server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const body = JSON.parse(Buffer.concat(chunks).toString());
      for (const group of body.resourceSpans ?? body.resourceLogs) {
        resource = group.resource.attributes;
        for (const scope of group.scopeSpans ?? []) spans.push(...scope.spans);
        for (const scope of group.scopeLogs ?? []) logs.push(...scope.logRecords);
      }
      answer((status, text) => response.writeHead(status, { 'content-type': 'application/json' }).end(text));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  vi.stubEnv('OTEL_EXPORTER_OTLP_ENDPOINT', `http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  vi.stubEnv('OTEL_EXPORTER_OTLP_PROTOCOL', 'http/json');
});

afterEach(() => {
  vi.unstubAllEnvs();
  server.closeAllConnections();
  server.close();
});

const read = (attributes: Attribute[] | undefined) =>
  Object.fromEntries((attributes ?? []).map(({ key, value }) => [key, Object.values(value)[0]]));

test('a deployment becomes one span with what is known of it', async () => {
  const emitter = await createEmitter();
  const running = emitter.deployment({
    service: 'checkout',
    environment: 'prod-eu',
    deploymentId: 'd1',
    action: 'hotfix',
    version: '1.2',
    commit: 'abc',
    commitAt: '2026-01-01T00:00:00Z',
    repository: 'https://example.com/o/r',
    strategy: 'canary',
    fixesIncident: 'i1',
    automatic: true,
    pipelineRun: {
      pipeline: 'cd',
      runId: '7',
      runUrl: 'https://ci.example.com/7',
      task: 'deploy',
      branch: 'main',
    },
    startedAt: new Date(1000),
  });
  running.advanced('10%', new Date(1500));
  running.carries({ changeId: 'abc', linesChanged: 3 });
  running.finished({ outcome: 'failed', finishedAt: new Date(2000), exitCode: 3, errorType: 'exit_3' });
  expect(await emitter.shutdown()).toEqual({ outcome: 'delivered' });

  expect(spans).toHaveLength(1);
  expect(spans[0]).toMatchObject({
    name: 'hotfix checkout',
    startTimeUnixNano: '1000000000',
    endTimeUnixNano: '2000000000',
  });
  expect(read(spans[0]?.attributes)).toEqual({
    'cicd.pipeline.task.type': 'deploy',
    'deployment.id': 'd1',
    'deployment.environment.name': 'prod-eu',
    'deployment.status': 'failed',
    'evenkeel.service': 'checkout',
    'service.version': '1.2',
    'vcs.ref.head.revision': 'abc',
    'vcs.ref.head.name': 'main',
    'vcs.repository.url.full': 'https://example.com/o/r',
    'cicd.pipeline.name': 'cd',
    'cicd.pipeline.run.id': '7',
    'cicd.pipeline.run.url.full': 'https://ci.example.com/7',
    'cicd.pipeline.task.name': 'deploy',
    'cicd.pipeline.task.run.result': 'failure',
    'evenkeel.deployment.action': 'hotfix',
    'evenkeel.deployment.commit_at': '2026-01-01T00:00:00Z',
    'evenkeel.deployment.strategy': 'canary',
    'evenkeel.deployment.fixes_incident': 'i1',
    'evenkeel.deployment.automatic': true,
    'process.exit.code': 3,
    'error.type': 'exit_3',
  });
  expect(spans[0]?.events.map((event) => [event.name, read(event.attributes)])).toEqual([
    ['evenkeel.deployment.advanced', { 'evenkeel.deployment.step': '10%' }],
    [
      'evenkeel.change',
      {
        'evenkeel.change.change_id': 'abc',
        'evenkeel.change.repository': 'https://example.com/o/r',
        'evenkeel.change.lines_changed': 3,
      },
    ],
  ]);
});

test('the resource says who reports and nothing of host or command line', async () => {
  vi.stubEnv('OTEL_RESOURCE_ATTRIBUTES', 'team=shop');
  const emitter = await createEmitter();
  emitter.deployment({ service: 's' }).finished({ outcome: 'succeeded' });
  await emitter.shutdown();
  expect(read(resource)).toEqual({ 'service.name': 'evenkeel', team: 'shop' });
});

test('promised ids and a trace to continue are kept, each for its own span', async () => {
  const emitter = await createEmitter();
  const ids = { traceId: 'a'.repeat(32), spanId: 'b'.repeat(16) };
  const first = emitter.deployment({ service: 'one', spanIds: ids });
  emitter.deployment({ service: 'two' }).finished({ outcome: 'succeeded' });
  const traceparent = `00-${'c'.repeat(32)}-${'d'.repeat(16)}-00`;
  emitter.deployment({ service: 'three', traceparent }).finished({ outcome: 'succeeded' });
  first.finished({ outcome: 'succeeded' });
  await emitter.shutdown();
  expect(first.traceparent).toBe(`00-${ids.traceId}-${ids.spanId}-01`);
  const [two, three, one] = spans;
  expect(one).toMatchObject(ids);
  expect(two?.traceId).not.toBe(ids.traceId);
  expect(three).toMatchObject({ traceId: 'c'.repeat(32), parentSpanId: 'd'.repeat(16) });
});

test('a thousand changes fit into one span', async () => {
  const emitter = await createEmitter();
  const changes = Array.from({ length: 1000 }, (_, n) => ({ changeId: String(n) }));
  emitter.deployment({ service: 's', changes }).finished({ outcome: 'succeeded' });
  expect(await emitter.shutdown()).toEqual({ outcome: 'delivered' });
  expect(spans[0]).toMatchObject({ droppedEventsCount: 0 });
  expect(spans[0]?.events).toHaveLength(1000);
});

test('incidents are log records named after their transition', async () => {
  const emitter = await createEmitter();
  emitter.incident({ incidentId: 'i1', transition: 'opened', service: 's', severity: 'sev1' });
  emitter.incident({ incidentId: 'i1', transition: 'resolved' });
  expect(await emitter.shutdown()).toEqual({ outcome: 'delivered' });
  expect(logs.map((log) => [log.eventName, read(log.attributes)])).toEqual([
    [
      'evenkeel.incident.opened',
      {
        'evenkeel.incident.incident_id': 'i1',
        'evenkeel.incident.service': 's',
        'evenkeel.incident.severity': 'sev1',
      },
    ],
    ['evenkeel.incident.resolved', { 'evenkeel.incident.incident_id': 'i1' }],
  ]);
});

test('what a receiver refuses in part is a failure, though it answers 200', async () => {
  answer = (respond) =>
    respond(200, '{"partialSuccess":{"rejectedSpans":1,"errorMessage":"service: 1 to 512 characters"}}');
  const emitter = await createEmitter();
  emitter.deployment({ service: 's' }).finished({ outcome: 'succeeded' });
  expect(await emitter.shutdown()).toEqual({
    outcome: 'failed',
    reason: expect.stringContaining('service: 1 to 512 characters'),
  });
});

test('a receiver that hangs is waited for no longer than asked', async () => {
  answer = () => {};
  const emitter = await createEmitter();
  emitter.deployment({ service: 's' }).finished({ outcome: 'succeeded' });
  expect(await emitter.shutdown({ timeoutMs: 200 })).toEqual({
    outcome: 'failed',
    reason: 'no answer within 200 ms',
  });
});

test('a second emitter works after the first has shut down, and shutting down twice is fine', async () => {
  for (const service of ['first', 'second']) {
    const emitter = await createEmitter();
    emitter.deployment({ service }).finished({ outcome: 'succeeded' });
    expect(await emitter.shutdown()).toEqual({ outcome: 'delivered' });
    expect(await emitter.shutdown()).toEqual({ outcome: 'delivered' });
  }
  expect(spans.map((span) => span.name)).toEqual(['deploy first', 'deploy second']);
});

test('disabled, everything can be called and nothing is sent', async () => {
  vi.stubEnv('OTEL_SDK_DISABLED', 'true');
  const emitter = await createEmitter();
  const running = emitter.deployment({ service: 's' });
  running.advanced('half');
  running.finished({ outcome: 'succeeded' });
  emitter.incident({ incidentId: 'i', transition: 'opened' });
  expect(await emitter.shutdown()).toEqual({ outcome: 'disabled' });
  expect(spans).toEqual([]);
});
