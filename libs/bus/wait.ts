/**
 * How long to wait before the next try, in milliseconds: doubled each time up to a most, then anywhere between half
 * of that and all of it, so that many who failed at once do not come back at once.
 */
export function jitteredWaitMs(attempt: number, options: { firstMs: number; mostMs: number }): number {
  const full = Math.min(options.mostMs, options.firstMs * 2 ** Math.min(attempt, 30));
  return full * (0.5 + Math.random() / 2);
}
