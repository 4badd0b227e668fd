import fc from 'fast-check';
import type { RawFact } from './fact.ts';
import { compact, iso, minuteMs, type Posted, sometimes } from './names.ts';
import { interestingDays } from './queries.ts';
import { received } from './received.ts';
import { correctionFact, sliFacts, sloId } from './sli-happenings.ts';
import type { BudgetHistoryParams } from './slo-budget.ts';
import type { BurnHistoryParams } from './slo-burn.ts';
import { calendarPeriod } from './slo-period.ts';

const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;
const quarterMs = 15 * minuteMs;

/** Zones from −11 to +14, with half and three-quarter hours, and with midnights that are skipped. */
const zones = [
  'UTC',
  'Europe/Berlin',
  'America/New_York',
  'America/Santiago',
  'Pacific/Niue',
  'Pacific/Kiritimati',
  'Asia/Kathmandu',
  'Australia/Lord_Howe',
  'Africa/Cairo',
];

/** Days whose period is odd: with a clock change, a leap day, a year's end, or within the ends of quarters. */
const days = [
  ...interestingDays,
  ...['2025-03-31', '2025-10-01', '2024-12-31'].map((day) => Date.parse(day)),
];

const calendar = fc.constantFrom('week', 'month', 'quarter', 'year');

/** What a history is about: the instant that its windows and questions gather around, and the zone. */
interface Scene {
  at: number;
  zone: string;
  calendar: string;
}

/** Periods whose first midnight a clock skips (Asunción), or shows twice (Havana). */
const oddStarts = [
  { day: Date.parse('2023-10-01'), zone: 'America/Asuncion', calendar: 'month' },
  { day: Date.parse('2023-10-01'), zone: 'America/Asuncion', calendar: 'quarter' },
  { day: Date.parse('2020-11-01'), zone: 'America/Havana', calendar: 'month' },
];

const scene: fc.Arbitrary<Scene> = fc
  .tuple(
    fc.oneof(
      {
        weight: 12,
        arbitrary: fc.record({ day: fc.constantFrom(...days), zone: fc.constantFrom(...zones), calendar }),
      },
      { weight: 1, arbitrary: fc.constantFrom(...oddStarts) },
    ),
    fc.constantFrom('noon', 'noon', 'start', 'end', 'young', 'five'),
  )
  .map(([{ day, zone, calendar: name }, place]) => {
    const period = calendarPeriod(day + 12 * hourMs, name, zone);
    const places: Record<string, number> = {
      start: period.start,
      end: period.end,
      young: period.start + 90 * minuteMs,
      five: day + 12 * hourMs + 3 * minuteMs,
    };
    return { at: places[place] ?? day + 12 * hourMs, zone, calendar: name };
  });

function windowOf(asked: Scene): fc.Arbitrary<object> {
  return fc.oneof(
    fc.constantFrom(0.5, 1, 3, 7, 7, 14, 28, 30, 90).map((rolling_days) => ({ rolling_days })),
    fc.constant({ calendar: asked.calendar, timezone: asked.zone }),
    fc.record({ calendar, timezone: fc.constantFrom(...zones) }),
  );
}

function definition(asked: Scene, id: fc.Arbitrary<string>): fc.Arbitrary<Posted> {
  return fc
    .record({
      slo_id: id,
      objective: fc.constantFrom(0.5, 0.9, 0.95, 0.99, 0.999),
      window: windowOf(asked),
      method: fc.constantFrom('occurrences', 'timeslices', 'ratio_timeslices'),
      slice_seconds: sometimes(fc.constantFrom(60, 300, 300, 300, 300, 300), 9),
      slice_target: fc.constantFrom(0.5, 0.95, 0.99, 1),
      no_data: sometimes(fc.constantFrom('bad', 'ignored'), 6),
      minimum_events: sometimes(fc.constantFrom(0, 50, 500), 2),
      retired: sometimes(fc.boolean(), 1),
      beside: fc.oneof(
        fc.integer({ min: -24 * 40, max: -24 }).map((hours) => hours * hourMs),
        fc.integer({ min: -180, max: 180 }).map((minutes) => minutes * minuteMs),
        fc.constantFrom(0, 1, -1, dayMs),
      ),
    })
    .map(({ beside, slice_target, ...one }) =>
      compact({
        kind: 'slo',
        ...one,
        service: 'checkout',
        slice_target: one.method === 'timeslices' ? slice_target : undefined,
        occurred_at: iso(asked.at + beside),
      }),
    );
}

