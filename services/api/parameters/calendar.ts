/** Milliseconds of a day of 24 hours. */
export const DAY_MS = 86_400_000;

/**
 * The calendar of a time zone, as ClickHouse has it: a runtime's own rules may be older or newer, and then a range
 * would begin an hour beside the buckets that ClickHouse makes. Days are counted from 1970-01-01.
 */
export interface Calendar {
  /** True when the zone is known by exactly this name. */
  knows(timeZone: string): Promise<boolean>;
  /** First instant of a local day, milliseconds since 1970; a midnight that clocks skip is the instant of that change. */
  startOfDay(day: number, timeZone: string): Promise<number>;
  /** The local day of an instant in milliseconds since 1970. */
  dayOf(epochMs: number, timeZone: string): Promise<number>;
}
