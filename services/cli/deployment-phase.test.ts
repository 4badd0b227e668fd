import { tmpdir } from 'node:os';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { cleanEnv, evenkeel } from './testing/evenkeel.ts';
import { type Receiver, startReceiver } from './testing/receiver.ts';

let receiver: Receiver;
beforeEach(async () => {
  receiver = await startReceiver();
});
afterEach(() => receiver.close());

const run = (args: string[], more: Record<string, string> = {}) =>
  evenkeel(args, { env: cleanEnv(receiver.url, more), cwd: tmpdir() });

test('start prints the id, finish takes it: one deployment in two spans', async () => {
  const started = await run(['deploy', 'start', '--service', 's', '--version', '2']);
  expect(started).toMatchObject({ code: 0, stderr: '' });
  const id = started.stdout.trim();
  expect(started.stdout).toBe(`${id}\n`);
  const finished = await run(['deploy', 'finish', '--service', 's', '--id', id, '--outcome', 'success']);
  expect(finished).toEqual({ code: 0, stdout: '', stderr: '' });
  const [first, second] = receiver.spans.map((span) => span.attributes);
  expect(first).toMatchObject({
    'deployment.id': id,
    'evenkeel.deployment.phase': 'started',
    'service.version': '2',
  });
  expect(first).not.toHaveProperty('deployment.status');
  expect(second).toMatchObject({
    'deployment.id': id,
    'evenkeel.deployment.phase': 'finished',
    'deployment.status': 'succeeded',
  });
});

test('in one CI run both derive the same id; a rollback there is another deployment', async () => {
  const ci = { GITHUB_ACTIONS: 'true', GITHUB_RUN_ID: '42', GITHUB_RUN_ATTEMPT: '1' };
  const common = ['--service', 's', '--environment', 'staging'];
  const started = await run(['deploy', 'start', ...common], ci);
  await run(['deploy', 'finish', '--outcome', 'failure', ...common], ci);
  await run(['rollback', 'start', ...common], ci);
  await run(['rollback', 'finish', '--outcome', 'cancelled', ...common], ci);
  expect(started.stdout).toBe('github-42.1-s-staging\n');
  expect(
    receiver.spans.map((span) => [span.attributes['deployment.id'], span.attributes['deployment.status']]),
  ).toEqual([
    ['github-42.1-s-staging', undefined],
    ['github-42.1-s-staging', 'failed'],
    ['github-42.1-s-staging-rollback', undefined],
    ['github-42.1-s-staging-rollback', 'cancelled'],
  ]);
});

test('EVENKEEL_DEPLOYMENT_ID names the deployment to finish', async () => {
  const args = ['deploy', 'finish', '--service', 's', '--outcome', 'failed'];
  expect(await run(args, { EVENKEEL_DEPLOYMENT_ID: 'd7' })).toMatchObject({ code: 0 });
  expect(receiver.spans[0]?.attributes).toMatchObject({
    'deployment.id': 'd7',
    'deployment.status': 'failed',
  });
});

test('finish does not guess', async () => {
  const withoutId = await run(['deploy', 'finish', '--service', 's', '--outcome', 'failed']);
  expect(withoutId.code).toBe(2);
  expect(withoutId.stderr).toContain('--id is required here');
  const withoutOutcome = await run(['deploy', 'finish', '--service', 's', '--id', 'x']);
  expect(withoutOutcome.stderr).toContain('--outcome is required');
  const strange = await run(['deploy', 'finish', '--service', 's', '--id', 'x', '--outcome', 'meh']);
  expect(strange.stderr).toContain('--outcome does not know "meh"');
  expect(receiver.requests).toEqual([]);
});

test('an unreachable endpoint fails neither start nor finish', async () => {
  const env = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:1', OTEL_EXPORTER_OTLP_TIMEOUT: '200' };
  const started = await run(['deploy', 'start', '--service', 's'], env);
  expect(started.code).toBe(0);
  expect(started.stdout).toMatch(/^[0-9a-f-]{36}\n$/);
  expect(started.stderr).toContain("the deploy's start was not reported");
});
