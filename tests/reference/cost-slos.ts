import { compareIds, groupBy, keyOf, type RawFact } from './fact.ts';
import { type Evidence, isCorrected, readEvidence, type SliWindow } from './sli-evidence.ts';
import { type Slo, sloDefinitions } from './slo-definition.ts';
import { periodAt } from './slo-period.ts';
import { consumedOf, round9, tally } from './slo-spending.ts';

const minuteMs = 60_000;

/** What counts of an SLO at one start, for one version of the service: events, of slice methods shares of a slice. */
export interface Piece {
  /** Epoch milliseconds. */
  start: number;
  /** null: its producer named none. */
  version: string | null;
  bad: number;
  total: number;
}

/** An SLO as costs see it. */
export interface CostSlo {
  id: string;
  definitions: Slo[];
  evidence: Evidence;
}

/** All SLOs with a definition, by id; `facts` are distinct and in order. */
export function readCostSlos(facts: readonly RawFact[]): CostSlo[] {
  const ids = new Set(facts.flatMap((fact) => (fact.kind === 'slo' ? (fact.slo_id ?? []) : [])));
  return [...ids].sort(compareIds).map((id) => ({
    id,
    definitions: sloDefinitions(facts, id),
    evidence: readEvidence(facts, id),
  }));
}

/** The definition that an instant (epoch milliseconds), cut to its minute, falls under, also one that retires it. */
export function definitionAt({ id, definitions }: CostSlo, at: number): Slo {
  const cut = Math.floor(at / minuteMs) * minuteMs;
  const slo = definitions.findLast((one) => one.saidAt <= cut) ?? definitions[0];
  if (!slo) throw new Error(`no definition: ${id}`);
  return slo;
}

/** A slice's badness and the slice itself, divided among versions as their bad events and events are. */
function divideSlice(slo: Slo, start: number, windows: readonly SliWindow[]): Piece[] {
  const sum = (of: (window: SliWindow) => number, own = windows) =>
    own.reduce((all, window) => all + of(window), 0);
  const events = sum(({ total }) => total);
  const badEvents = sum(({ bad }) => bad);
  const ratio = (events - badEvents) / events;
  const isGood = slo.sliceTarget !== null && round9(ratio) >= round9(slo.sliceTarget);
  const bad = slo.sliceTarget === null ? 1 - ratio : Number(!isGood);
  return [...groupBy(windows, ({ version }) => keyOf(version)).values()].map((own) => ({
    start,
    version: own[0]?.version ?? null,
    bad: badEvents === 0 ? 0 : (bad * sum((window) => window.bad, own)) / badEvents,
    total: sum(({ total }) => total, own) / events,
  }));
}

/** All that is not excluded by a correction, in the unit of the definition's method. */
export function piecesOf({ evidence }: CostSlo, slo: Slo): Piece[] {
  const { windows } = evidence;
  const sliceMs = slo.sliceMs;
  const slices = groupBy(windows, ({ start }) => String(Math.floor(start / (sliceMs ?? 1)) * (sliceMs ?? 1)));
  const pieces =
    sliceMs === null
      ? windows.map(({ start, version, bad, total }) => ({ start, version, bad, total }))
      : [...slices].flatMap(([start, own]) => divideSlice(slo, Number(start), own));
  return pieces.filter(({ start }) => !isCorrected(evidence, start));
}

/** What `consumed` of W that ends at an instant would be with this bad, and W's budget in minutes. */
export function spentOf({ evidence }: CostSlo, slo: Slo, at: number, bad: number) {
  const period = periodAt(slo, Math.floor(at / minuteMs) * minuteMs);
  const share = consumedOf(slo, { ...tally(slo, evidence, period.start, period.at), bad }, period);
  const budgetMinutes = ((period.end - period.start) / minuteMs) * slo.budget;
  return { share, budgetMinutes: share === null ? null : share * budgetMinutes };
}
