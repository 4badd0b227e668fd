import { parseFact } from '@evenkeel/events';
import type { Attributes } from '@evenkeel/otlp';
import fc from 'fast-check';
import { test } from 'vitest';
import { type Mapped, mapLogRecord, mapMetricPoint, mapSpan } from './index.ts';
import { logRecord, point, span } from './tests/items.ts';

const names = fc.constantFrom(
  'deployment.id',
  'deployment.status',
  'deployment.environment.name',
  'evenkeel.service',
  'evenkeel.deployment.phase',
  'evenkeel.deployment.automatic',
  'evenkeel.change.lines_changed',
  'evenkeel.incident.incident_id',
  'evenkeel.attribute.x',
  'cicd.pipeline.task.type',
  'cicd.pipeline.task.run.result',
  'cicd.pipeline.run.url.full',
  'vcs.repository.url.full',
  'gitlab.vcs.repository.id',
  'vcs.provider.name',
  'object.kind',
  'ci.pipeline.id',
  'slo.id',
  'evenkeel.slo.outcome',
  'service.name',
  'service.version',
  '__proto__',
);
const values = fc.oneof(
  fc.constantFrom('deploy', 'started', 'success', 'good', 'gitlab', 'https://u:p@h/?token=1', ''),
  fc.jsonValue(),
  fc.constantFrom(Number.NaN, Number.POSITIVE_INFINITY, '\ud800'),
) as fc.Arbitrary<Attributes[string]>;
const attributes: fc.Arbitrary<Attributes> = fc.dictionary(names, values);
const times = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n });

function toTheDoor(mapped: Mapped): void {
  if (mapped.outcome !== 'ok') return;
  for (const fact of mapped.facts) parseFact(fact, new Date('2026-03-02T00:00:00Z'));
}

test('nothing that a decoder can give makes a mapper or the door throw', () => {
  fc.assert(
    fc.property(attributes, attributes, times, times, (own, resource, start, end) => {
      const at = { resource, startTimeUnixNano: start };
      const events = ['evenkeel.change', 'evenkeel.deployment.advanced'].map((name) => ({
        name,
        timeUnixNano: end,
        attributes: own,
      }));
      toTheDoor(mapSpan(span(own, { ...at, endTimeUnixNano: end, events }), {}));
      toTheDoor(mapSpan(span(own, { ...at, events }), { rules: [{ when: {}, is_deployment: true }] }));
      toTheDoor(
        mapLogRecord(logRecord('evenkeel.incident.opened', own, { resource, timeUnixNano: end }), {}),
      );
      toTheDoor(mapMetricPoint(point('evenkeel.slo.events', own, { ...at, timeUnixNano: end }), {}));
    }),
    { numRuns: 2000 },
  );
});
