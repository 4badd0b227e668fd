/**
 * Inclusive quantile with linear interpolation (spreadsheets' PERCENTILE.INC, Hyndman and Fan's type 7):
 * null of nothing.
 */
function quantile(values: readonly number[], level: number): number | null {
  const sorted = [...values].sort((a, b) => a - b);
  const position = (sorted.length - 1) * level;
  const below = sorted[Math.floor(position)];
  const above = sorted[Math.ceil(position)];
  if (below === undefined || above === undefined) return null;
  return below + (above - below) * (position - Math.floor(position));
}

/** Quantile of milliseconds, in seconds. */
export function quantileSeconds(milliseconds: readonly number[], level: number): number | null {
  const value = quantile(milliseconds, level);
  return value === null ? null : value / 1000;
}

/** A rate: undefined (null) over 0. */
export function rate(part: number, whole: number): number | null {
  return whole === 0 ? null : part / whole;
}
