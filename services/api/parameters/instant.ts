import { DAY_MS } from './calendar.ts';

/** Milliseconds of the quarter-hours in which aggregates are kept. */
export const QUARTER_HOUR_MS = 900_000;

const EARLIEST_MS = Date.UTC(1970, 0, 1);
const LATEST_MS = Date.UTC(2200, 0, 1);

const DATE = /^(\d{4})-(\d{2})-(\d{2})$/;
const RFC_3339 =
  /^(\d{4})-(\d{2})-(\d{2})[Tt](\d{2}):(\d{2}):(\d{2})(?:\.(\d+))?(?:[Zz]|([+-])(\d{2}):(\d{2}))$/;

/** A point in time as somebody wrote it: an instant, or a day that begins when the clocks of a zone say so. */
export type Moment =
  /** Milliseconds since 1970. */
  | { outcome: 'instant'; epochMs: number }
  /** Days since 1970-01-01. */
  | { outcome: 'day'; day: number }
  | { outcome: 'rejected'; message: string };

/** Read `2026-03-29` or RFC 3339 with an offset; what is finer than a millisecond is cut. */
export function parseMoment(text: string): Moment {
  const date = DATE.exec(text);
  const epochMs = date === null ? parseRfc3339(text) : parseDay(date);
  if (epochMs === undefined) return { outcome: 'rejected', message: explain(text) };
  if (epochMs < EARLIEST_MS || epochMs > LATEST_MS)
    return { outcome: 'rejected', message: 'must lie between 1970-01-01 and 2200-01-01' };
  return date === null ? { outcome: 'instant', epochMs } : { outcome: 'day', day: epochMs / DAY_MS };
}

/** True when the instant stands on a quarter-hour of UTC. */
export function isQuarterHour(epochMs: number): boolean {
  return epochMs % QUARTER_HOUR_MS === 0;
}

/** RFC 3339 in UTC with milliseconds. */
export function formatInstant(epochMs: number): string {
  return new Date(epochMs).toISOString();
}

function parseDay(match: RegExpExecArray): number | undefined {
  const [year, month, day] = [Number(match[1]), Number(match[2]), Number(match[3])];
  return isCalendarDay(year, month, day) ? Date.UTC(year, month - 1, day) : undefined;
}

function parseRfc3339(text: string): number | undefined {
  const match = RFC_3339.exec(text);
  if (match === null) return undefined;
  const midnight = parseDay(match);
  const [hour, minute, second] = [Number(match[4]), Number(match[5]), Number(match[6])];
  const [offsetHours, offsetMinutes] = [Number(match[9] ?? 0), Number(match[10] ?? 0)];
  if (midnight === undefined || hour > 23 || minute > 59 || second > 59) return undefined;
  if (offsetHours > 23 || offsetMinutes > 59) return undefined;
  const milliseconds = Number((match[7] ?? '').slice(0, 3).padEnd(3, '0'));
  const offsetMs = (match[8] === '-' ? -1 : 1) * (offsetHours * 60 + offsetMinutes) * 60_000;
  return midnight + ((hour * 60 + minute) * 60 + second) * 1000 + milliseconds - offsetMs;
}

/** `Date.UTC` would carry 2026-02-30 over into March. Years below 100 it reads as 19xx, which this refuses as well. */
function isCalendarDay(year: number, month: number, day: number): boolean {
  const date = new Date(Date.UTC(year, month - 1, day));
  return date.getUTCFullYear() === year && date.getUTCMonth() === month - 1 && date.getUTCDate() === day;
}

function explain(text: string): string {
  // In a URL an unescaped + is a space, and this is how people meet it.
  const lostPlus = / \d{2}:\d{2}$/.test(text) ? '; write the + of an offset as %2B' : '';
  return `must be a date (2026-03-29) or RFC 3339 (2026-03-29T00:00:00Z)${lostPlus}`;
}
