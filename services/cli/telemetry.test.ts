import { tmpdir } from 'node:os';
import { afterEach, expect, test } from 'vitest';
import { cleanEnv, evenkeel } from './testing/evenkeel.ts';
import { type Receiver, startReceiver } from './testing/receiver.ts';

let receiver: Receiver | undefined;
afterEach(async () => {
  await receiver?.close();
  receiver = undefined;
});

const args = ['deploy', '--service', 's', '--', 'sh', '-c', 'exit 4'];
const run = (env: Record<string, string>) => evenkeel(args, { env, cwd: tmpdir() });

/** An address that was free a moment ago. */
async function nobody(): Promise<string> {
  const gone = await startReceiver();
  await gone.close();
  return gone.url;
}

test('nobody at the endpoint: one line on stderr, the same exit code', async () => {
  const url = await nobody();
  const end = await run(cleanEnv(url, { OTEL_EXPORTER_OTLP_TIMEOUT: '200' }));
  expect(end.code).toBe(4);
  expect(end.stderr.trim().split('\n')).toHaveLength(1);
  expect(end.stderr).toContain(`the deployment was not reported to ${url}/v1/traces: connect ECONNREFUSED`);
});

test('an endpoint that never answers is given up on', async () => {
  receiver = await startReceiver({ hang: true });
  const end = await run(cleanEnv(receiver.url, { OTEL_EXPORTER_OTLP_TIMEOUT: '300' }));
  expect(end.code).toBe(4);
  expect(end.stderr).toMatch(/^evenkeel: the deployment was not reported to .+: .+\n$/);
  expect(receiver.spans).toHaveLength(1);
});

// Fails by its own timeout: the variable asks for a minute.
test('an endpoint that never answers holds a deployment up for 5 s at most, whatever the variables say', async () => {
  receiver = await startReceiver({ hang: true });
  const end = await run(cleanEnv(receiver.url, { OTEL_EXPORTER_OTLP_TIMEOUT: '60000' }));
  expect(end.code).toBe(4);
}, 20_000);

test('an endpoint that refuses the token: the answer is named, the token is not', async () => {
  receiver = await startReceiver({ status: 401 });
  const end = await run(
    cleanEnv(receiver.url, { OTEL_EXPORTER_OTLP_HEADERS: 'authorization=Bearer%20s3cret' }),
  );
  expect(end.code).toBe(4);
  expect(end.stderr).toContain('401');
  expect(end.stderr).not.toContain('s3cret');
  expect(receiver.requests[0]?.headers.authorization).toBe('Bearer s3cret');
});

test('the standard variables are honoured', async () => {
  receiver = await startReceiver();
  const env = cleanEnv('http://127.0.0.1:1/unused', {
    OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: `${receiver.url}/custom/path`,
    OTEL_SERVICE_NAME: 'ci',
  });
  expect(await run(env)).toMatchObject({ code: 4, stderr: '' });
  expect(receiver.requests.map((request) => request.path)).toEqual(['/custom/path']);
});

test.each([
  ['http/protobuf', 'application/x-protobuf'],
  ['http/json', 'application/json'],
])('%s is spoken', async (protocol, contentType) => {
  receiver = await startReceiver();
  expect(await run(cleanEnv(receiver.url, { OTEL_EXPORTER_OTLP_PROTOCOL: protocol }))).toMatchObject({
    code: 4,
    stderr: '',
  });
  expect(receiver.requests[0]?.headers['content-type']).toBe(contentType);
  expect(receiver.spans[0]?.attributes).toMatchObject({
    'deployment.status': 'failed',
    'process.exit.code': 4,
  });
});

test('OTEL_SDK_DISABLED sends nothing and says nothing', async () => {
  receiver = await startReceiver();
  expect(await run(cleanEnv(receiver.url, { OTEL_SDK_DISABLED: 'true' }))).toMatchObject({
    code: 4,
    stderr: '',
  });
  expect(receiver.requests).toEqual([]);
});

test('a nonsense endpoint is a line on stderr too', async () => {
  const end = await run(cleanEnv('not a url'));
  expect(end.code).toBe(4);
  expect(end.stderr).toBe(
    'evenkeel: the deployment was not reported to not a url/v1/traces: not an http or https address\n',
  );
});

test('gRPC is not spoken, and that is said', async () => {
  receiver = await startReceiver({ status: 400 });
  const end = await run(cleanEnv(receiver.url, { OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' }));
  expect(end.code).toBe(4);
  expect(end.stderr).toContain('only OTLP over HTTP is spoken here');
});
