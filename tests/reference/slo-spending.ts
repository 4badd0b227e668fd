import { type Evidence, isCorrected, type SliWindow } from './sli-evidence.ts';
import type { Slo } from './slo-definition.ts';
import type { Period } from './slo-period.ts';

const minuteMs = 60_000;
/** How long after its end a slice may still get its first datum before silence spends budget. */
const patienceMs = 2 * minuteMs;

/** What a range holds: events, or for slice methods slices. */
export interface Tally {
  good: number;
  /** What spends budget, silent slices too. */
  bad: number;
  /** Events, or slices with data. */
  total: number;
  /** Events also where slices are counted. */
  events: number;
}

/** Values compare after rounding to 9 decimals. */
export const round9 = (value: number) => Math.round(value * 1e9) / 1e9;

const sum = (values: readonly number[]) => values.reduce((all, value) => all + value, 0);

/** A slice with data. */
interface Slice {
  start: number;
  bad: number;
  events: number;
}

/** Index of the first window that starts at an instant or later; `windows` are in order. */
function firstFrom(windows: readonly SliWindow[], instant: number): number {
  let [low, high] = [0, windows.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((windows[middle]?.start ?? 0) < instant) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Windows that start in [from, to). */
export const startingIn = (windows: readonly SliWindow[], from: number, to: number) =>
  windows.slice(firstFrom(windows, from), Math.max(firstFrom(windows, from), firstFrom(windows, to)));

/** Slices that start in [from, to) and have data; a slice holds the windows that start in it and before `to`. */
export function slicesWithData(slo: Slo, windows: readonly SliWindow[], from: number, to: number): Slice[] {
  const sliceMs = slo.sliceMs ?? minuteMs;
  const own = startingIn(windows, Math.ceil(from / sliceMs) * sliceMs, to);
  const slices: Slice[] = [];
  for (let index = 0; index < own.length; ) {
    const start = Math.floor((own[index]?.start ?? 0) / sliceMs) * sliceMs;
    const first = index;
    while ((own[index]?.start ?? Number.POSITIVE_INFINITY) < start + sliceMs) index += 1;
    const within = own.slice(first, index);
    const events = sum(within.map((window) => window.total));
    const ratio = sum(within.map((window) => window.good)) / events;
    const target = slo.sliceTarget;
    const bad = target === null ? 1 - ratio : round9(ratio) >= round9(target) ? 0 : 1;
    slices.push({ start, bad, events });
  }
  return slices;
}

/** How many slices start in [from, to). */
export function slicesIn(slo: Slo, from: number, to: number): number {
  const sliceMs = slo.sliceMs ?? minuteMs;
  return Math.max(0, Math.ceil(to / sliceMs) - Math.ceil(from / sliceMs));
}

/** Whether a slice that has no data may spend all of itself, as seen from `at`. */
export function silenceSpends(slo: Slo, evidence: Evidence, start: number, at: number): boolean {
  const { firstDatum } = evidence;
  if (!slo.silenceIsBad || slo.sliceMs === null || firstDatum === null) return false;
  return start >= firstDatum && start + slo.sliceMs + patienceMs <= at;
}

/** Slices without data that start in [from, to) and spend all of themselves, seen from `at`; counted, not walked. */
function silentSlices(slo: Slo, evidence: Evidence, range: Period, filled: readonly Slice[], raw: boolean) {
  const { start: from, end: to, at } = range;
  const { firstDatum, corrected } = evidence;
  if (!slo.silenceIsBad || slo.sliceMs === null || firstDatum === null) return 0;
  const first = Math.max(from, firstDatum);
  // The last start that is early enough, and a millisecond.
  const last = Math.min(to, at - patienceMs - slo.sliceMs + 1);
  const excluded = raw
    ? 0
    : sum(corrected.map((one) => slicesIn(slo, Math.max(one.from, first), Math.min(one.to, last))));
  const spoken = filled.filter((slice) => silenceSpends(slo, evidence, slice.start, at));
  return slicesIn(slo, first, last) - excluded - spoken.length;
}

/** What [from, at) holds, seen from `at`; raw: without corrections. */
export function tally(slo: Slo, evidence: Evidence, from: number, at: number, raw = false): Tally {
  const counts = (one: { start: number }) => raw || !isCorrected(evidence, one.start);
  if (slo.sliceMs === null) {
    const own = startingIn(evidence.windows, from, at).filter(counts);
    const total = sum(own.map((window) => window.total));
    const good = sum(own.map((window) => window.good));
    return { good, bad: sum(own.map((window) => window.bad)), total, events: total };
  }
  const slices = slicesWithData(slo, evidence.windows, from, at).filter(counts);
  const bad = sum(slices.map((slice) => slice.bad));
  return {
    good: slices.length - bad,
    bad: bad + silentSlices(slo, evidence, { start: from, end: at, at }, slices, raw),
    total: slices.length,
    events: sum(slices.map((slice) => slice.events)),
  };
}

/**
 * Share of the budget of all of [start, end) that its part up to `at` has spent; null of nothing.
 * Occurrences of a calendar period: the rest is expected to bring as many events a minute.
 */
export function consumedOf(slo: Slo, { bad, total }: Tally, { start, end, at }: Period): number | null {
  if (slo.sliceMs !== null) {
    if (total === 0 && bad === 0) return null;
    return bad / (slicesIn(slo, start, end) * slo.budget);
  }
  return total === 0 ? null : (bad / total / slo.budget) * ((at - start) / (end - start));
}

/** Bad fraction of [from, at) in relation to the one that spends the budget evenly: what the range has spent of its own budget. */
export function burnRate(slo: Slo, found: Tally, from: number, at: number): number | null {
  return consumedOf(slo, found, { start: from, end: at, at });
}

/** Share of [from, to) without data: of its slices, or of its minutes, which a window fills that overlaps them. */
export function noDataShare(slo: Slo, evidence: Evidence, from: number, to: number): number | null {
  if (to <= from) return null;
  if (slo.sliceMs !== null) {
    const slices = slicesIn(slo, from, to);
    if (slices === 0) return null;
    return (slices - slicesWithData(slo, evidence.windows, from, to).length) / slices;
  }
  const filled = new Set<number>();
  for (const window of evidence.windows) {
    const first = Math.floor(Math.max(window.start, from) / minuteMs);
    const last = Math.ceil(Math.min(window.end, to) / minuteMs);
    for (let minute = first; minute < last; minute += 1) filled.add(minute);
  }
  const minutes = (to - from) / minuteMs;
  return (minutes - filled.size) / minutes;
}

/** What each slice that starts in [from, at) spends, by start, seen from `at`; those that spend nothing are absent. */
export function sliceSpending(slo: Slo, evidence: Evidence, from: number, at: number): Map<number, number> {
  const sliceMs = slo.sliceMs ?? minuteMs;
  const filled = new Map(slicesWithData(slo, evidence.windows, from, at).map((one) => [one.start, one]));
  const spending = new Map<number, number>();
  for (let start = Math.ceil(from / sliceMs) * sliceMs; start < at; start += sliceMs) {
    if (isCorrected(evidence, start)) continue;
    const slice = filled.get(start);
    const bad = slice?.bad ?? (silenceSpends(slo, evidence, start, at) ? 1 : 0);
    if (bad > 0) spending.set(start, bad);
  }
  return spending;
}
