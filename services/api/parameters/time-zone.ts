/** Milliseconds of a day of 24 hours. */
export const DAY_MS = 86_400_000;

/** A calendar day: `month` 1–12, `day` 1–31. */
export interface LocalDate {
  readonly year: number;
  readonly month: number;
  readonly day: number;
}

/**
 * Building a formatter takes longer than using it a thousand times. The map cannot grow without end: only names of
 * real zones (some 600) get this far.
 */
const formatters = new Map<string, Intl.DateTimeFormat>();

function formatterOf(timeZone: string): Intl.DateTimeFormat {
  const known = formatters.get(timeZone);
  if (known !== undefined) return known;
  const formatter = new Intl.DateTimeFormat('en-US', {
    timeZone,
    calendar: 'gregory',
    numberingSystem: 'latn',
    hourCycle: 'h23',
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
  });
  formatters.set(timeZone, formatter);
  return formatter;
}

/** What the clocks of a zone show at an instant, as if it were UTC: milliseconds since 1970, whole seconds. */
function wallClock(epochMs: number, timeZone: string): number {
  const fields = new Map(
    formatterOf(timeZone)
      .formatToParts(epochMs)
      .map((part) => [part.type, Number(part.value)]),
  );
  const field = (name: Intl.DateTimeFormatPartTypes): number => fields.get(name) ?? 0;
  return Date.UTC(
    field('year'),
    field('month') - 1,
    field('day'),
    field('hour'),
    field('minute'),
    field('second'),
  );
}

/** Offset of a zone from UTC at an instant, in milliseconds, east positive. */
function offsetMs(epochMs: number, timeZone: string): number {
  return wallClock(epochMs, timeZone) - Math.floor(epochMs / 1000) * 1000;
}

/** True when this runtime knows the zone. ClickHouse must know it as well: see `known-time-zones.ts`. */
export function isRuntimeTimeZone(name: string): boolean {
  // Intl also takes offsets such as "+01:00", which are no IANA names.
  if (!/^[A-Za-z]/.test(name)) return false;
  try {
    formatterOf(name);
    return true;
  } catch {
    return false;
  }
}

/** The calendar day that a zone's clocks show at an instant. */
export function localDate(epochMs: number, timeZone: string): LocalDate {
  const shown = new Date(wallClock(epochMs, timeZone));
  return { year: shown.getUTCFullYear(), month: shown.getUTCMonth() + 1, day: shown.getUTCDate() };
}

/** Days since 1970-01-01 of a calendar day. */
export function dayNumber(date: LocalDate): number {
  return Date.UTC(date.year, date.month - 1, date.day) / DAY_MS;
}

/** The calendar day with that number of days since 1970-01-01. */
export function dateOfDayNumber(days: number): LocalDate {
  const date = new Date(days * DAY_MS);
  return { year: date.getUTCFullYear(), month: date.getUTCMonth() + 1, day: date.getUTCDate() };
}

/**
 * The first instant of a calendar day in a zone, in milliseconds since 1970. A midnight that comes twice is the first
 * of the two; one that a clock change skips is the instant of that change.
 */
export function startOfLocalDay(date: LocalDate, timeZone: string): number {
  const midnight = Date.UTC(date.year, date.month - 1, date.day);
  // The only offsets in question are those shortly before and after, whichever way a change goes.
  const before = offsetMs(midnight - DAY_MS, timeZone);
  const after = offsetMs(midnight + DAY_MS, timeZone);
  const candidates = [midnight - before, midnight - after]
    .filter((instant) => offsetMs(instant, timeZone) === midnight - instant)
    .sort((a, b) => a - b);
  return candidates[0] ?? changeBetween(midnight - Math.max(before, after), midnight - before, timeZone);
}

/** The first instant (to the second) of `(low, high]` at which the zone no longer has the offset it had at `low`. */
function changeBetween(low: number, high: number, timeZone: string): number {
  const old = offsetMs(low, timeZone);
  let stillOld = low;
  let changed = high;
  while (changed - stillOld > 1000) {
    const middle = Math.floor((stillOld + changed) / 2000) * 1000;
    if (offsetMs(middle, timeZone) === old) stillOld = middle;
    else changed = middle;
  }
  return changed;
}
