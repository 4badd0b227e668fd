import { type Evidence, isCorrected, type SliWindow } from './sli-evidence.ts';
import type { Slo } from './slo-definition.ts';
import type { Period } from './slo-period.ts';
import { consumedOf, round9, sliceSpending, slicesIn, tally } from './slo-spending.ts';

const minuteMs = 60_000;
const dayMs = 86_400_000;

/** The last minute that may be foretold: one W ahead, or the last one before the period's end. */
const horizon = (slo: Slo, { end, at }: Period) =>
  slo.rollingMs === null ? end - minuteMs : at + slo.rollingMs;

/** Where the last 24 h hold what will be at a later instant. */
const dayBefore = (start: number, at: number) => start - (Math.floor((start - at) / dayMs) + 1) * dayMs;

/** Sums of all windows that start before an instant that only moves on; integers, so that differences are exact. */
class Moving {
  bad = 0n;
  total = 0n;
  #next = 0;
  readonly #windows: readonly SliWindow[];

  constructor(windows: readonly SliWindow[]) {
    this.#windows = windows.toSorted((a, b) => a.start - b.start);
  }

  /** Whether something came in between. */
  moveTo(instant: number): boolean {
    const before = this.#next;
    const integer = (events: number) => BigInt(Math.trunc(events * 2 ** 100));
    for (let one = this.#windows[this.#next]; one && one.start < instant; one = this.#windows[this.#next]) {
      this.bad += integer(one.bad);
      this.total += integer(one.total);
      this.#next += 1;
    }
    return this.#next > before;
  }
}

/** First minute with consumed ≥ 1 when the windows of the last 24 h repeat. */
function occurrencesForecast(slo: Slo, evidence: Evidence, period: Period): number | null {
  const { at } = period;
  const until = horizon(slo, period);
  const known = evidence.windows.filter((one) => one.start < at && !isCorrected(evidence, one.start));
  const day = known.filter((one) => one.start >= at - dayMs);
  if (day.length === 0) return null;
  const repeats = Math.ceil((until - at) / dayMs);
  const future = Array.from({ length: repeats }, (_, index) =>
    day.map((one) => ({ ...one, start: one.start + (index + 1) * dayMs })),
  ).flat();
  const coming = new Moving([...known, ...future]);
  const leaving = new Moving([...known, ...future]);
  let found = { good: 0, events: 0, bad: 0, total: 0 };
  for (let minute = at + minuteMs; minute <= until; minute += minuteMs) {
    const start = slo.rollingMs === null ? period.start : minute - slo.rollingMs;
    const came = coming.moveTo(minute);
    const left = leaving.moveTo(start);
    if (came || left) {
      const total = Number(coming.total - leaving.total);
      found = { ...found, bad: Number(coming.bad - leaving.bad), total };
    }
    const end = slo.rollingMs === null ? period.end : minute;
    const consumed = consumedOf(slo, found, { start, end, at: minute });
    if (consumed !== null && round9(consumed) >= 1) return minute;
  }
  return null;
}

/** First minute with consumed ≥ 1 when each slice of the last 24 h spends again what it spent. */
function slicesForecast(slo: Slo, evidence: Evidence, period: Period): number | null {
  const { at } = period;
  const until = horizon(slo, period);
  if (tally(slo, evidence, at - dayMs, at).total === 0) return null;
  const spending = sliceSpending(slo, evidence, Math.min(period.start, at - dayMs), at);
  const spends = (start: number) => spending.get(start < at ? start : dayBefore(start, at)) ?? 0;
  let { bad } = tally(slo, evidence, period.start, at);
  for (let minute = at + minuteMs; minute <= until; minute += minuteMs) {
    const start = minute - minuteMs; // slices start on minutes: the only one that can have come or gone
    bad += spends(start);
    if (slo.rollingMs !== null) bad -= spends(start - slo.rollingMs);
    const w = slo.rollingMs === null ? period : { start: minute - slo.rollingMs, end: minute };
    if (round9(bad / (slicesIn(slo, w.start, w.end) * slo.budget)) >= 1) return minute;
  }
  return null;
}

/** First minute with consumed ≥ 1 if the last 24 h repeat; `at` when exhausted; null when never in W, or without data in 24 h. */
export function exhaustsAt(slo: Slo, evidence: Evidence, period: Period): number | null {
  const consumed = consumedOf(slo, tally(slo, evidence, period.start, period.at), period);
  if (consumed !== null && round9(consumed) >= 1) return period.at;
  return slo.sliceMs === null
    ? occurrencesForecast(slo, evidence, period)
    : slicesForecast(slo, evidence, period);
}
