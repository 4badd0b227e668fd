import fc from 'fast-check';
import type { Params } from './scope.ts';

/** Days (UTC midnight, epoch milliseconds) on which calendars and clocks are odd somewhere. */
export const interestingDays = [
  '2025-06-10', // an ordinary Tuesday
  '2025-03-08', // New York, Havana forward (Havana skips midnight)
  '2025-11-01', // New York, Havana back (Havana has midnight twice)
  '2025-03-29', // Berlin forward, Beirut skips midnight
  '2025-10-25', // Berlin back
  '2025-04-24', // Cairo skips midnight
  '2025-10-30', // Cairo back at midnight
  '2025-04-05', // Lord Howe back by half an hour, Chatham, Santiago back at midnight
  '2025-09-06', // Santiago skips midnight
  '2025-10-04', // Lord Howe forward
  '2024-02-28', // leap day
  '2024-12-29', // ISO week 1 of 2025 begins on the 30th
  '2025-12-27', // ISO week 1 of 2026 begins on the 29th
].map((day) => Date.parse(`${day}T00:00:00Z`));

/** Zones from −11 to +14, with half and three-quarter hours. */
const zones = [
  'UTC',
  'Pacific/Pago_Pago',
  'Pacific/Marquesas',
  'America/New_York',
  'America/Havana',
  'America/Santiago',
  'America/St_Johns',
  'Europe/Berlin',
  'Africa/Cairo',
  'Asia/Beirut',
  'Asia/Kolkata',
  'Asia/Kathmandu',
  'Australia/Lord_Howe',
  'Pacific/Chatham',
  'Pacific/Kiritimati',
];

const quarterMs = 900_000;
const dayMs = 86_400_000;
const iso = (milliseconds: number) => new Date(milliseconds).toISOString();

/** Questions about a few days around one, on quarter-hours, `now` anywhere. */
export function queriesAround(day: number): fc.Arbitrary<Params> {
  const since = fc.oneof(
    fc.constantFrom(-3, -1, 0, 0, 0).map((days) => day + days * dayMs),
    fc.integer({ min: -200, max: 400 }).map((quarters) => day + quarters * quarterMs),
  );
  const length = fc.oneof(
    fc.constantFrom(1, 2, 4, 7, 40).map((days) => days * dayMs),
    fc.integer({ min: 1, max: 500 }).map((quarters) => quarters * quarterMs),
  );
  const now = fc.oneof(
    { weight: 3, arbitrary: fc.constant(day + 400 * dayMs) },
    {
      weight: 1,
      arbitrary: fc
        .integer({ min: -2 * 1440, max: 6 * 1440 })
        .map((minute) => day + minute * 60_000 + 30_500),
    },
  );
  return fc
    .record({
      services: fc.constantFrom<string[][]>(
        [],
        [],
        ['checkout'],
        ['checkout'],
        ['search'],
        ['checkout', 'search'],
      ),
      team: fc.constantFrom('', '', '', '', '', '', 'red', 'blue'),
      scope: fc.constantFrom(
        'tier:production',
        'tier:production',
        'tier:staging',
        'environment:production',
        'environment:eu',
      ),
      since,
      length,
      tz: fc.constantFrom(...zones),
      now,
      interval: fc.constantFrom<('day' | 'week' | 'month')[]>('day', 'week', 'month'),
    })
    .map(({ length: milliseconds, since: from, now: asked, ...rest }) => ({
      ...rest,
      since: iso(from),
      until: iso(from + milliseconds),
      now: iso(asked),
    }));
}
