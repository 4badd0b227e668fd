import { localDate } from './calendar.ts';
import type { Slo } from './slo-definition.ts';

const quarterMs = 900_000;
const dayMs = 86_400_000;

/** All of W and its elapsed part [start, at), epoch milliseconds. */
export interface Period {
  start: number;
  /** Rolling: `at`. Calendar: where the period ends. */
  end: number;
  at: number;
}

const known = new Map<string, { start: number; end: number }>();

/** The first instant at which a clock in the zone shows the date or a later one. */
function firstInstant(date: string, tz: string): number {
  let at = Date.parse(`${date}T00:00:00Z`) - dayMs;
  while (localDate(at, tz) < date) at += quarterMs;
  return at;
}

/** First dates of the calendar period that holds a local date, and of the one after it. */
function periodDates(date: string, calendar: string): [string, string] {
  const [year = 0, month = 0, day = 0] = date.split('-').map(Number);
  const text = (y: number, m: number, d: number) =>
    new Date(Date.UTC(y, m - 1, d)).toISOString().slice(0, 10);
  if (calendar === 'week') {
    const daysSinceMonday = (new Date(`${date}T12:00:00Z`).getUTCDay() + 6) % 7;
    const monday = day - daysSinceMonday;
    return [text(year, month, monday), text(year, month, monday + 7)];
  }
  if (calendar === 'month') return [text(year, month, 1), text(year, month + 1, 1)];
  if (calendar === 'year') return [text(year, 1, 1), text(year + 1, 1, 1)];
  const first = month - ((month - 1) % 3);
  return [text(year, first, 1), text(year, first + 3, 1)];
}

/** The calendar period that holds an instant, epoch milliseconds. */
export function calendarPeriod(
  at: number,
  calendar: string,
  timezone: string,
): { start: number; end: number } {
  const [from, to] = periodDates(localDate(at, timezone), calendar);
  const key = `${timezone} ${from} ${to}`;
  const period = known.get(key) ?? { start: firstInstant(from, timezone), end: firstInstant(to, timezone) };
  known.set(key, period);
  return period;
}

/** W of an SLO at an instant that stands on a minute. */
export function periodAt(slo: Slo, at: number): Period {
  if (slo.rollingMs !== null) return { start: at - slo.rollingMs, end: at, at };
  if (!('calendar' in slo.window)) throw new Error(`no window: ${slo.id}`);
  return { ...calendarPeriod(at, slo.window.calendar, slo.window.timezone), at };
}
