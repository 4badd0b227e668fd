import { startOfLocalDay } from './time-zone.ts';

/** Milliseconds of the quarter-hours in which aggregates are kept. */
export const QUARTER_HOUR_MS = 900_000;

const EARLIEST_MS = Date.UTC(1970, 0, 1);
const LATEST_MS = Date.UTC(2200, 0, 1);

const DATE = /^(\d{4})-(\d{2})-(\d{2})$/;
const RFC_3339 =
  /^(\d{4})-(\d{2})-(\d{2})[Tt](\d{2}):(\d{2}):(\d{2})(?:\.(\d+))?(?:[Zz]|([+-])(\d{2}):(\d{2}))$/;

/** An instant in milliseconds since 1970, or what is wrong with the text. */
export type ParsedInstant = { outcome: 'ok'; epochMs: number } | { outcome: 'rejected'; message: string };

/**
 * Read a date or an instant.
 *
 * @param text `2026-03-29` (midnight in `timeZone`) or RFC 3339 with an offset; what is finer than a millisecond is cut
 * @param timeZone IANA name that is known to be valid
 */
export function parseInstant(text: string, timeZone: string): ParsedInstant {
  const date = DATE.exec(text);
  const parsed = date === null ? parseRfc3339(text) : parseDate(date, timeZone);
  if (parsed === undefined) return { outcome: 'rejected', message: explain(text) };
  if (parsed < EARLIEST_MS || parsed > LATEST_MS)
    return { outcome: 'rejected', message: 'must lie between 1970-01-01 and 2200-01-01' };
  return { outcome: 'ok', epochMs: parsed };
}

/** True when the instant stands on a quarter-hour of UTC. */
export function isQuarterHour(epochMs: number): boolean {
  return epochMs % QUARTER_HOUR_MS === 0;
}

/** RFC 3339 in UTC with milliseconds. */
export function formatInstant(epochMs: number): string {
  return new Date(epochMs).toISOString();
}

function parseDate(match: RegExpExecArray, timeZone: string): number | undefined {
  const [year, month, day] = [Number(match[1]), Number(match[2]), Number(match[3])];
  return isCalendarDay(year, month, day) ? startOfLocalDay({ year, month, day }, timeZone) : undefined;
}

function parseRfc3339(text: string): number | undefined {
  const match = RFC_3339.exec(text);
  if (match === null) return undefined;
  const [year, month, day] = [Number(match[1]), Number(match[2]), Number(match[3])];
  const [hour, minute, second] = [Number(match[4]), Number(match[5]), Number(match[6])];
  const [offsetHours, offsetMinutes] = [Number(match[9] ?? 0), Number(match[10] ?? 0)];
  if (!isCalendarDay(year, month, day) || hour > 23 || minute > 59 || second > 59) return undefined;
  if (offsetHours > 23 || offsetMinutes > 59) return undefined;
  const milliseconds = Number((match[7] ?? '').slice(0, 3).padEnd(3, '0'));
  const offsetMs = (match[8] === '-' ? -1 : 1) * (offsetHours * 60 + offsetMinutes) * 60_000;
  return Date.UTC(year, month - 1, day, hour, minute, second, milliseconds) - offsetMs;
}

/** `Date.UTC` would carry 2026-02-30 over into March. Years below 100 it reads as 19xx: too early anyway. */
function isCalendarDay(year: number, month: number, day: number): boolean {
  const date = new Date(Date.UTC(year, month - 1, day));
  return date.getUTCFullYear() === year && date.getUTCMonth() === month - 1 && date.getUTCDate() === day;
}

function explain(text: string): string {
  // In a URL an unescaped + is a space, and this is how people meet it.
  const lostPlus = / \d{2}:\d{2}$/.test(text) ? '; write the + of an offset as %2B' : '';
  return `must be a date (2026-03-29) or RFC 3339 (2026-03-29T00:00:00Z)${lostPlus}`;
}
