import { formatInstant } from '@evenkeel/events';

const LATEST_MS = 8_640_000_000_000_000;

/** Unix nanoseconds as an instant, cut to milliseconds; undefined for 0, which in OTLP says unknown. */
export function instantOf(unixNano: bigint): string | undefined {
  if (unixNano === 0n) return undefined;
  const unixMs = Number(unixNano / 1_000_000n);
  return unixMs <= LATEST_MS ? formatInstant(unixMs) : undefined;
}
