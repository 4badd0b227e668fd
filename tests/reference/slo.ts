import { compareIds, distinctFacts, groupBy, instant, iso, keyOf, type RawFact } from './fact.ts';

const minuteMs = 60_000;
const dayMs = 86_400_000;

/** An SLO's definition. Only method `occurrences` with a rolling window; corrections are left out. */
interface Slo {
  id: string;
  service: string;
  objective: number;
  window: { rolling_days: number };
  method: string;
  windowMs: number;
  /** Budget as a share of events: 1 − objective. */
  budget: number;
  minimumEvents: number;
  retired: boolean;
}

/** An SLI window put together from its facts. Epoch milliseconds. */
interface SliWindow {
  start: number;
  end: number;
  bad: number;
  total: number;
}

/** The definition in force; before the first one, the first one. Definitions replace each other as a whole. */
function sloInForce(facts: readonly RawFact[], sloId: string, at: number): Slo | null {
  const own = distinctFacts(facts).filter((fact) => fact.kind === 'slo' && fact.slo_id === sloId);
  const first = own[0];
  if (!first) return null;
  const cut = Math.max(at, instant(first.occurred_at));
  const fact = own.findLast((one) => instant(one.occurred_at) <= cut) ?? first;
  const days = fact.window?.rolling_days;
  const { service, objective, method } = fact;
  if (days === undefined || objective === undefined || service === undefined || method !== 'occurrences') {
    throw new Error(`the reference knows only rolling occurrences: ${sloId}`);
  }
  return {
    id: sloId,
    service,
    objective,
    window: { rolling_days: days },
    method,
    windowMs: days * dayMs,
    budget: 1 - objective,
    minimumEvents: fact.minimum_events ?? 0,
    retired: fact.retired ?? false,
  };
}

function sliWindow(facts: readonly RawFact[]): SliWindow[] {
  const [first] = facts;
  const good = facts.findLast((fact) => fact.good !== undefined);
  const total = facts.findLast((fact) => fact.total !== undefined);
  const bad = facts.findLast((fact) => fact.bad !== undefined);
  const start = instant(first?.window_start ?? '');
  const end = instant(first?.window_end ?? '');
  const totalIsLater = total && (!bad || facts.indexOf(total) >= facts.indexOf(bad));
  if (totalIsLater) {
    if (!good) return []; // total alone is incomplete
    const [goodEvents, totalEvents] = [good.good ?? 0, total.total ?? 0];
    if (goodEvents > totalEvents) return []; // only together wrong: left out
    return [{ start, end, bad: totalEvents - goodEvents, total: totalEvents }];
  }
  const goodEvents = good?.good ?? 0;
  const badEvents = bad?.bad ?? 0;
  return [{ start, end, bad: badEvents, total: goodEvents + badEvents }];
}

/** All complete windows of an SLO, by start. */
function sliWindows(facts: readonly RawFact[], sloId: string): SliWindow[] {
  const own = distinctFacts(facts).filter((fact) => fact.kind === 'sli' && fact.slo_id === sloId);
  const groups = groupBy(own, (fact) =>
    keyOf(fact.series ?? '', fact.version ?? null, fact.window_start ?? '', fact.window_end ?? ''),
  );
  return [...groups.values()].flatMap(sliWindow).sort((a, b) => a.start - b.start);
}

/** Events of the windows that start in [from, to). */
function sum(windows: readonly SliWindow[], from: number, to: number): { bad: number; total: number } {
  const within = windows.filter((window) => window.start >= from && window.start < to);
  return {
    bad: within.reduce((all, window) => all + window.bad, 0),
    total: within.reduce((all, window) => all + window.total, 0),
  };
}

/** Share of the minutes of [from, to) that no window with events overlaps. */
function noDataShare(windows: readonly SliWindow[], from: number, to: number): number {
  const filled = new Set<number>();
  for (const window of windows.filter((one) => one.total > 0)) {
    const first = Math.floor(Math.max(window.start, from) / minuteMs);
    const last = Math.ceil(Math.min(window.end, to) / minuteMs);
    for (let minute = first; minute < last; minute += 1) filled.add(minute);
  }
  const minutes = (to - from) / minuteMs;
  return (minutes - filled.size) / minutes;
}

const round9 = (value: number) => Math.round(value * 1e9) / 1e9;

