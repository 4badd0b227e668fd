import fc from 'fast-check';
import {
  at,
  bothInProduction,
  day,
  deployment,
  hourMs,
  incident,
  laterTiers,
  service,
  settingOf,
  version,
} from './cost-happenings.ts';
import type { RawFact } from './fact.ts';
import { compact, iso, minuteMs, type Posted, sometimes } from './names.ts';
import { received } from './received.ts';

/** SLOs, each of one place and method as long as it lives. */
const slos = {
  all: { service: 'checkout', method: 'occurrences' },
  eu: { service: 'checkout', environment: 'eu', method: 'occurrences' },
  slices: { service: 'checkout', method: 'timeslices', slice_seconds: 300, slice_target: 0.94 },
  ratio: { service: 'checkout', environment: 'us', method: 'ratio_timeslices' },
  found: { service: 'search', method: 'occurrences' },
} as const;
type SloId = keyof typeof slos;
const sloId = fc.constantFrom<SloId[]>(
  'all',
  'all',
  'all',
  'all',
  'eu',
  'eu',
  'slices',
  'slices',
  'slices',
  'ratio',
  'found',
);

function definitionOf(id: fc.Arbitrary<SloId>, when: fc.Arbitrary<number>): fc.Arbitrary<Posted[]> {
  return fc
    .record({
      slo_id: id,
      objective: fc.constantFrom(0.9, 0.95, 0.99, 0.999),
      window: fc.constantFrom<object[]>(
        { rolling_days: 1 },
        { rolling_days: 7 },
        { rolling_days: 28 },
        { calendar: 'week', timezone: 'Europe/Berlin' },
        { calendar: 'month', timezone: 'UTC' },
      ),
      no_data: sometimes(fc.constant('bad')),
      retired: sometimes(fc.constant(true), 1),
      when,
    })
    .map(({ when: time, ...one }) => [
      compact({ kind: 'slo', ...one, ...slos[one.slo_id], occurred_at: iso(time) }),
    ]);
}

/** Time that does not count. */
const correction: fc.Arbitrary<Posted[]> = fc
  .record({
    correction_id: fc.constantFrom('C1', 'C2'),
    slo_id: sloId,
    from: at(0, 10),
    minutes: fc.constantFrom(1, 15, 30, 120),
    void: sometimes(fc.boolean(), 2),
  })
  .map(({ from, minutes, ...one }) => [
    compact({
      kind: 'correction',
      ...one,
      starts_at: iso(from),
      ends_at: iso(from + minutes * minuteMs),
      category: 'maintenance',
      reason: 'planned',
      by: 'sre',
      occurred_at: iso(day + 20 * hourMs),
    }),
  ]);

/**
 * A row of windows of one SLO, in stretches that are each as bad as another: hardly anything, as bad as ever, or
 * clearly worse, with few or many events, so that both sides of the threshold are common.
 */
const stream: fc.Arbitrary<Posted[]> = fc
  .record({
    slo_id: sloId,
    minutes: fc.constantFrom(1, 5, 15, 30, 30, 60),
    from: fc.constantFrom(0, 0, 0, 0, 2),
    windows: fc.integer({ min: 20, max: 48 }),
    beside: fc.constantFrom(0, 0, 0, 0, 1, 30_000),
    total: fc.constantFrom(1, 10, 20, 100, 100, 100),
    // Bad fractions, and how many of the windows of a stretch have them.
    stretches: fc.array(
      fc.record({
        bad: fc.constantFrom(0, 0.05, 0.05, 0.06, 0.07, 0.08, 0.1, 0.3, 0.3),
        oneIn: fc.constantFrom(1, 1, 1, 1, 4),
      }),
      { minLength: 2, maxLength: 5, size: 'max' },
    ),
    series: sometimes(fc.constantFrom('a', 'b')),
    version: sometimes(version, 2),
  })
  .map((one) =>
    Array.from({ length: one.windows }, (_, index) => {
      const stretch = one.stretches[Math.floor((index * one.stretches.length) / one.windows)];
      const start = day + one.from * hourMs + index * one.minutes * minuteMs + one.beside;
      const told = index % (stretch?.oneIn ?? 1) === 0 ? (stretch?.bad ?? 0) : 0;
      return compact({
        kind: 'sli',
        slo_id: one.slo_id,
        window_start: iso(start),
        window_end: iso(start + one.minutes * minuteMs),
        series: one.series,
        version: one.version,
        good: one.total - Math.round(one.total * told),
        total: one.total,
        occurred_at: iso(start + one.minutes * minuteMs),
      });
    }),
  );

