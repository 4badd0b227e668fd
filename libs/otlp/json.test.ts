import { expect, test } from 'vitest';
import { decodeOtlp, type OtlpSignal } from './index.ts';

function decode(signal: OtlpSignal, request: unknown) {
  return decodeOtlp(signal, 'json', new TextEncoder().encode(JSON.stringify(request)));
}

function spanOf(span: unknown) {
  const decoded = decode('traces', { resourceSpans: [{ scopeSpans: [{ spans: [span] }] }] });
  return decoded.outcome === 'ok' ? decoded.items[0] : decoded.reason;
}

const attribute = (value: unknown) => spanOf({ attributes: [{ key: 'a', value }] });

test('takes what real emitters write: ids in upper case, integers as text or number, enums by name', () => {
  expect(
    spanOf({
      traceId: '5B8EFFF798038103D269B633813FC60C',
      spanId: 'EEE19B7EC3C1B174',
      kind: 'SPAN_KIND_CLIENT',
      startTimeUnixNano: '1772366400123456789',
      endTimeUnixNano: 1772366460000000000,
      status: { code: 'STATUS_CODE_OK' },
      links: 'unknown members and members that nobody needs are not looked at',
      parentSpanId: null,
    }),
  ).toMatchObject({
    traceId: '5b8efff798038103d269b633813fc60c',
    spanId: 'eee19b7ec3c1b174',
    parentSpanId: '',
    kind: 'client',
    startTimeUnixNano: 1_772_366_400_123_456_789n,
    endTimeUnixNano: 1_772_366_460_000_000_000n,
    statusCode: 'ok',
  });
  expect(spanOf({ kind: 3, status: { code: 2 } })).toMatchObject({ kind: 'client', statusCode: 'error' });
  expect(spanOf({ kind: '3', status: { code: 'OK' } })).toMatchObject({
    kind: 'client',
    statusCode: 'unset',
  });
  expect(spanOf({ kind: 99, status: { code: -1 } })).toMatchObject({
    kind: 'unspecified',
    statusCode: 'unset',
  });
});

test.each([
  [{ stringValue: 'x' }, 'x'],
  [{ intValue: '42' }, 42],
  [{ intValue: -42 }, -42],
  [{ intValue: '9223372036854775807' }, '9223372036854775807'],
  [{ doubleValue: 1.5 }, 1.5],
  [{ doubleValue: 'NaN' }, Number.NaN],
  [{ doubleValue: '-Infinity' }, Number.NEGATIVE_INFINITY],
  [{ bytesValue: 'AQI=' }, 'AQI='],
  [{ boolValue: false }, false],
  [{ arrayValue: { values: [{ intValue: '1' }, { stringValue: 'b' }, {}] } }, [1, 'b', null]],
  [{ arrayValue: {} }, []],
  [{ kvlistValue: { values: [{ key: 'k', value: { intValue: 1 } }] } }, { k: 1 }],
  [{ stringValue: null, intValue: 3 }, 3],
  [{}, null],
  [null, null],
])('value %j is %j', (value, expected) => {
  expect(attribute(value)).toMatchObject({ attributes: { a: expected } });
});

test.each([
  [[], 'the request is not an object'],
  [null, 'the request is not an object'],
  ['x', 'the request is not an object'],
  [{ resourceSpans: {} }, 'resourceSpans is not a list'],
  [{ resourceSpans: [7] }, 'resourceSpans[0] is not an object'],
  [{ resourceSpans: [{ scopeSpans: 'x' }] }, 'resourceSpans[0].scopeSpans is not a list'],
  [
    { resourceSpans: [{ resource: { attributes: [{ key: 1 }] } }] },
    'resourceSpans[0].resource.attributes[0].key is not text',
  ],
])('%j is rejected: %s', (request, reason) => {
  expect(decode('traces', request)).toEqual({ outcome: 'rejected', reason });
});