/** Repeats some facts and gives some event ids a second content of the same entity. */
function delivered(told: fc.Arbitrary<Posted[]>): fc.Arbitrary<RawFact[]> {
  const picks = fc.array(fc.nat(), { maxLength: 5 });
  return fc
    .tuple(told, picks, picks, fc.infiniteStream(fc.nat()))
    .map(([posted, repeated, conflicting, order]) => {
      const numbered: Posted[] = posted.map((fact, index) => ({ event_id: `s${index}`, ...fact }));
      const picked = (pick: number): Posted[] => numbered.slice(pick % numbered.length).slice(0, 1);
      const twice = repeated.flatMap(picked);
      const other = conflicting.flatMap(picked).map((fact) => {
        const changed = fact['kind'] === 'sli' ? { good: 3, total: 4, bad: null } : {};
        const later = Date.parse(String(fact['occurred_at'])) + 30 * minuteMs;
        return { ...fact, ...changed, occurred_at: iso(later) };
      });
      return [...numbered, ...twice, ...other]
        .map((fact) => ({ fact, rank: order.next().value ?? 0 }))
        .sort((a, b) => a.rank - b.rank)
        .map(({ fact }) => received(fact));
    });
}

/** Facts and what can be asked about them; the ranges of histories stand on quarter-hours. */
interface SloScenario {
  facts: RawFact[];
  questions: { slo_id: string; at: string }[];
  budgets: BudgetHistoryParams;
  burns: BurnHistoryParams;
}

function questionsAbout({ at, zone }: Scene): fc.Arbitrary<Omit<SloScenario, 'facts'>> {
  const quarter = (instant: number) => Math.floor(instant / quarterMs) * quarterMs;
  const sloIds = fc.constantFrom<string[][]>(
    ['availability', 'latency'],
    ['latency', 'availability', 'idle'],
    ['availability', 'nobody knows'],
  );
  const now = fc.oneof(
    fc.constant(at + 400 * dayMs),
    fc.integer({ min: -600, max: 2880 }).map((minutes) => at + minutes * minuteMs + 30_500),
    fc.constantFrom(at, at + 1, at - 1),
  );
  const range = (start: fc.Arbitrary<number>, length: fc.Arbitrary<number>) =>
    fc.record({ start, length, sloIds, now }).map((asked) => ({
      slo_ids: asked.sloIds,
      since: iso(quarter(asked.start)),
      until: iso(quarter(asked.start) + asked.length),
      now: iso(asked.now),
    }));
  const instant = fc
    .tuple(fc.constantFrom(0, 0, 0, 0, 1, -1, 3, -30, 720, 1440), fc.constantFrom(0, 0, 0, 59_999, 1))
    .map(([minutes, milliseconds]) => iso(at + minutes * minuteMs + milliseconds));
  return fc.record({
    questions: fc.array(
      fc.record({
        slo_id: fc.oneof(
          { weight: 15, arbitrary: sloId },
          { weight: 1, arbitrary: fc.constantFrom('idle', 'none') },
        ),
        at: instant,
      }),
      { minLength: 2, maxLength: 4, size: 'max' },
    ),
    budgets: fc
      .tuple(
        range(
          fc.integer({ min: -30, max: 6 }).map((eighths) => at + (eighths * dayMs) / 8),
          fc.integer({ min: 1, max: 9 * 96 }).map((quarters) => quarters * quarterMs),
        ),
        fc.constantFrom(zone, ...zones),
      )
      .map(([asked, tz]) => ({ ...asked, tz })),
    burns: range(
      fc.integer({ min: -40, max: 4 }).map((quarters) => at + quarters * quarterMs),
      fc.integer({ min: 1, max: 40 }).map((quarters) => quarters * quarterMs),
    ),
  });
}

/** How the generated SLOs may be. */
interface SloOptions {
  /** Only method occurrences over rolling windows, without corrections. @default false */
  plain?: boolean;
}

/** Definitions, SLI windows and corrections of a few SLOs, and questions about the time around them. */
export function sloScenarioArbitrary(options: SloOptions = {}): fc.Arbitrary<SloScenario> {
  return scene.chain((asked) => {
    const anyId = fc.oneof({ weight: 9, arbitrary: sloId }, { weight: 1, arbitrary: fc.constant('idle') });
    const definitions = fc
      .tuple(
        definition(asked, fc.constant('availability')),
        fc.array(definition(asked, anyId), { maxLength: 4, size: 'max' }),
      )
      .map(([first, more]) => [first, ...more]);
    const corrections = fc.array(correctionFact(asked.at), { maxLength: 4, size: 'max' });
    const plain = (fact: Posted): Posted => ({
      ...fact,
      ...(fact['kind'] === 'slo' && {
        method: 'occurrences',
        window: { rolling_days: 28 },
        slice_target: null,
      }),
    });
    const told = fc
      .tuple(definitions, sliFacts(asked.at), corrections)
      .map(([slos, slis, corrected]) =>
        options.plain ? [...slos.map(plain), ...slis] : [...slos, ...slis, ...corrected],
      );
    return fc
      .tuple(delivered(told), questionsAbout(asked))
      .map(([facts, questions]) => ({ facts, ...questions }));
  });
}
