import type { FieldProblem } from '@evenkeel/runtime';
import { countBuckets, type Interval, MAX_BUCKETS } from './buckets.ts';
import type { Calendar } from './calendar.ts';
import { formatInstant, isQuarterHour, parseMoment, QUARTER_HOUR_MS } from './instant.ts';
import type { CommonQuery } from './schemas.ts';

/** Local days that a range touches when the caller names no start. */
const DEFAULT_DAYS = 28;

/** Where: one environment, literally, or every environment of a tier. */
type Place = { kind: 'tier' | 'environment'; name: string };

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

const UNKNOWN_ZONE = {
  field: 'tz',
  message: 'must be an IANA time zone such as Europe/Berlin, in its exact spelling',
};

/**
 * Complete and check the common parameters.
 *
 * @param now instant from which default ranges count
 * @param defaults what stands in for parameters that were not sent: on a further page, those of the first
 */
export async function resolveSelection(
  query: CommonQuery,
  now: Date,
  calendar: Calendar,
  defaults: Partial<Selection> = {},
): Promise<Resolved<Selection>> {
  const tz = query.tz ?? defaults.tz ?? 'UTC';
  if (!(await calendar.knows(tz))) return { outcome: 'rejected', errors: [UNKNOWN_ZONE] };

  const errors: FieldProblem[] = [];
  if (query.environment !== undefined && query.tier !== undefined)
    errors.push({ field: 'tier', message: 'must not be given together with environment' });
  const givenTo = await readBound('to', query.to, tz, calendar, errors);
  const givenFrom = await readBound('from', query.from, tz, calendar, errors);
  if (errors.length > 0) return { outcome: 'rejected', errors };

  const to = givenTo ?? defaults.to ?? endOfQuarterHour(now.getTime());
  const from = givenFrom ?? defaults.from ?? (await daysBefore(to, tz, calendar));
  if (from >= to) return { outcome: 'rejected', errors: [emptyRange(givenFrom, to)] };
  const value: Selection = {
    services: [...new Set(query.service ?? defaults.services)].sort(),
    team: query.team ?? defaults.team ?? '',
    place: placeOf(query) ?? defaults.place ?? { kind: 'tier', name: 'production' },
    from,
    to,
    tz,
  };
  return { outcome: 'ok', value };
}

/** Reject a range with more buckets than one answer may have; undefined when it is fine. */
export async function tooManyBuckets(
  selection: Selection,
  interval: Interval,
  calendar: Calendar,
): Promise<FieldProblem | undefined> {
  const buckets = await countBuckets(selection, interval, calendar);
  if (buckets <= MAX_BUCKETS) return undefined;
  return {
    field: 'interval',
    message: `${buckets} buckets; at most ${MAX_BUCKETS}: ask a longer interval or a shorter range`,
  };
}

/** The instant `at` of an SLO's window, milliseconds since 1970; without one, now. */
export async function resolveAt(
  query: { at?: string | undefined; tz?: string | undefined },
  now: Date,
  calendar: Calendar,
): Promise<Resolved<number>> {
  const tz = query.tz ?? 'UTC';
  if (!(await calendar.knows(tz))) return { outcome: 'rejected', errors: [UNKNOWN_ZONE] };
  const errors: FieldProblem[] = [];
  const at = await readInstant('at', query.at, tz, calendar, errors);
  return errors.length > 0 ? { outcome: 'rejected', errors } : { outcome: 'ok', value: at ?? now.getTime() };
}

async function readBound(
  field: 'from' | 'to',
  text: string | undefined,
  tz: string,
  calendar: Calendar,
  errors: FieldProblem[],
): Promise<number | undefined> {
  const epochMs = await readInstant(field, text, tz, calendar, errors);
  if (epochMs !== undefined && !isQuarterHour(epochMs))
    errors.push({ field, message: 'must stand on a quarter-hour: aggregates are kept in them' });
  return epochMs;
}

async function readInstant(
  field: string,
  text: string | undefined,
  tz: string,
  calendar: Calendar,
  errors: FieldProblem[],
): Promise<number | undefined> {
  if (text === undefined) return undefined;
  const moment = parseMoment(text);
  if (moment.outcome === 'instant') return moment.epochMs;
  if (moment.outcome === 'day') return calendar.startOfDay(moment.day, tz);
  errors.push({ field, message: moment.message });
  return undefined;
}

function emptyRange(givenFrom: number | undefined, to: number): FieldProblem {
  return givenFrom === undefined
    ? { field: 'to', message: 'must lie after from' }
    : { field: 'from', message: `must lie before to, ${formatInstant(to)}` };
}

function endOfQuarterHour(epochMs: number): number {
  return (Math.floor(epochMs / QUARTER_HOUR_MS) + 1) * QUARTER_HOUR_MS;
}

async function daysBefore(to: number, tz: string, calendar: Calendar): Promise<number> {
  const lastDay = await calendar.dayOf(to - 1, tz);
  return Math.max(0, await calendar.startOfDay(lastDay - DEFAULT_DAYS + 1, tz));
}

function placeOf(query: CommonQuery): Place | undefined {
  if (query.environment !== undefined) return { kind: 'environment', name: query.environment };
  return query.tier === undefined ? undefined : { kind: 'tier', name: query.tier };
}