/** A service of its own, whose one deployment is just above, at or just below what chance explains. */
const edge: fc.Arbitrary<Posted[]> = fc
  .record({
    before: fc.constantFrom([400, 50], [400, 100], [100, 0], [1000, 10], [20, 3], [0, 0]),
    after: fc.constantFrom(20, 100, 400, 400, 1000),
    beside: fc.constantFrom(-1, 0, 1),
  })
  .map(({ before: [total = 0, bad = 0], after, beside }) => {
    const expected = after * (total === 0 ? 0.1 : bad / total);
    const noise = 2 * Math.sqrt(Math.max(1, expected) * (total === 0 ? 1 : 1 + after / total));
    const worse = Math.min(after, Math.max(0, Math.floor(expected + noise) + beside));
    const deployed = (phase: string, hour: number, more: Posted = {}) => ({
      kind: 'deployment',
      service: 'edge',
      environment: 'production',
      deployment_id: 'd1',
      phase,
      occurred_at: iso(day + hour * hourMs),
      ...more,
    });
    const events = (hour: number, all: number, badEvents: number) => ({
      kind: 'sli',
      slo_id: 'edge',
      window_start: iso(day + hour * hourMs),
      window_end: iso(day + hour * hourMs + minuteMs),
      total: all,
      good: all - badEvents,
      occurred_at: iso(day + hour * hourMs + minuteMs),
    });
    const slo = { slo_id: 'edge', service: 'edge', objective: 0.9, window: { rolling_days: 7 } };
    return [
      { kind: 'slo', ...slo, method: 'occurrences', occurred_at: iso(day - hourMs) },
      deployed('started', 5),
      deployed('finished', 6, { outcome: 'succeeded' }),
      events(4, total, bad),
      events(7, after, worse),
    ];
  });

/** A question about costs, as the view takes it. */
export interface CostQuestion {
  services: string[];
  team: string;
  scope: string;
  slo_ids: string[];
  since: string;
  until: string;
}

const question: fc.Arbitrary<CostQuestion> = fc
  .record({
    services: fc.constantFrom<string[][]>([], [], [], ['checkout'], ['search']),
    team: fc.constantFrom('', '', '', '', 'red'),
    scope: fc.constantFrom('tier:production', 'tier:production', 'tier:production', 'environment:eu'),
    slo_ids: fc.constantFrom<string[][]>([], [], ['all'], ['eu', 'edge', 'nobody']),
    from: fc.oneof(fc.constant(0), fc.integer({ min: 8, max: 36 })),
    quarters: fc.constantFrom(1, 4, 16, 32, 96),
  })
  .map(({ from, quarters, ...rest }) => ({
    ...rest,
    since: iso(day + from * 15 * minuteMs),
    until: iso(day + (from + quarters) * 15 * minuteMs),
  }));

/** Deployments, incidents, settings and SLIs that meet, and questions about what the deployments cost. */
export function costScenarioArbitrary(): fc.Arbitrary<{ facts: RawFact[]; questions: CostQuestion[] }> {
  const told = fc.tuple(
    fc.array(deployment, { minLength: 3, maxLength: 12, size: 'max' }),
    fc.array(incident, { maxLength: 6, size: 'max' }),
    settingOf(fc.constant('checkout'), fc.constant(day - hourMs), fc.constant(bothInProduction)),
    fc.array(settingOf(service, at(4, 12), laterTiers), { maxLength: 2, size: 'max' }),
    fc
      .constantFrom<SloId[][]>(
        ['all'],
        ['all', 'eu'],
        ['all', 'slices', 'found'],
        ['all', 'ratio'],
        ['slices'],
      )
      .chain((ids) => fc.tuple(...ids.map((id) => definitionOf(fc.constant(id), fc.constant(day - hourMs))))),
    fc.array(definitionOf(sloId, at(4, 12)), { maxLength: 3 }),
    fc.array(correction, { maxLength: 2 }),
    fc.array(edge, { maxLength: 1 }),
    fc.array(stream, { minLength: 3, maxLength: 9, size: 'max' }),
  );
  return fc.record({
    facts: told.map((all) => all.flat(3).map((fact, index) => received({ event_id: `c${index}`, ...fact }))),
    questions: fc.array(question, { minLength: 1, maxLength: 3 }),
  });
}
