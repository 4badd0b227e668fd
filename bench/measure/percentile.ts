/**
 * The value below which a share of the measurements lie, interpolated (R-7, as `quantilesExactInclusive` has it).
 *
 * @param share between 0 and 1
 */
export function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  const place = (sorted.length - 1) * share;
  const [below, above] = [sorted[Math.floor(place)], sorted[Math.ceil(place)]];
  if (below === undefined || above === undefined) return Number.NaN;
  return below + (above - below) * (place - Math.floor(place));
}

/** The middle one. */
export const median = (values: readonly number[]): number => percentile(values, 0.5);
