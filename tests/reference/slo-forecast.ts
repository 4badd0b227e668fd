import { type Evidence, isCorrected } from './sli-evidence.ts';
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
  const all = [...known, ...future].sort((a, b) => a.start - b.start);
  const assumed: Evidence = { ...evidence, corrected: [], windows: all };
  if (slo.rollingMs !== null) {
    const rolling = slo.rollingMs;
    const firstMinuteAfter = (instant: number) => (Math.floor(instant / minuteMs) + 1) * minuteMs;
    const changes = all.flatMap(({ start }) => [firstMinuteAfter(start), firstMinuteAfter(start + rolling)]);
    const minutes = [...new Set(changes)].filter((minute) => minute > at && minute <= until);
    for (const minute of minutes.sort((a, b) => a - b)) {
      const w = { start: minute - rolling, end: minute, at: minute };
      const consumed = consumedOf(slo, tally(slo, assumed, w.start, minute), w);
      if (consumed !== null && round9(consumed) >= 1) return minute;
    }
    return null;
  }
  let found = tally(slo, assumed, period.start, at);
  let next = all.findIndex((one) => one.start >= at);
  for (let minute = at + minuteMs; minute <= until; minute += minuteMs) {
    for (let one = all[next]; next !== -1 && one && one.start < minute; one = all[next]) {
      found = { ...found, bad: found.bad + one.bad, total: found.total + one.total };
      next += 1;
    }
    const consumed = consumedOf(slo, found, { ...period, at: minute });
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
