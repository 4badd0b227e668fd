import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { openInstallation } from './test-installation.ts';

let installation: Awaited<ReturnType<typeof openInstallation>>;
let url: string;
beforeAll(async () => {
  installation = await openInstallation();
  ({ url } = await installation.listen());
});
afterAll(() => installation.close());

let run = 0;
beforeEach(() => {
  run += 1;
});

type Attributes = Record<string, string>;

/** A deploy span that only this test knows. */
function span(id: number, attributes: Attributes = {}) {
  const all: Attributes = {
    'evenkeel.service': 'checkout',
    'deployment.environment.name': 'prod',
    'deployment.id': `${run}-${id}`,
    'deployment.status': 'succeeded',
    'evenkeel.deployment.action': 'deploy',
    ...attributes,
  };
  return {
    traceId: '0af7651916cd43dd8448eb211c80319c',
    spanId: String(run * 100 + id).padStart(16, '0'),
    name: 'deploy',
    kind: 1,
    startTimeUnixNano: '1772359200000000000',
    endTimeUnixNano: '1772359260000000000',
    attributes: Object.entries(all)
      .filter(([, value]) => value !== '')
      .map(([key, stringValue]) => ({ key, value: { stringValue } })),
  };
}

const traces = (...spans: ReturnType<typeof span>[]) => ({ resourceSpans: [{ scopeSpans: [{ spans }] }] });

async function post(
  body: string | Uint8Array<ArrayBuffer>,
  headers: Record<string, string> = {},
  path = '/v1/traces',
) {
  const response = await fetch(`${url}${path}`, {
    method: 'POST',
    body,
    headers: { 'content-type': 'application/json', ...headers },
  });
  return {
    status: response.status,
    type: response.headers.get('content-type'),
    body: Buffer.from(await response.arrayBuffer()),
  };
}

const stored = async () =>
  (
    await installation.rows<{ id: string }>(
      `select distinct deployment_id as id from deployment_facts where startsWith(deployment_id, '${run}-') order by id`,
    )
  ).map(({ id }) => id);

test('a JSON export is durable when the answer comes', async () => {
  const answer = await post(JSON.stringify(traces(span(1))));
  expect(answer).toMatchObject({ status: 200, type: 'application/json' });
  expect(JSON.parse(answer.body.toString())).toEqual({});
  expect(await stored()).toEqual([`${run}-1`]);
});

test('a partial success counts the rejected spans and names the field', async () => {
  const answer = await post(JSON.stringify(traces(span(1), span(2, { 'deployment.environment.name': '' }))));
  expect(answer.status).toBe(200);
  const { partialSuccess } = JSON.parse(answer.body.toString());
  expect(Number(partialSuccess.rejectedSpans)).toBe(1);
  expect(partialSuccess.errorMessage).toContain('environment');
  expect(await stored()).toEqual([`${run}-1`]);
  const kept = await installation.rows(
    `select source from rejected_messages where position(payload, '${run}-2') > 0`,
  );
  expect(kept).toEqual([{ source: 'otlp_traces' }]);
});

test('spans that are not ours are ignored, not rejected', async () => {
  const build = { ...span(1), attributes: [] };
  const answer = await post(JSON.stringify(traces(build)));
  expect(JSON.parse(answer.body.toString())).toEqual({});
  expect(await stored()).toEqual([]);
});

test('a protobuf export, also gzipped, is taken and answered in protobuf', async () => {
  const protobuf = { 'content-type': 'application/x-protobuf' };
  expect(await post(encodeTraces(span(1)), protobuf)).toMatchObject({
    status: 200,
    type: 'application/x-protobuf',
    body: Buffer.alloc(0),
  });
  const packed = gzipSync(encodeTraces(span(2)));
  expect(await post(packed, { ...protobuf, 'content-encoding': 'gzip' })).toMatchObject({ status: 200 });
  expect(await stored()).toEqual([`${run}-1`, `${run}-2`]);
});

test.each(['/v1/logs', '/v1/metrics'])('%s takes an empty export', async (path) => {
  expect(await post('{}', {}, path)).toMatchObject({ status: 200 });
});

test('what is malformed is a 400 with a status in the encoding of the request', async () => {
  const json = await post('{"resourceSpans": 7}');
  expect(json).toMatchObject({ status: 400, type: 'application/json' });
  expect(JSON.parse(json.body.toString())).toMatchObject({ code: 3 });
  const protobuf = await post(Buffer.from([0x0a, 0xff, 0xff]), { 'content-type': 'application/x-protobuf' });
  expect(protobuf).toMatchObject({ status: 400, type: 'application/x-protobuf' });
  expect([...protobuf.body.subarray(0, 3)]).toEqual([0x08, 3, 0x12]);
});

test('a foreign content type is a 415, a zip bomb a 413', async () => {
  expect(await post('x', { 'content-type': 'text/plain' })).toMatchObject({ status: 415 });
  const bomb = gzipSync(Buffer.alloc(64_000_000));
  expect(await post(bomb, { 'content-encoding': 'gzip' })).toMatchObject({ status: 413 });
});

/** `ExportTraceServiceRequest` in protobuf, by hand: the receiver's own encoder would prove nothing. */
function encodeTraces(from: ReturnType<typeof span>): Uint8Array<ArrayBuffer> {
  const attributes = from.attributes.map(({ key, value }) =>
    field(9, Buffer.concat([field(1, Buffer.from(key)), field(2, field(1, Buffer.from(value.stringValue)))])),
  );
  const encoded = Buffer.concat([
    field(1, Buffer.from(from.traceId, 'hex')),
    field(2, Buffer.from(from.spanId, 'hex')),
    field(5, Buffer.from(from.name)),
    Buffer.from([0x30, from.kind]),
    fixed64(7, BigInt(from.startTimeUnixNano)),
    fixed64(8, BigInt(from.endTimeUnixNano)),
    ...attributes,
  ]);
  return new Uint8Array(field(1, field(2, field(2, encoded))));
}

function field(number: number, value: Buffer): Buffer {
  const length = value.length < 0x80 ? [value.length] : [(value.length & 0x7f) | 0x80, value.length >> 7];
  return Buffer.concat([Buffer.from([(number << 3) | 2, ...length]), value]);
}

function fixed64(number: number, value: bigint): Buffer {
  const bytes = Buffer.alloc(9);
  bytes[0] = (number << 3) | 1;
  bytes.writeBigUInt64LE(value, 1);
  return bytes;
}
