import { compareIds, groupBy, instant, keyOf, lastKnown, least, type RawFact } from './fact.ts';

/** An SLI window put together from its facts. Epoch milliseconds. */
export interface SliWindow {
  start: number;
  end: number;
  /** Of the service; null: not said. */
  version: string | null;
  good: number;
  bad: number;
  total: number;
}

/** Half-open, epoch milliseconds. */
interface Range {
  from: number;
  to: number;
}

/** A correction that holds. */
interface Correction extends Range {
  id: string;
}

/** What is known of an SLO besides its definitions. */
export interface Evidence {
  /** By start; windows without events are left out, for nothing looks at them. */
  windows: SliWindow[];
  /** By start and id. */
  corrections: Correction[];
  /** The time that they exclude: by start, disjoint. */
  corrected: Range[];
  /** Least start of a window with events. */
  firstDatum: number | null;
}

function sliWindow(facts: readonly RawFact[]): SliWindow[] {
  const [first] = facts;
  const good = facts.findLast((fact) => fact.good !== undefined);
  const total = facts.findLast((fact) => fact.total !== undefined);
  const bad = facts.findLast((fact) => fact.bad !== undefined);
  const start = instant(first?.window_start ?? '');
  const end = instant(first?.window_end ?? '');
  const version = first?.version || null;
  const totalIsLater = total && (!bad || facts.indexOf(total) >= facts.indexOf(bad));
  if (totalIsLater) {
    if (!good) return []; // total alone is incomplete
    const [goodEvents, totalEvents] = [good.good ?? 0, total.total ?? 0];
    if (goodEvents > totalEvents) return []; // only together wrong: left out
    return [{ start, end, version, good: goodEvents, bad: totalEvents - goodEvents, total: totalEvents }];
  }
  const goodEvents = good?.good ?? 0;
  const badEvents = bad?.bad ?? 0;
  return [{ start, end, version, good: goodEvents, bad: badEvents, total: goodEvents + badEvents }];
}

/** Windows of an SLO that have events, by start; `facts` are distinct and in order. */
function sliWindows(facts: readonly RawFact[], sloId: string): SliWindow[] {
  const own = facts.filter((fact) => fact.kind === 'sli' && fact.slo_id === sloId);
  const groups = groupBy(own, (fact) =>
    keyOf(fact.series ?? '', fact.version ?? '', fact.window_start ?? '', fact.window_end ?? ''),
  );
  return [...groups.values()]
    .flatMap(sliWindow)
    .filter((window) => window.total > 0)
    .sort((a, b) => a.start - b.start || a.end - b.end || a.total - b.total || a.bad - b.bad);
}

/** Corrections that hold, by start and id. */
function holdingCorrections(facts: readonly RawFact[], sloId: string): Correction[] {
  const byId = groupBy(
    facts.filter((fact) => fact.kind === 'correction'),
    (fact) => fact.correction_id ?? '',
  );
  return [...byId]
    .filter(([, told]) => lastKnown(told, 'slo_id') === sloId && lastKnown(told, 'void') !== true)
    .map(([id, told]) => ({
      id,
      from: instant(lastKnown(told, 'starts_at') ?? ''),
      to: instant(lastKnown(told, 'ends_at') ?? ''),
    }))
    .sort((a, b) => a.from - b.from || compareIds(a.id, b.id));
}

/** Overlapping ranges as one. */
function joined(ranges: readonly Range[]): Range[] {
  const disjoint: Range[] = [];
  for (const { from, to } of ranges) {
    const before = disjoint.at(-1);
    if (before && from <= before.to) before.to = Math.max(before.to, to);
    else disjoint.push({ from, to });
  }
  return disjoint;
}

/** Windows and corrections of an SLO; `facts` are distinct and in order. */
export function readEvidence(facts: readonly RawFact[], sloId: string): Evidence {
  const windows = sliWindows(facts, sloId);
  const corrections = holdingCorrections(facts, sloId);
  return {
    windows,
    corrections,
    corrected: joined(corrections),
    firstDatum: least(windows.map((window) => window.start)),
  };
}

/** Whether a correction excludes what starts at an instant. */
export function isCorrected({ corrected }: Evidence, start: number): boolean {
  return corrected.some(({ from, to }) => start >= from && start < to);
}

/** Ids of the corrections that exclude what starts at an instant. */
export function excludedBy({ corrections }: Evidence, start: number): string[] {
  return corrections.filter(({ from, to }) => start >= from && start < to).map(({ id }) => id);
}
