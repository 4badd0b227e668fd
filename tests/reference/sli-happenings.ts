import fc from 'fast-check';
import { compact, iso, minuteMs, type Posted, sometimes } from './names.ts';

const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;

/** Few SLOs, so that definitions, windows and corrections meet; `idle` never has data. */
export const sloId = fc.constantFrom('availability', 'availability', 'availability', 'latency');

/** Minutes from an edge to the instant that is asked about: those of the alerts and of rolling windows. */
const edges = [5, 30, 60, 120, 360, 720, 1440, 4320, 7 * 1440, 28 * 1440, 30 * 1440, 90 * 1440];

/** How long before the instant that is asked about something begins, milliseconds; negative: after it. */
const before = fc
  .tuple(
    fc.oneof(
      { weight: 5, arbitrary: fc.integer({ min: -5, max: 90 }) },
      {
        weight: 4,
        arbitrary: fc
          .constantFrom(...edges)
          .chain((edge) => fc.integer({ min: -1, max: 1 }).map((beside) => edge + beside)),
      },
      { weight: 3, arbitrary: fc.integer({ min: 0, max: 36 }).map((hours) => hours * 60) },
      { weight: 2, arbitrary: fc.integer({ min: -24, max: 24 * 40 }).map((hours) => hours * 60) },
      { weight: 1, arbitrary: fc.integer({ min: 0, max: 370 }).map((days) => days * 1440) },
    ),
    fc.constantFrom(0, 0, 0, 0, 30_000, 150_000, 1, -1),
  )
  .map(([minutes, beside]) => minutes * minuteMs + beside);

const goodEvents = fc.constantFrom(0, 1, 19, 95, 99, 1000, 0.5, 97.25, 12.1);
const badEvents = fc.constantFrom(0, 0, 0, 0, 1, 5, 100, 0.1, 2.5);

/** Numbers of a window, in one of the ways that a producer may tell them. */
const numbers = fc
  .record({
    good: goodEvents,
    bad: badEvents,
    told: fc.constantFrom(
      'good total',
      'good total',
      'good total',
      'good bad',
      'good bad',
      'good',
      'bad',
      'total',
    ),
  })
  .map(({ good, bad, told }) =>
    compact({
      good: told.includes('good') ? good : undefined,
      bad: told.includes('bad') ? bad : undefined,
      total: told.includes('total') ? good + bad : undefined,
    }),
  );

/** Another telling of the same window: other numbers, or zeros that withdraw it. */
const again = fc.oneof(
  { weight: 3, arbitrary: numbers },
  { weight: 1, arbitrary: fc.constant({ good: 0, total: 0 }) },
);

/** One window up to 24 h long, told once or several times, its later words at any time after its end. */
function sliWindow(at: number): fc.Arbitrary<Posted[]> {
  return fc
    .record({
      slo_id: sloId,
      before,
      length: fc.constantFrom(1, 1, 5, 5, 7, 60, 360, 720, 1440, 1440).map((minutes) => minutes * minuteMs),
      series: sometimes(fc.constantFrom('a', 'b')),
      version: sometimes(fc.constantFrom('1', '2', ''), 2),
      told: fc
        .tuple(numbers)
        .chain((first) => fc.array(again, { maxLength: 2 }).map((more) => [...first, ...more])),
      late: fc.constantFrom(0, 0, 1, 60, 100_000),
    })
    .map(({ before: milliseconds, length, told, late, ...one }) => {
      const start = at - milliseconds;
      return told.map((values, index) =>
        compact({
          kind: 'sli',
          ...one,
          ...values,
          window_start: iso(start),
          window_end: iso(start + length),
          occurred_at: iso(start + length + index * late * minuteMs),
        }),
      );
    });
}

/** Windows in a row, as a source sends them: enough of them for a day of slices with data. */
function sliRun(at: number): fc.Arbitrary<Posted[]> {
  return fc
    .record({
      slo_id: sloId,
      minutes: fc.constantFrom(1, 5, 5, 5, 5),
      overlap: fc.constantFrom(0, 0, 0, 0, 3),
      count: fc.constantFrom(6, 72, 150, 150, 220),
      endsBefore: fc.constantFrom(-60, 0, 0, 0, 0, 0, 0, 1, 5, 30, 720, 1440),
      good: goodEvents,
      bad: fc.array(fc.constantFrom(0, 0, 1, 5, 100, 0.1, 2.5), { minLength: 1, maxLength: 7 }),
      beside: fc.constantFrom(0, 0, 0, 1, 60_000),
    })
    .map(({ minutes, overlap, count, endsBefore, good, bad, beside, slo_id }) =>
      Array.from({ length: count }, (_, index) => {
        const start = at - (endsBefore + (count - index) * minutes) * minuteMs + beside;
        const end = iso(start + (minutes + overlap) * minuteMs);
        // The last ones are the worst: an alert has something to fire at.
        const spent = bad[Math.floor((index * bad.length) / count)] ?? 0;
        return {
          kind: 'sli',
          slo_id,
          good,
          bad: spent,
          window_start: iso(start),
          window_end: end,
          occurred_at: end,
        };
      }),
    );
}

/** Single windows and runs of them around an instant. */
export function sliFacts(at: number): fc.Arbitrary<Posted[]> {
  return fc
    .tuple(
      fc.array(sliWindow(at), { maxLength: 18, size: 'max' }),
      fc.array(sliRun(at), { minLength: 1, maxLength: 2, size: 'max' }),
    )
    .map((told) => told.flat(2));
}

/** Corrections that cut slices, overlap, are changed, taken back and made much later than what they exclude. */
export function correctionFact(at: number): fc.Arbitrary<Posted> {
  return fc
    .record({
      correction_id: fc.constantFrom('c1', 'c2', 'c3'),
      slo_id: sloId,
      before,
      length: fc.constantFrom(1, minuteMs, 90_000, 10 * minuteMs, hourMs, 6 * hourMs, dayMs, 40 * dayMs),
      category: fc.constantFrom('maintenance', 'false_positive', 'dependency', 'other'),
      void: sometimes(fc.boolean(), 2),
      made: fc.integer({ min: -48, max: 400 }),
    })
    .map(({ before: milliseconds, length, made, ...one }) =>
      compact({
        kind: 'correction',
        ...one,
        reason: 'planned',
        by: 'duty',
        starts_at: iso(at - milliseconds),
        ends_at: iso(at - milliseconds + length),
        occurred_at: iso(at + made * hourMs),
      }),
    );
}
