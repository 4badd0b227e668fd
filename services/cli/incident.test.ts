import { tmpdir } from 'node:os';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { cleanEnv, evenkeel } from './testing/evenkeel.ts';
import { type Receiver, startReceiver } from './testing/receiver.ts';

let receiver: Receiver;
beforeEach(async () => {
  receiver = await startReceiver();
});
afterEach(() => receiver.close());

const incident = (args: string[], more: Record<string, string> = {}) =>
  evenkeel(['incident', ...args], { env: cleanEnv(receiver.url, more), cwd: tmpdir() });

test('open prints an id and reports what was said', async () => {
  const end = await incident([
    'open',
    '--service',
    's',
    '--severity',
    'sev1',
    '--title',
    'it broke',
    '--detected-by',
    'customer',
    '--at',
    '2026-03-01T15:05:00+01:00',
  ]);
  expect(end).toMatchObject({ code: 0, stderr: '' });
  expect(receiver.logs).toEqual([
    {
      eventName: 'evenkeel.incident.opened',
      timeMs: Date.UTC(2026, 2, 1, 14, 5),
      attributes: {
        'evenkeel.incident.incident_id': end.stdout.trim(),
        'evenkeel.incident.service': 's',
        'evenkeel.incident.environment': 'production',
        'evenkeel.incident.severity': 'sev1',
        'evenkeel.incident.title': 'it broke',
        'evenkeel.incident.detected_by': 'customer',
      },
    },
  ]);
});

test.each([
  ['ack', 'acknowledged'],
  ['mitigate', 'mitigated'],
  ['resolve', 'resolved'],
  ['reopen', 'reopened'],
  ['update', 'updated'],
  ['cancel', 'cancelled'],
])('%s reports %s and leaves service and environment as they were', async (verb, transition) => {
  expect(await incident([verb, 'i1'])).toEqual({ code: 0, stdout: '', stderr: '' });
  expect(receiver.logs).toMatchObject([
    { eventName: `evenkeel.incident.${transition}`, attributes: { 'evenkeel.incident.incident_id': 'i1' } },
  ]);
  expect(Object.keys(receiver.logs[0]?.attributes ?? {})).toEqual(['evenkeel.incident.incident_id']);
});

test('link and unlink name the deployment', async () => {
  await incident(['link', 'i1', '--deployment', 'd1', '--service', 's']);
  await incident(['unlink', 'i1', '--deployment', 'd1']);
  expect(
    receiver.logs.map((log) => [log.eventName, log.attributes['evenkeel.incident.deployment_id']]),
  ).toEqual([
    ['evenkeel.incident.linked', 'd1'],
    ['evenkeel.incident.unlinked', 'd1'],
  ]);
});

test('what is missing is named, and nothing is sent', async () => {
  const cases: [string[], string][] = [
    [['open'], '--service is required'],
    [['ack'], "ack needs the incident's id"],
    [['link', 'i1'], '--deployment is required by link'],
    [['explode', 'i1'], 'unknown "explode"'],
    [['resolve', 'i1', '--at', 'yesterday'], '--at takes a time'],
    [['open', '--service', 's', '--detected-by', 'luck'], '--detected-by takes monitoring, people, customer'],
  ];
  for (const [args, message] of cases) {
    const end = await incident(args);
    expect(end.code).toBe(2);
    expect(end.stderr).toContain(message);
  }
  expect(receiver.requests).toEqual([]);
});

test('an incident that could not be reported ends with 1: nothing else would tell', async () => {
  const env = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:1', OTEL_EXPORTER_OTLP_TIMEOUT: '200' };
  const end = await incident(['resolve', 'i1'], env);
  expect(end.code).toBe(1);
  expect(end.stderr).toContain('the incident was not reported to http://127.0.0.1:1/v1/logs');
});