/** First minute with consumed ≥ 1 if the last 24 h repeat window by window; null when never within one W. */
function exhaustsAt(slo: Slo, windows: readonly SliWindow[], at: number): number | null {
  const real = windows.filter((window) => window.start < at && window.start >= at - slo.windowMs);
  const day = real.filter((window) => window.start >= at - dayMs && window.total > 0);
  const consumed = (bad: number, total: number) => (total === 0 ? 0 : round9(bad / total / slo.budget));
  let { bad, total } = sum(real, at - slo.windowMs, at);
  if (total > 0 && consumed(bad, total) >= 1) return at;
  if (day.length === 0) return null;
  const repeats = Math.ceil(slo.windowMs / dayMs);
  const future = Array.from({ length: repeats }, (_, index) =>
    day.map((window) => ({ ...window, start: window.start + (index + 1) * dayMs })),
  ).flat();
  const all = [...real, ...future].sort((a, b) => a.start - b.start);
  let entering = all.findIndex((window) => window.start >= at);
  let leaving = 0;
  for (let minute = at + minuteMs; minute <= at + slo.windowMs; minute += minuteMs) {
    for (let next = all[entering]; entering !== -1 && next && next.start < minute; next = all[entering]) {
      bad += next.bad;
      total += next.total;
      entering += 1;
    }
    for (let next = all[leaving]; next && next.start < minute - slo.windowMs; next = all[leaving]) {
      bad -= next.bad;
      total -= next.total;
      leaving += 1;
    }
    if (consumed(bad, total) >= 1) return minute;
  }
  return null;
}

/** The row of /v1/slos/{id}/budget at an instant (cut to the minute); null when unknown or retired. */
export function sloBudget(facts: readonly RawFact[], sloId: string, asked: string) {
  const at = Math.floor(instant(asked) / minuteMs) * minuteMs;
  const slo = sloInForce(facts, sloId, at);
  if (!slo || slo.retired) return null;
  const windows = sliWindows(facts, sloId);
  const { bad, total } = sum(windows, at - slo.windowMs, at);
  const sli = total === 0 ? null : (total - bad) / total;
  const consumed = total === 0 ? null : bad / total / slo.budget;
  const remaining = consumed === null ? null : 1 - consumed;
  const budgetMinutes = (slo.windowMs / minuteMs) * slo.budget;
  let state = 'ok';
  if (consumed === null) state = 'no_data';
  else if (total < slo.minimumEvents || round9(noDataShare(windows, at - dayMs, at)) > 0.5) {
    state = 'insufficient_data';
  } else if (round9(consumed) >= 1) state = 'exhausted';
  return {
    slo_id: slo.id,
    service: slo.service,
    objective: slo.objective,
    window: JSON.stringify(slo.window),
    method: slo.method,
    good: total - bad,
    total,
    sli,
    consumed,
    consumed_so_far: consumed,
    remaining,
    budget_minutes: budgetMinutes,
    remaining_minutes: remaining === null ? null : remaining * budgetMinutes,
    raw_sli: sli,
    raw_consumed: consumed,
    no_data_share: noDataShare(windows, at - slo.windowMs, at),
    exhausts_at: iso(exhaustsAt(slo, windows, at)),
    state,
  };
}

const hourMs = 3_600_000;
const alerts = [
  { alert: 'page', long: hourMs, short: hourMs / 12, share: 0.02, shortWindowShare: 0.08 },
  { alert: 'page', long: 6 * hourMs, short: hourMs / 2, share: 0.05, shortWindowShare: 0.125 },
  { alert: 'ticket', long: 24 * hourMs, short: 2 * hourMs, share: 0.1, shortWindowShare: 0.2 },
  { alert: 'ticket', long: 72 * hourMs, short: 6 * hourMs, share: 0.1, shortWindowShare: 0.42 },
];

/** The rows of /v1/slos/{id}/burn at an instant (cut to the minute); none when unknown or retired. */
export function sloBurn(facts: readonly RawFact[], sloId: string, asked: string) {
  const at = Math.floor(instant(asked) / minuteMs) * minuteMs;
  const slo = sloInForce(facts, sloId, at);
  if (!slo || slo.retired) return [];
  const windows = sliWindows(facts, sloId);
  const burn = (length: number) => {
    const { bad, total } = sum(windows, at - length, at);
    return { total, rate: total === 0 ? null : bad / total / slo.budget };
  };
  return alerts
    .filter(({ long }) => long <= slo.windowMs / 2)
    .map(({ alert, long, short, share, shortWindowShare }) => {
      const used = slo.windowMs < 14 * dayMs ? shortWindowShare : share;
      const factor = Math.max(1, (used * slo.windowMs) / long);
      const [longBurn, shortBurn] = [burn(long), burn(short)];
      const above = (rate: number | null) => rate !== null && round9(rate) >= round9(factor);
      const exceeds = above(longBurn.rate) && above(shortBurn.rate);
      let state = exceeds ? 'firing' : 'ok';
      if (round9(factor) >= round9(1 / slo.budget)) state = 'cannot_fire';
      else if (longBurn.rate === null) state = 'no_data';
      else if (longBurn.total < slo.minimumEvents) state = 'insufficient_data';
      return {
        alert,
        long_window_seconds: long / 1000,
        short_window_seconds: short / 1000,
        factor,
        long_burn_rate: longBurn.rate,
        short_burn_rate: shortBurn.rate,
        firing: state === 'firing',
        state,
      };
    })
    .sort((a, b) => compareIds(a.alert, b.alert) || a.long_window_seconds - b.long_window_seconds);
}
