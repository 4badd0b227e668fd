/** Quarter-hours: ranges stand on them, and no zone's clock has changed off them within one since 2000's Gaza. */
const quarterMs = 900_000;

export type Interval = 'day' | 'week' | 'month';

const formats = new Map<string, Intl.DateTimeFormat>();
const dates = new Map<string, Map<number, string>>();

/** The date 'YYYY-MM-DD' that a clock in the zone shows at an instant (epoch milliseconds). */
export function localDate(at: number, tz: string): string {
  const quarter = Math.floor(at / quarterMs);
  const known = dates.get(tz) ?? new Map<number, string>();
  dates.set(tz, known);
  const before = known.get(quarter);
  if (before !== undefined) return before;
  const format =
    formats.get(tz) ??
    new Intl.DateTimeFormat('en-CA', {
      timeZone: tz,
      calendar: 'iso8601',
      numberingSystem: 'latn',
      year: 'numeric',
      month: '2-digit',
      day: '2-digit',
    });
  formats.set(tz, format);
  const parts = new Map(format.formatToParts(quarter * quarterMs).map((part) => [part.type, part.value]));
  const date = `${parts.get('year')}-${parts.get('month')}-${parts.get('day')}`;
  known.set(quarter, date);
  return date;
}

/** The bucket's own date: the day, the Monday of its ISO week, the first of its month. */
function bucketDate(at: number, tz: string, interval: Interval): string {
  const date = localDate(at, tz);
  if (interval === 'day') return date;
  if (interval === 'month') return `${date.slice(0, 7)}-01`;
  const noon = new Date(`${date}T12:00:00Z`);
  const daysSinceMonday = (noon.getUTCDay() + 6) % 7;
  return new Date(noon.getTime() - daysSinceMonday * 86_400_000).toISOString().slice(0, 10);
}

/** A bucket with its natural bounds, epoch milliseconds. */
export interface Bucket {
  start: number;
  end: number;
}

/** Every bucket that the range [since, until) touches, found by walking through its quarter-hours. */
export function buckets(since: number, until: number, tz: string, interval: Interval): Bucket[] {
  const dateAt = (at: number) => bucketDate(at, tz, interval);
  let at = Math.floor(since / quarterMs) * quarterMs;
  let start = at;
  while (dateAt(start - quarterMs) === dateAt(at)) start -= quarterMs;
  const found: Bucket[] = [];
  while (at < until) {
    // A later date only: a clock set back over midnight does not bring yesterday back.
    const date = dateAt(at);
    while (dateAt(at) <= date) at += quarterMs;
    found.push({ start, end: at });
    start = at;
  }
  return found;
}

/** How many local days [since, until) touches. */
export function daysTouched(since: number, until: number, tz: string): number {
  const touched = new Set<string>();
  for (let at = Math.floor(since / quarterMs) * quarterMs; at < until; at += quarterMs) {
    touched.add(localDate(at, tz));
  }
  return touched.size;
}
