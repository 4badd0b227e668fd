import { z } from 'zod';

const RFC_3339 =
  /^(\d{4})-(\d{2})-(\d{2})[Tt](\d{2}):(\d{2}):(\d{2})(?:\.(\d{1,32}))?(?:[Zz]|([+-])(\d{2}):(\d{2}))$/;

/** What a `DateTime64(3)` column holds and every reader understands, UTC milliseconds: 1970 to 2299. */
const EARLIEST = Date.UTC(1970, 0, 1);
const LATEST = Date.UTC(2300, 0, 1) - 1;

/**
 * Unix milliseconds of an RFC 3339 instant with a zone, digits below the millisecond cut; `undefined` when it is
 * none, names a day or time that does not exist, or lies outside 1970–2299.
 */
export function parseInstant(text: string): number | undefined {
  const match = RFC_3339.exec(text);
  if (!match) return undefined;
  const [year, month, day, hour, minute, second] = match.slice(1, 7).map(Number) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  // Date.UTC reads years below 100 as 19xx.
  if (year < 1969 || month < 1 || month > 12 || day < 1 || day > daysIn(year, month)) return undefined;
  if (hour > 23 || minute > 59 || second > 60) return undefined;
  const offsetHours = Number(match[9] ?? 0);
  const offsetMinutes = Number(match[10] ?? 0);
  if (offsetHours > 23 || offsetMinutes > 59) return undefined;

  const offset = (match[8] === '-' ? -1 : 1) * (offsetHours * 60 + offsetMinutes) * 60_000;
  const startOfMinute = Date.UTC(year, month - 1, day, hour, minute) - offset;
  // RFC 3339 allows second 60 for a leap second, which falls at the end of a UTC day; like POSIX, the next second.
  if (second === 60 && (startOfMinute + 60_000) % 86_400_000 !== 0) return undefined;
  const instant = startOfMinute + second * 1000 + Number((match[7] ?? '').padEnd(3, '0').slice(0, 3));
  return instant >= EARLIEST && instant <= LATEST ? instant : undefined;
}

/** The one form instants are kept in: `YYYY-MM-DDTHH:mm:ss.sssZ`. */
export function formatInstant(unixMs: number): string {
  return new Date(unixMs).toISOString();
}

/** An RFC 3339 instant with zone; comes out in the form of {@link formatInstant}. */
export const instant = z
  .string()
  .refine((text) => parseInstant(text) !== undefined, {
    error:
      'must be an RFC 3339 instant with a zone between 1970 and 2299, for example 2026-03-01T12:00:00.000Z',
    abort: true,
  })
  .overwrite((text) => formatInstant(parseInstant(text) ?? Number.NaN))
  .meta({ format: 'date-time' });

function daysIn(year: number, month: number): number {
  return new Date(Date.UTC(year, month, 0)).getUTCDate();
}
