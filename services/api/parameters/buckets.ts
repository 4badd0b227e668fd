import { dayNumber, localDate } from './time-zone.ts';

/** Most buckets that one answer may have. */
export const MAX_BUCKETS = 2000;

/** Lengths that a bucket can have. Weeks are ISO weeks. */
export const INTERVALS = ['day', 'week', 'month'] as const;

/** A length of {@link INTERVALS}. */
export type Interval = (typeof INTERVALS)[number];

/**
 * How many calendar buckets a half-open range touches, without making a list of them.
 *
 * @param from first instant, milliseconds since 1970
 * @param to first instant that is outside, milliseconds since 1970; after `from`
 */
export function countBuckets(from: number, to: number, interval: Interval, timeZone: string): number {
  return bucketIndex(to - 1, interval, timeZone) - bucketIndex(from, interval, timeZone) + 1;
}

function bucketIndex(epochMs: number, interval: Interval, timeZone: string): number {
  const date = localDate(epochMs, timeZone);
  if (interval === 'month') return date.year * 12 + date.month;
  if (interval === 'day') return dayNumber(date);
  // 1970-01-01 was a Thursday, three days after the Monday that began its week.
  return Math.floor((dayNumber(date) + 3) / 7);
}
