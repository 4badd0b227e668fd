import fc from 'fast-check';
import { expect, test } from 'vitest';
import { canonicalJson, factKinds, type JsonValue, parseFact, sha256Hex } from './index.ts';
import { samples } from './tests/samples.ts';

const receivedAt = new Date('2026-03-02T00:00:00.000Z');

function errorsOf(input: unknown): Record<string, string> {
  const result = parseFact(input, receivedAt);
  if (result.outcome === 'ok') return {};
  return Object.fromEntries(result.errors.map(({ field, message }) => [field, message]));
}

function received(input: unknown) {
  const result = parseFact(input, receivedAt);
  if (result.outcome === 'rejected') throw new Error(JSON.stringify(result.errors));
  return result.received;
}

test('has a sample of every kind', () => {
  expect(Object.keys(samples).sort()).toEqual([...factKinds].sort());
});

test.each(Object.values(samples))('takes a $kind and keeps every field', (sample) => {
  const { fact, observed_at, content_sha256 } = received(sample);
  expect(fact).toEqual({ ...sample, source: 'api', event_id: content_sha256 });
  expect(content_sha256).toBe(sha256Hex(canonicalJson({ ...sample, source: 'api' } as JsonValue)));
  expect(observed_at).toBe('2026-03-02T00:00:00.000Z');
});

test.each(Object.values(samples))('parsing a kept $kind again changes nothing', (sample) => {
  const once = received(sample);
  expect(received({ ...once.fact, observed_at: once.observed_at })).toEqual(once);
  const named = received({ ...sample, event_id: 'mine' });
  expect(named.content_sha256).toBe(once.content_sha256);
  expect(received(named.fact)).toEqual(named);
});

test.each(Object.values(samples))('names each required field that a $kind lacks', (sample) => {
  for (const field of Object.keys(sample)) {
    const without = { ...sample, [field]: null };
    const errors = errorsOf(without);
    if (field in errors) expect(errors[field]).toMatch(/^is required/);
  }
  expect(Object.keys(errorsOf({ kind: sample.kind }))).toContain('occurred_at');
});

test.each(Object.values(samples))('rejects an unknown field of a $kind by its name', (sample) => {
  expect(errorsOf({ ...sample, author: 'someone' })).toEqual({ author: 'is not a known field' });
  expect(errorsOf(JSON.parse(`{"__proto__": 1, ${JSON.stringify(sample).slice(1)}`))).toEqual({
    ['__proto__']: 'is not a known field',
  });
});

test('content does not depend on the order of fields or on how instants and repositories are spelt', () => {
  const once = received(samples.deployment);
  fc.assert(
    fc.property(fc.shuffledSubarray(Object.entries(samples.deployment), { minLength: 24 }), (entries) => {
      const spelt = {
        ...Object.fromEntries(entries),
        ...samples.deployment,
        occurred_at: '2026-03-01T13:00:00.0000004+01:00',
        repository: 'git@GitHub.com:acme/shop.git',
        step: null,
      };
      const { step: _, ...withoutStep } = samples.deployment;
      expect(received(spelt).content_sha256).toBe(received(withoutStep).content_sha256);
      expect(received(Object.fromEntries(entries)).content_sha256).toBe(once.content_sha256);
    }),
    { numRuns: 50 },
  );
});

test('anything that JSON can hold is answered, never thrown at', () => {
  const kind = fc.constantFrom(...factKinds);
  fc.assert(
    fc.property(fc.jsonValue(), kind, fc.dictionary(fc.string(), fc.jsonValue()), (value, name, fields) => {
      expect(parseFact(value, receivedAt).outcome).toBe('rejected');
      const result = parseFact({ ...fields, kind: name }, receivedAt);
      expect(result.outcome).toBe('rejected');
    }),
  );
  expect(parseFact(JSON.parse(`${'[{"a":'.repeat(2000)}1${'}]'.repeat(2000)}`), receivedAt).outcome).toBe(
    'rejected',
  );
});

