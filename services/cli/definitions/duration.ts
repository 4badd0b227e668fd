import type { Located } from './located.ts';

/** A duration in the shorthand of OpenSLO: a whole number and one letter. */
export interface Duration {
  amount: number;
  /** `m` minutes, `h` hours, `d` days, `w` weeks, `M` months, `Q` quarters, `Y` years. */
  unit: 'm' | 'h' | 'd' | 'w' | 'M' | 'Q' | 'Y';
}

const SECONDS = { m: 60, h: 3600, d: 86_400, w: 604_800 };

/** Reads `4w`, `28d`, `1M`; undefined when it is no such text. */
export function parseDuration(text: string): Duration | undefined {
  const match = /^([1-9]\d{0,6})([mhdwMQY])$/.exec(text);
  return match ? { amount: Number(match[1]), unit: match[2] as Duration['unit'] } : undefined;
}

/** Length in seconds; undefined for months, quarters and years, which differ in length. */
export function durationSeconds({ amount, unit }: Duration): number | undefined {
  return unit === 'M' || unit === 'Q' || unit === 'Y' ? undefined : amount * SECONDS[unit];
}

/** A field that is a duration of fixed length, in seconds. */
export function readSeconds(field: Located): number | undefined {
  const text = field.written();
  if (text === undefined) return undefined;
  const duration = parseDuration(text);
  const seconds = duration && durationSeconds(duration);
  return seconds ?? field.problem('invalid_value', 'must be a duration such as 28d, 4h or 5m');
}
