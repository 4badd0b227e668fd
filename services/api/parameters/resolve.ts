import type { FieldProblem } from '@evenkeel/runtime';
import { countBuckets, type Interval, MAX_BUCKETS } from './buckets.ts';
import {
  formatInstant,
  isQuarterHour,
  type ParsedInstant,
  parseInstant,
  QUARTER_HOUR_MS,
} from './instant.ts';
import type { KnownTimeZones } from './known-time-zones.ts';
import type { CommonQuery } from './schemas.ts';
import { dateOfDayNumber, dayNumber, localDate, startOfLocalDay } from './time-zone.ts';

/** Local days that a range touches when the caller names no start. */
export const DEFAULT_DAYS = 28;

/** Where: one environment, literally, or every environment of a tier. */
export type Place = { kind: 'tier' | 'environment'; name: string };

/** The common parameters, complete. */
export interface Selection {
  /** Sorted, each once; empty: every service. */
  readonly services: readonly string[];
  /** Empty: any team. */
  readonly team: string;
  readonly place: Place;
  /** First instant of the range, milliseconds since 1970. */
  readonly from: number;
  /** First instant after the range, milliseconds since 1970. */
  readonly to: number;
  readonly tz: string;
}

/** A value, or every problem with what was asked. */
export type Resolved<T> = { outcome: 'ok'; value: T } | { outcome: 'rejected'; errors: FieldProblem[] };

/** What stands in for parameters that were not sent: on a further page, those of the first. */
export type SelectionDefaults = Partial<Selection>;

/**
 * Complete and check the common parameters.
 *
 * @param now instant from which default ranges count
 */
export async function resolveSelection(
  query: CommonQuery,
  now: Date,
  timeZones: KnownTimeZones,
  defaults: SelectionDefaults = {},
): Promise<Resolved<Selection>> {
  const tz = query.tz ?? defaults.tz ?? 'UTC';
  if (!(await timeZones.has(tz)))
    return reject('tz', 'must be an IANA time zone such as Europe/Berlin, in its exact spelling');

  const errors: FieldProblem[] = [];
  if (query.environment !== undefined && query.tier !== undefined)
    errors.push({ field: 'tier', message: 'must not be given together with environment' });

  const to = instantOf('to', query.to, tz, errors) ?? defaults.to ?? endOfQuarterHour(now.getTime());
  const from = instantOf('from', query.from, tz, errors) ?? defaults.from ?? daysBefore(to, tz);
  if (errors.length === 0 && from >= to)
    errors.push(
      query.from === undefined
        ? { field: 'to', message: 'must lie after from' }
        : { field: 'from', message: `must lie before to, ${formatInstant(to)}` },
    );
  if (errors.length > 0) return { outcome: 'rejected', errors };

  const services = query.service ?? defaults.services ?? [];
  const value: Selection = {
    services: [...new Set(services)].sort(),
    team: query.team ?? defaults.team ?? '',
    place: placeOf(query) ?? defaults.place ?? { kind: 'tier', name: 'production' },
    from,
    to,
    tz,
  };
  return { outcome: 'ok', value };
}

/** Reject a range with more buckets than one answer may have; undefined when it is fine. */
export function tooManyBuckets(selection: Selection, interval: Interval): FieldProblem | undefined {
  const buckets = countBuckets(selection.from, selection.to, interval, selection.tz);
  if (buckets <= MAX_BUCKETS) return undefined;
  return {
    field: 'interval',
    message: `${buckets} buckets; at most ${MAX_BUCKETS}: ask a longer interval or a shorter range`,
  };
}

/** The instant `at` of an SLO's window; without one, now. Milliseconds since 1970. */
export async function resolveAt(
  query: { at?: string | undefined; tz?: string | undefined },
  now: Date,
  timeZones: KnownTimeZones,
): Promise<Resolved<number>> {
  const tz = query.tz ?? 'UTC';
  if (!(await timeZones.has(tz)))
    return reject('tz', 'must be an IANA time zone such as Europe/Berlin, in its exact spelling');
  if (query.at === undefined) return { outcome: 'ok', value: now.getTime() };
  const parsed = parseInstant(query.at, tz);
  return parsed.outcome === 'ok' ? { outcome: 'ok', value: parsed.epochMs } : reject('at', parsed.message);
}

function instantOf(
  field: 'from' | 'to',
  text: string | undefined,
  tz: string,
  errors: FieldProblem[],
): number | undefined {
  if (text === undefined) return undefined;
  const parsed: ParsedInstant = parseInstant(text, tz);
  if (parsed.outcome === 'rejected') errors.push({ field, message: parsed.message });
  else if (!isQuarterHour(parsed.epochMs))
    errors.push({ field, message: 'must stand on a quarter-hour: aggregates are kept in them' });
  return parsed.outcome === 'ok' ? parsed.epochMs : undefined;
}

function endOfQuarterHour(epochMs: number): number {
  return (Math.floor(epochMs / QUARTER_HOUR_MS) + 1) * QUARTER_HOUR_MS;
}

function daysBefore(to: number, tz: string): number {
  const lastDay = dayNumber(localDate(to - 1, tz));
  return Math.max(0, startOfLocalDay(dateOfDayNumber(lastDay - DEFAULT_DAYS + 1), tz));
}

function placeOf(query: CommonQuery): Place | undefined {
  if (query.environment !== undefined) return { kind: 'environment', name: query.environment };
  return query.tier === undefined ? undefined : { kind: 'tier', name: query.tier };
}

function reject(field: string, message: string): { outcome: 'rejected'; errors: FieldProblem[] } {
  return { outcome: 'rejected', errors: [{ field, message }] };
}
