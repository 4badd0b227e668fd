import { ProtobufTraceSerializer } from '@opentelemetry/otlp-transformer';
import fc from 'fast-check';
import protobuf from 'protobufjs/minimal.js';
import { expect, test } from 'vitest';
import { decodeOtlp, type OtlpSignal } from './index.ts';
import { recordedSpans } from './tests/real-exporter.ts';

const SIGNALS: readonly OtlpSignal[] = ['traces', 'logs', 'metrics'];

/** Writes `bytes` as the delimited field `number`. */
function field(number: number, bytes: Uint8Array): Uint8Array {
  return protobuf.Writer.create()
    .uint32((number << 3) | 2)
    .bytes(bytes)
    .finish();
}

function inSpan(bytes: Uint8Array): Uint8Array {
  return field(1, field(2, field(2, bytes)));
}

test('random bytes never throw', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), fc.constantFrom(...SIGNALS), (bytes, signal) => {
      for (const encoding of ['protobuf', 'json'] as const) {
        const decoded = decodeOtlp(signal, encoding, bytes);
        if (decoded.outcome === 'rejected') expect(decoded.reason).not.toBe('');
      }
    }),
    { numRuns: 3000 },
  );
});

test('random JSON in the right place never throws', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      for (const [resources, scopes, items] of [
        ['resourceSpans', 'scopeSpans', 'spans'],
        ['resourceLogs', 'scopeLogs', 'logRecords'],
        ['resourceMetrics', 'scopeMetrics', 'metrics'],
      ] as const) {
        const request = { [resources]: [{ [scopes]: [{ [items]: value }] }] };
        const bytes = new TextEncoder().encode(JSON.stringify(request));
        for (const signal of SIGNALS) decodeOtlp(signal, 'json', bytes);
      }
    }),
  );
});

test('real bytes cut or changed anywhere never throw', async () => {
  const bytes = ProtobufTraceSerializer.serializeRequest(await recordedSpans());
  if (!bytes) throw new Error('the exporter wrote nothing');
  for (let length = 0; length < bytes.length; length++) {
    decodeOtlp('traces', 'protobuf', bytes.slice(0, length));
  }
  expect(decodeOtlp('traces', 'protobuf', bytes.slice(0, -1)).outcome).toBe('rejected');
  fc.assert(
    fc.property(fc.nat(bytes.length - 1), fc.integer({ min: 0, max: 255 }), (index, byte) => {
      const changed = bytes.slice();
      changed[index] = byte;
      decodeOtlp('traces', 'protobuf', changed);
    }),
    { numRuns: 2000 },
  );
});

test('an embedded message cannot reach into what follows it', () => {
  const longer = Uint8Array.of(0x0a, 0x05, 0x12, 0x01);
  expect(decodeOtlp('traces', 'protobuf', longer)).toMatchObject({ outcome: 'rejected' });
  const inner = field(1, Uint8Array.of(0x12, 0x04, 0x12, 0x00));
  const followed = new Uint8Array([...inner, ...field(1, field(2, field(2, new Uint8Array())))]);
  expect(decodeOtlp('traces', 'protobuf', followed)).toMatchObject({ outcome: 'rejected' });
});

test('unknown fields, and known ones of another type, are skipped', () => {
  const unknown = protobuf.Writer.create()
    .uint32((99 << 3) | 0)
    .uint32(7)
    .uint32((5 << 3) | 0)
    .uint32(7)
    .finish();
  const name = protobuf.Writer.create()
    .uint32((5 << 3) | 2)
    .string('deploy')
    .finish();
  const decoded = decodeOtlp('traces', 'protobuf', inSpan(new Uint8Array([...unknown, ...name])));
  expect(decoded).toMatchObject({ outcome: 'ok', items: [{ name: 'deploy' }] });
});

test('fields in any order: the resource after its spans, the name after its points', () => {
  const attribute = field(
    1,
    new Uint8Array([...field(1, Buffer.from('k')), ...field(2, field(1, Buffer.from('v')))]),
  );
  const group = new Uint8Array([...field(2, field(2, new Uint8Array())), ...field(1, attribute)]);
  expect(decodeOtlp('traces', 'protobuf', field(1, group))).toMatchObject({
    items: [{ resource: { k: 'v' } }],
  });
  const metric = new Uint8Array([...field(7, field(1, new Uint8Array())), ...field(1, Buffer.from('m'))]);
  expect(decodeOtlp('metrics', 'protobuf', field(1, field(2, field(2, metric))))).toMatchObject({
    items: [{ name: 'm', type: 'sum' }],
  });
});

test('values nested without end are rejected', () => {
  let value: Uint8Array = field(1, Buffer.from('x'));
  for (let depth = 0; depth < 1000; depth++) value = field(5, field(1, value));
  const bytes = inSpan(field(9, field(2, value)));
  expect(decodeOtlp('traces', 'protobuf', bytes)).toEqual({
    outcome: 'rejected',
    reason: 'a value is nested deeper than 16 levels',
  });
});

test('groups nested without end are rejected', () => {
  const bytes = new Uint8Array(100_000).fill((15 << 3) | 3);
  expect(decodeOtlp('traces', 'protobuf', bytes)).toMatchObject({ outcome: 'rejected' });
});

test('a few bytes cannot become a flood of items', () => {
  const flood = new Uint8Array(300_000);
  for (let index = 0; index < flood.length; index += 2) flood[index] = 0x12;
  for (const signal of SIGNALS) {
    const bytes = signal === 'metrics' ? inSpan(field(7, floodOf(0x0a))) : field(1, field(2, flood));
    expect(decodeOtlp(signal, 'protobuf', bytes)).toEqual({
      outcome: 'rejected',
      reason: 'the request holds more than 100000 items',
    });
  }
});

function floodOf(tag: number): Uint8Array {
  const flood = new Uint8Array(300_000);
  for (let index = 0; index < flood.length; index += 2) flood[index] = tag;
  return flood;
}

test('integers beyond 2^53 stay exact as text', () => {
  const int = (value: bigint) => {
    const bytes: number[] = [0x18];
    for (let rest = BigInt.asUintN(64, value); ; rest >>= 7n) {
      const more = rest > 127n;
      bytes.push(Number(rest & 127n) | (more ? 128 : 0));
      if (!more) break;
    }
    return inSpan(field(9, field(2, Uint8Array.from(bytes))));
  };
  expect(decodeOtlp('traces', 'protobuf', int(2n ** 63n - 1n))).toMatchObject({
    items: [{ attributes: { '': '9223372036854775807' } }],
  });
  expect(decodeOtlp('traces', 'protobuf', int(-(2n ** 63n)))).toMatchObject({
    items: [{ attributes: { '': '-9223372036854775808' } }],
  });
  expect(decodeOtlp('traces', 'protobuf', int(-5n))).toMatchObject({ items: [{ attributes: { '': -5 } }] });
  expect(decodeOtlp('traces', 'protobuf', int(2n ** 53n - 1n))).toMatchObject({
    items: [{ attributes: { '': 9007199254740991 } }],
  });
});
