import { expect, test } from 'vitest';
import { mapMetricPoint } from './index.ts';
import { NOON, point, received, SECOND } from './tests/items.ts';

const good = { 'slo.id': 'checkout-availability', 'evenkeel.slo.outcome': 'good' };

test('a delta point is an sli fact; what it has besides is its series, with the emitting instance', () => {
  const resource = {
    'service.name': 'checkout',
    'service.version': '1.4',
    'service.instance.id': 'pod-1',
    'host.name': 'h',
  };
  const attributes = { ...good, 'zone=': 'a,b', region: 'eu' };
  expect(
    received(mapMetricPoint(point('evenkeel.slo.events', attributes, { resource, value: 7 }), {})),
  ).toEqual([
    {
      kind: 'sli',
      source: 'otlp',
      occurred_at: '2026-03-01T12:01:00.000Z',
      event_id: expect.stringMatching(/^[0-9a-f]{64}$/),
      slo_id: 'checkout-availability',
      window_start: '2026-03-01T12:00:00.000Z',
      window_end: '2026-03-01T12:01:00.000Z',
      series: 'region=eu,service.instance.id=pod-1,zone\\==a\\,b',
      version: '1.4',
      good: 7,
    },
  ]);
});

test.each([
  ['evenkeel.slo.events', { 'evenkeel.slo.outcome': 'good' }, 'good'],
  ['evenkeel.slo.events', { 'evenkeel.slo.outcome': 'bad' }, 'bad'],
  ['evenkeel.slo.good', {}, 'good'],
  ['evenkeel.slo.total', {}, 'total'],
])('%s %j counts %s', (name, attributes, field) => {
  const [fact] = received(mapMetricPoint(point(name, { 'slo.id': 's', ...attributes }, { value: 0 }), {}));
  expect(fact).toMatchObject({ slo_id: 's', [field]: 0, series: '' });
});

test('identity is slo, series, version, window and which number', () => {
  const idOf = (attributes: object, more: object = {}) =>
    received(mapMetricPoint(point('evenkeel.slo.events', { ...good, ...attributes }, more), {}))[0]?.event_id;
  expect(idOf({}, { value: 1 })).toBe(idOf({}, { value: 2 }));
  const different = [
    idOf({}),
    idOf({ 'slo.id': 'other' }),
    idOf({ 'evenkeel.slo.outcome': 'bad' }),
    idOf({ region: 'eu' }),
    idOf({ 'service.version': '2' }),
    idOf({}, { resource: { 'service.instance.id': 'pod-2' } }),
    idOf({}, { startTimeUnixNano: NOON - SECOND }),
    idOf({}, { timeUnixNano: NOON + SECOND }),
  ];
  expect(new Set(different).size).toBe(different.length);
});

test.each(['cumulative', 'unspecified'] as const)('a %s sum is rejected with the way out', (temporality) => {
  const mapped = mapMetricPoint(point('evenkeel.slo.events', good, { temporality }), {});
  expect(mapped).toMatchObject({
    outcome: 'rejected',
    code: 'not_delta',
    field: 'sum.aggregationTemporality',
  });
  expect(mapped).toHaveProperty('reason', expect.stringContaining('cumulativetodelta'));
});

test.each([
  [point('evenkeel.slo.events', { 'evenkeel.slo.outcome': 'good' }), 'missing_attribute', 'slo.id'],
  [point('evenkeel.slo.events', { 'slo.id': 's' }), 'missing_attribute', 'evenkeel.slo.outcome'],
  [
    point('evenkeel.slo.events', { ...good, 'evenkeel.slo.outcome': 'ok' }),
    'missing_attribute',
    'evenkeel.slo.outcome',
  ],
  [point('evenkeel.slo.events', good, { type: 'other' }), 'not_a_sum', 'sum'],
  [point('evenkeel.slo.events', good, { startTimeUnixNano: 0n }), 'missing_time', 'startTimeUnixNano'],
  [point('evenkeel.slo.events', good, { timeUnixNano: 0n }), 'missing_time', 'timeUnixNano'],
  [
    point('evenkeel.slo.events', good, {
      startTimeUnixNano: NOON - 86_400n * SECOND,
      timeUnixNano: NOON + 1n,
    }),
    'window_too_long',
    'timeUnixNano',
  ],
])('rejected: %#', (item, code, field) => {
  expect(mapMetricPoint(item, {})).toMatchObject({ outcome: 'rejected', code, field });
});

test('exactly 24 hours are taken', () => {
  const item = point('evenkeel.slo.events', good, {
    timeUnixNano: NOON,
    startTimeUnixNano: NOON - 86_400n * SECOND,
  });
  expect(received(mapMetricPoint(item, {}))).toHaveLength(1);
});

test('other metrics are ignored by name, and a point without a recorded value says nothing', () => {
  expect(mapMetricPoint(point('http.server.duration', {}), {})).toEqual({
    outcome: 'ignored',
    reason: 'metric_not_evenkeel',
  });
  expect(mapMetricPoint(point('constructor', {}), {})).toEqual({
    outcome: 'ignored',
    reason: 'metric_not_evenkeel',
  });
  const { value: _, ...unrecorded } = point('evenkeel.slo.events', good);
  expect(mapMetricPoint(unrecorded, {})).toEqual({ outcome: 'ignored', reason: 'no_recorded_value' });
});

test('NaN, negative values and an empty window are named at the door', () => {
  const at = (more: object) => () => received(mapMetricPoint(point('evenkeel.slo.events', good, more), {}));
  expect(at({ value: Number.NaN })).toThrow('"good"');
  expect(at({ value: -1 })).toThrow('"good"');
  expect(at({ timeUnixNano: NOON })).toThrow('"window_end"');
});

test('a series that is too long to keep is still told apart', () => {
  const seriesOf = (value: string) => {
    const [fact] = received(mapMetricPoint(point('evenkeel.slo.events', { ...good, path: value }), {}));
    return fact?.kind === 'sli' ? fact.series : undefined;
  };
  expect(seriesOf(`${'x'.repeat(600)}a`)).toMatch(/^sha256=[0-9a-f]{64}$/);
  expect(seriesOf(`${'x'.repeat(600)}a`)).not.toBe(seriesOf(`${'x'.repeat(600)}b`));
  expect(seriesOf('a\nb')).toMatch(/^sha256=/);
});