test.each([
  [{ traceId: 'xyz' }, 'traceId is not hexadecimal'],
  [{ traceId: 'abc' }, 'traceId is not hexadecimal'],
  [{ traceId: 7 }, 'traceId is not text'],
  [{ startTimeUnixNano: '-1' }, 'startTimeUnixNano is not an unsigned 64-bit integer'],
  [{ startTimeUnixNano: 1.5 }, 'startTimeUnixNano is not an unsigned 64-bit integer'],
  [{ startTimeUnixNano: '18446744073709551616' }, 'startTimeUnixNano is not an unsigned 64-bit integer'],
  [
    { attributes: [{ key: 'a', value: { intValue: '1e3' } }] },
    'attributes[0].value.intValue is not a 64-bit integer',
  ],
  [
    { attributes: [{ key: 'a', value: { intValue: '9223372036854775808' } }] },
    'attributes[0].value.intValue is not a 64-bit integer',
  ],
  [
    { attributes: [{ key: 'a', value: { doubleValue: 'x' } }] },
    'attributes[0].value.doubleValue is not a number',
  ],
  [{ attributes: [{ key: 'a', value: { stringValue: 1 } }] }, 'attributes[0].value.stringValue is not text'],
  [{ events: [{ timeUnixNano: 'soon' }] }, 'events[0].timeUnixNano is not an unsigned 64-bit integer'],
])('span %j is rejected: %s', (span, reason) => {
  expect(spanOf(span)).toBe(`resourceSpans[0].scopeSpans[0].spans[0].${reason}`);
});

test('a name that would set the prototype sets nothing', () => {
  const item = spanOf({ attributes: [{ key: '__proto__', value: { stringValue: 'x' } }] });
  expect(item).toMatchObject({ attributes: {} });
});

test('what is no JSON is rejected without quoting it', () => {
  const secret = new TextEncoder().encode('{"token": hunter2}');
  expect(decodeOtlp('logs', 'json', secret)).toEqual({
    outcome: 'rejected',
    reason: 'not JSON: it cannot be parsed',
  });
  expect(decodeOtlp('logs', 'json', new Uint8Array([0x22, 0xff, 0x22])).outcome).toBe('rejected');
  expect(decodeOtlp('logs', 'json', new Uint8Array()).outcome).toBe('rejected');
});

test('values nested without end are rejected', () => {
  let value: unknown = { stringValue: 'x' };
  for (let depth = 0; depth < 500; depth++) value = { arrayValue: { values: [value] } };
  expect(attribute(value)).toMatch(/is nested deeper than 16 levels$/);
  const brackets = new TextEncoder().encode(`{"resourceSpans":${'['.repeat(100_000)}${']'.repeat(100_000)}}`);
  expect(decodeOtlp('traces', 'json', brackets).outcome).toBe('rejected');
});

test('severity by name or number', () => {
  const records = ['SEVERITY_NUMBER_ERROR2', 18, 'SEVERITY_NUMBER_FATAL', 'loud'].map((severityNumber) => ({
    severityNumber,
  }));
  expect(decode('logs', { resourceLogs: [{ scopeLogs: [{ logRecords: records }] }] })).toMatchObject({
    items: [{ severityNumber: 18 }, { severityNumber: 18 }, { severityNumber: 21 }, { severityNumber: 0 }],
  });
});

test('data points without a recorded value have none', () => {
  const dataPoints = [{ asInt: '3' }, { asDouble: 'NaN' }, { asInt: '3', flags: 1 }, {}];
  const sum = { dataPoints, aggregationTemporality: 'AGGREGATION_TEMPORALITY_DELTA', isMonotonic: true };
  const decoded = decode('metrics', {
    resourceMetrics: [{ scopeMetrics: [{ metrics: [{ name: 'm', sum }] }] }],
  });
  if (decoded.outcome === 'rejected') throw new Error(decoded.reason);
  expect(decoded.items.map((item) => ('value' in item ? item.value : 'none'))).toEqual([
    3,
    Number.NaN,
    'none',
    'none',
  ]);
  expect(decoded.items[0]).toMatchObject({ temporality: 'delta', monotonic: true, name: 'm' });
});