test.each([
  [{ ...samples.deployment, outcome: undefined }, { outcome: 'is required with phase finished' }],
  [{ ...samples.deployment, phase: 'started' }, { outcome: 'is allowed with phase finished only' }],
  [{ ...samples.deployment, phase: 'done' }, { phase: 'must be one of queued, started, advanced, finished' }],
  [{ ...samples.deployment, service: '' }, { service: 'must not be empty' }],
  [{ ...samples.deployment, service: 'a\nb' }, { service: 'must not contain control characters' }],
  [{ ...samples.deployment, service: 'x'.repeat(513) }, { service: 'must be at most 512 characters long' }],
  [{ ...samples.deployment, service: 7 }, { service: 'must be text' }],
  [{ ...samples.deployment, service: '\ud800' }, { service: 'must be well-formed Unicode' }],
  [{ ...samples.deployment, automatic: 'yes' }, { automatic: 'must be true or false' }],
  [{ ...samples.deployment, url: 'javascript:alert(1)' }, { url: 'must be an http or https address' }],
  [{ ...samples.deployment, repository: '.git' }, { repository: 'must not be empty' }],
  [{ ...samples.deployment, attributes: { foo: 1 } }, { 'attributes.foo': 'must be text' }],
  [
    { ...samples.deployment, attributes: { foo: 'ö'.repeat(513) } },
    { 'attributes.foo': 'must be at most 1 KiB long' },
  ],
  [
    { ...samples.deployment, attributes: { '': 'x' } },
    { 'attributes.': 'has a name that must not be empty' },
  ],
  [{ ...samples.deployment, attributes: ['x'] }, { attributes: 'must be an object' }],
  [
    { ...samples.deployment, attributes: Object.fromEntries([...'a'.repeat(33)].map((a, i) => [a + i, a])) },
    { attributes: 'must have at most 32 entries' },
  ],
  [
    { ...samples.change, change_id: null, pull_request: null },
    { change_id: 'is required, or pull_request is' },
  ],
  [
    { ...samples.change, environment: null },
    { environment: 'is required: service, environment and deployment_id come all three or not at all' },
  ],
  [{ ...samples.change, lines_changed: 1.5 }, { lines_changed: 'must be a whole number' }],
  [{ ...samples.change, lines_changed: -1 }, { lines_changed: 'must be at least 0' }],
  [
    { ...samples.incident, transition: 'linked', deployment_id: null },
    { deployment_id: 'is required with transition linked' },
  ],
  [{ ...samples.slo, objective: 1 }, { objective: 'must be less than 1' }],
  [{ ...samples.slo, objective: 0 }, { objective: 'must be greater than 0' }],
  [{ ...samples.slo, slice_target: null }, { slice_target: 'is required with method timeslices' }],
  [{ ...samples.slo, slice_seconds: 61 }, { slice_seconds: 'must be one of 60, 300' }],
  [{ ...samples.slo, window: 28 }, { window: 'must be an object' }],
  [{ ...samples.slo, window: { calendar: 'week' } }, { 'window.timezone': 'is required' }],
  [{ ...samples.slo, window: { rolling_days: 0 } }, { 'window.rolling_days': 'must be greater than 0' }],
  [{ ...samples.sli, window_end: samples.sli.window_start }, { window_end: 'must be after window_start' }],
  [
    { ...samples.sli, window_end: '2026-03-02T12:00:00.001Z' },
    { window_end: 'must be at most 24 h after window_start' },
  ],
  [{ ...samples.sli, good: 101 }, { good: 'must not be greater than total' }],
  [{ ...samples.sli, bad: 1 }, { bad: 'stands in place of total, not beside it' }],
  [{ ...samples.sli, good: null, total: null }, { good: 'is required, or total or bad is' }],
  [{ ...samples.sli, good: Number.POSITIVE_INFINITY }, { good: 'must be a finite number' }],
  [{ ...samples.sli, good: Number.NaN }, { good: 'must be a finite number' }],
  [{ ...samples.correction, ends_at: samples.correction.starts_at }, { ends_at: 'must be after starts_at' }],
  [{ ...samples.service, tiers: { 'prod-eu': 1 } }, { 'tiers.prod-eu': 'must be text' }],
  [
    { ...samples.service, ranges: { lead_time: { low: 2, high: 1 } } },
    { 'ranges.lead_time.low': 'must not be greater than high' },
  ],
  [
    { ...samples.service, ranges: { lead_time: { median: 1 } } },
    { 'ranges.lead_time.median': 'is not a known field' },
  ],
  [{ ...samples.gate_decision, by: null }, { by: 'is required when overridden is true' }],
  [{ ...samples.gate_decision, rules: ['a', 1] }, { 'rules.1': 'must be text' }],
  [
    { ...samples.drill, occurred_at: '1999-12-31T23:59:59.999Z' },
    { occurred_at: 'must not be before 2000-01-01' },
  ],
  [
    { ...samples.drill, occurred_at: '2026-03-03T00:00:00.001Z' },
    { occurred_at: 'must not be later than one day after receipt' },
  ],
  [
    { ...samples.drill, kind: 'deploy' },
    { kind: expect.stringMatching(/^must be one of deployment, change/) },
  ],
  [{}, { kind: expect.stringMatching(/^is required and must be one of deployment/) }],
  ['deployment', { '': 'must be an object' }],
  [null, { '': expect.any(String) }],
  [[], { '': 'must be an object' }],
])('is rejected by the name of the field: %#', (input, errors) => {
  expect(errorsOf(input)).toEqual(errors);
});

test.each([
  { ...samples.drill, occurred_at: '2000-01-01T00:00:00.000Z' },
  { ...samples.drill, occurred_at: '2026-03-03T00:00:00.000Z' },
  { ...samples.deployment, service: '😀'.repeat(512) },
  { ...samples.sli, series: '', version: '' },
  { ...samples.sli, total: null },
  { ...samples.sli, good: null },
  { ...samples.sli, total: null, bad: 0.5 },
  { ...samples.sli, window_end: '2026-03-02T12:00:00.000Z' },
  { ...samples.slo, window: { calendar: 'quarter', timezone: 'Asia/Kolkata' } },
  { ...samples.change, change_id: null },
])('is on the right side of the limit: %#', (input) => {
  expect(errorsOf(input)).toEqual({});
});

test('observed_at of an import counts, but never later than this delivery, and is no content', () => {
  const plain = received(samples.drill);
  const earlier = received({ ...samples.drill, observed_at: '2026-03-01T18:00:00+01:00' });
  expect(earlier).toEqual({ ...plain, observed_at: '2026-03-01T17:00:00.000Z' });
  expect(received({ ...samples.drill, observed_at: '2027-01-01T00:00:00Z' })).toEqual(plain);
});
