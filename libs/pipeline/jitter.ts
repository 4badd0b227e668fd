/**
 * How long to wait before the next try, in milliseconds: doubled each time up to a most, then anywhere between half
 * of that and all of it, so that many who were refused at once do not come back at once.
 *
 * @param attempt tries that failed so far, from 0
 */
export function jitteredWaitMs(
  attempt: number,
  options: { firstMs: number; mostMs: number },
  random: () => number = Math.random,
): number {
  const full = Math.min(options.mostMs, options.firstMs * 2 ** Math.min(attempt, 30));
  return full * (0.5 + random() / 2);
}
