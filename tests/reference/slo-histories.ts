import fc from 'fast-check';
import type { RawFact } from './fact.ts';
import { compact, iso, minuteMs, type Posted, sometimes } from './names.ts';
import { received } from './received.ts';

const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;
const sloId = fc.constantFrom('availability', 'availability', 'latency');

function definition(at: number): fc.Arbitrary<Posted> {
  return fc
    .record({
      slo_id: sloId,
      objective: fc.constantFrom(0.9, 0.95, 0.99, 0.999),
      days: fc.constantFrom(1, 3, 7, 28, 30),
      minimum_events: sometimes(fc.constantFrom(0, 50, 500)),
      retired: sometimes(fc.boolean(), 1),
      hours: fc.integer({ min: -24 * 40, max: 24 }),
    })
    .map(({ days, hours, ...one }) =>
      compact({
        kind: 'slo',
        ...one,
        service: 'checkout',
        window: { rolling_days: days },
        method: 'occurrences',
        occurred_at: iso(at + hours * hourMs),
      }),
    );
}

/** Numbers of a window, in one of the ways that a producer may tell them; zeros withdraw it. */
const numbers = fc
  .record({
    good: fc.constantFrom(0, 1, 19, 95, 99, 1000),
    bad: fc.constantFrom(0, 0, 0, 1, 5, 100),
    told: fc.constantFrom('good total', 'good total', 'good bad', 'good bad', 'good', 'bad', 'total'),
  })
  .map(({ good, bad, told }) =>
    compact({
      good: told.includes('good') ? good : undefined,
      bad: told.includes('bad') ? bad : undefined,
      total: told.includes('total') ? good + bad : undefined,
    }),
  );

function sliWindow(at: number): fc.Arbitrary<Posted> {
  const before = fc.oneof(
    fc.integer({ min: -5, max: 90 }),
    fc
      .constantFrom(5, 30, 60, 120, 360, 1440, 4320, 7 * 1440, 28 * 1440, 30 * 1440)
      .chain((edge) => fc.integer({ min: -1, max: 1 }).map((beside) => edge + beside)),
    fc.integer({ min: 0, max: 24 * 31 }).map((hours) => hours * 60),
  );
  return fc
    .record({
      slo_id: sloId,
      before,
      beside: fc.constantFrom(0, 0, 0, 30_000, 1, -1),
      minutes: fc.constantFrom(1, 1, 5, 60, 360, 1440),
      series: sometimes(fc.constantFrom('a', 'b')),
      version: sometimes(fc.constantFrom('1', '2'), 2),
      told: numbers,
      late: fc.constantFrom(0, 0, 1, 60),
    })
    .map(({ before: minutesBefore, beside, minutes, told, late, ...one }) => {
      const start = at - minutesBefore * minuteMs + beside;
      const end = start + minutes * minuteMs;
      return compact({
        kind: 'sli',
        ...one,
        ...told,
        window_start: iso(start),
        window_end: iso(end),
        occurred_at: iso(end + late * minuteMs),
      });
    });
}

/**
 * Definitions and windows of two SLOs (rolling, method occurrences) and instants to ask about, some seconds off
 * the minute.
 */
export function sloScenarioArbitrary(): fc.Arbitrary<{
  facts: RawFact[];
  questions: { slo_id: string; at: string }[];
}> {
  const at = Date.parse('2025-10-15T12:00:00Z');
  const question = fc.record({
    slo_id: sloId,
    at: fc
      .tuple(fc.constantFrom(0, 0, 1, -30, 720, dayMs / minuteMs), fc.constantFrom(0, 0, 59_999))
      .map(([minutes, milliseconds]) => iso(at + minutes * minuteMs + milliseconds)),
  });
  return fc.record({
    facts: fc
      .tuple(
        fc.array(definition(at), { minLength: 1, maxLength: 4 }),
        fc.array(sliWindow(at), { maxLength: 30, size: 'max' }),
      )
      .map((told) => told.flat().map((fact, index) => received({ event_id: `s${index}`, ...fact }))),
    questions: fc.array(question, { minLength: 1, maxLength: 3 }),
  });
}
