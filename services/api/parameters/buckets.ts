import { type Calendar, DAY_MS } from './calendar.ts';

/** Most buckets that one answer may have. */
export const MAX_BUCKETS = 2000;

/** Lengths that a bucket can have. Weeks are ISO weeks. */
export const INTERVALS = ['day', 'week', 'month'] as const;

/** A length of {@link INTERVALS}. */
export type Interval = (typeof INTERVALS)[number];

/**
 * How many calendar buckets a half-open range (milliseconds since 1970) touches, without making a list of them.
 *
 */
export async function countBuckets(
  range: { readonly from: number; readonly to: number; readonly tz: string },
  interval: Interval,
  calendar: Calendar,
): Promise<number> {
  const first = await calendar.dayOf(range.from, range.tz);
  const last = await calendar.dayOf(range.to - 1, range.tz);
  return bucketOfDay(last, interval) - bucketOfDay(first, interval) + 1;
}

function bucketOfDay(day: number, interval: Interval): number {
  if (interval === 'day') return day;
  // 1970-01-01 was a Thursday, three days after the Monday that began its week.
  if (interval === 'week') return Math.floor((day + 3) / 7);
  const date = new Date(day * DAY_MS);
  return date.getUTCFullYear() * 12 + date.getUTCMonth();
}
