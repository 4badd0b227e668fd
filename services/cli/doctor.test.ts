import { tmpdir } from 'node:os';
import { afterEach, expect, test } from 'vitest';
import { cleanEnv, evenkeel } from './testing/evenkeel.ts';
import { makeRepository } from './testing/git-fixture.ts';
import { type Receiver, startReceiver } from './testing/receiver.ts';

let receiver: Receiver | undefined;
afterEach(async () => {
  await receiver?.close();
  receiver = undefined;
});

test('says what it found, never the value of a header', async () => {
  receiver = await startReceiver();
  const repository = makeRepository(1);
  repository.run('remote', 'add', 'origin', 'https://bot:t0ken@example.com/o/r.git');
  const env = cleanEnv(receiver.url, {
    EVENKEEL_SERVICE: 'checkout',
    EVENKEEL_API_URL: receiver.url,
    OTEL_EXPORTER_OTLP_HEADERS: 'authorization=Bearer%20s3cret',
  });
  const end = await evenkeel(['doctor'], { env, cwd: repository.directory });
  repository.remove();
  expect(end).toMatchObject({ code: 0, stderr: '' });
  expect(end.stdout).toContain(`commit       ${repository.commits[0]} of 2026-01-01T00:00:00+00:00`);
  expect(end.stdout).toContain('repository   https://example.com/o/r.git');
  expect(end.stdout).toContain('headers      authorization (values not shown)');
  expect(end.stdout).toContain('receiver     accepts traces (HTTP 200)');
  expect(end.stdout).toContain('Next: evenkeel deploy -- ./deploy.sh');
  expect(end.stdout).not.toMatch(/s3cret|t0ken/);
  expect(receiver.requests.map((request) => request.path)).toEqual(['/v1/traces', '/readyz']);
  expect(receiver.requests[0]?.headers.authorization).toBe('Bearer s3cret');
});

test('nobody at the endpoint: ends with 1 and says what to do', async () => {
  const gone = await startReceiver();
  await gone.close();
  const end = await evenkeel(['doctor'], {
    env: cleanEnv(gone.url, { EVENKEEL_API_URL: gone.url }),
    cwd: tmpdir(),
  });
  expect(end.code).toBe(1);
  expect(end.stdout).toContain('receiver     unreachable: ECONNREFUSED');
  expect(end.stdout).toContain('Next: start one with "evenkeel start"');
});

test('a refused token ends with 1 and names the variable', async () => {
  receiver = await startReceiver({ status: 401 });
  const env = cleanEnv(receiver.url, { EVENKEEL_API_URL: receiver.url });
  const end = await evenkeel(['doctor'], { env, cwd: tmpdir() });
  expect(end.code).toBe(1);
  expect(end.stdout).toContain('Next: set OTEL_EXPORTER_OTLP_HEADERS');
});

test('inside a CI system it says which', async () => {
  receiver = await startReceiver();
  const env = cleanEnv(receiver.url, {
    BUILDKITE: 'true',
    BUILDKITE_BUILD_URL: 'https://buildkite.com/o/p/builds/1',
  });
  const end = await evenkeel(['doctor'], { env, cwd: tmpdir() });
  expect(end.stdout).toContain('CI system    Buildkite');
  expect(end.stdout).toContain('run          https://buildkite.com/o/p/builds/1');
});
