import { expect, test } from 'vitest';
import { mapLogRecord } from './index.ts';
import { logRecord, NOON, received } from './tests/items.ts';

const incident = {
  'evenkeel.incident.incident_id': 'pagerduty:P1',
  'evenkeel.incident.service': 'checkout',
  'evenkeel.incident.environment': 'production',
  'evenkeel.incident.severity': 1,
  'evenkeel.incident.title': 'Checkout answers 500',
  'evenkeel.incident.url': 'https://user:secret@pager.example.org/P1?token=secret',
  'evenkeel.incident.deployment_id': 42,
  'evenkeel.attribute.region': 'eu',
  'thread.name': 'main',
};

test('an incident event is an incident fact with all fields', () => {
  expect(received(mapLogRecord(logRecord('evenkeel.incident.opened', incident), {}))).toEqual([
    {
      kind: 'incident',
      source: 'otlp',
      occurred_at: '2026-03-01T12:00:00.000Z',
      event_id: expect.stringMatching(/^[0-9a-f]{64}$/),
      transition: 'opened',
      incident_id: 'pagerduty:P1',
      service: 'checkout',
      environment: 'production',
      severity: '1',
      title: 'Checkout answers 500',
      url: 'https://pager.example.org/P1',
      deployment_id: '42',
      attributes: { region: 'eu' },
    },
  ]);
});

test('the event name may stand in the attribute event.name', () => {
  const record = logRecord('', { ...incident, 'event.name': 'evenkeel.incident.resolved' });
  expect(received(mapLogRecord(record, {}))).toMatchObject([{ transition: 'resolved' }]);
});

test('reviews and drills are facts too', () => {
  const review = {
    'evenkeel.review.review_id': 'r1',
    'evenkeel.review.subject': 'deployment',
    'evenkeel.review.verdict': 'failed',
    'evenkeel.review.by': 'dana',
    'evenkeel.review.deployment_id': '42',
  };
  expect(received(mapLogRecord(logRecord('evenkeel.review', review), {}))).toMatchObject([
    { kind: 'review', review_id: 'r1', verdict: 'failed', by: 'dana' },
  ]);
  const drill = {
    'evenkeel.drill.drill_id': 'd1',
    'evenkeel.drill.service': 'checkout',
    'evenkeel.drill.environment': 'production',
    'evenkeel.drill.outcome': 'succeeded',
    'evenkeel.drill.automatic': 'true',
  };
  expect(received(mapLogRecord(logRecord('evenkeel.drill', drill), {}))).toMatchObject([
    { kind: 'drill', drill_id: 'd1', automatic: true },
  ]);
});

test('its identity is the id it carries, else its content', () => {
  const idOf = (attributes: object, more: object = {}) =>
    received(mapLogRecord(logRecord('evenkeel.incident.opened', { ...incident, ...attributes }, more), {}))[0]
      ?.event_id;
  expect(idOf({ 'event.id': 'e1', 'log.record.uid': 'u1' })).toBe('e1');
  expect(idOf({ 'log.record.uid': 'u1' })).toBe('u1');
  expect(idOf({})).toBe(idOf({}));
  const different = [
    idOf({}),
    idOf({ more: 'x' }),
    idOf({}, { body: 'x' }),
    idOf({}, { timeUnixNano: NOON + 1n }),
    idOf({}, { resource: { a: 1 } }),
  ];
  expect(new Set(different).size).toBe(different.length);
  expect(idOf({}, { observedTimeUnixNano: 1n })).toBe(idOf({}));
  expect(idOf({ odd: Number.NaN, odder: '\ud800' })).toMatch(/^[0-9a-f]{64}$/);
});

test('the time of observation stands in for a missing time', () => {
  const record = logRecord('evenkeel.incident.opened', incident, { timeUnixNano: 0n });
  expect(received(mapLogRecord(record, {}))).toMatchObject([{ occurred_at: '2026-03-01T12:00:01.000Z' }]);
  const none = { ...record, observedTimeUnixNano: 0n };
  expect(mapLogRecord(none, {})).toMatchObject({ code: 'missing_time', field: 'timeUnixNano' });
});

test('what is not ours is ignored, what only looks so is rejected', () => {
  const job = logRecord('', {
    'log.source': 'job',
    'cicd.pipeline.task.type': 'deploy',
    'cicd.pipeline.task.run.result': 'success',
  });
  expect(mapLogRecord(job, {})).toEqual({ outcome: 'ignored', reason: 'log_not_evenkeel' });
  expect(mapLogRecord(logRecord('evenkeel.incidents', {}), {})).toMatchObject({ code: 'unknown_event' });
  expect(mapLogRecord(logRecord('evenkeel.incident.a.b', {}), {})).toMatchObject({ code: 'unknown_event' });
});

test('a field that is no field, or an unknown transition, is named at the door', () => {
  const typo = { ...incident, 'evenkeel.incident.sevrity': 'sev1' };
  expect(() => received(mapLogRecord(logRecord('evenkeel.incident.opened', typo), {}))).toThrow(
    '{"field":"sevrity","message":"is not a known field"}',
  );
  expect(() => received(mapLogRecord(logRecord('evenkeel.incident.solved', incident), {}))).toThrow(
    '"transition"',
  );
});
