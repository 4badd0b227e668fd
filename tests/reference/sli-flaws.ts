import { groupBy, instant, keyOf, type RawFact } from './fact.ts';
import type { Looked } from './quality.ts';
import { sloDefinitions, sloInForce } from './slo-definition.ts';

/** A window as it was told. Epoch milliseconds. */
interface Told {
  series: string;
  start: number;
  end: number;
  /** Only its total is known: it is in no number. */
  incomplete: boolean;
  /** More good than all together: it is in no number. */
  impossible: boolean;
  events: number;
}

function toldWindow(facts: readonly RawFact[]): Told {
  const last = (field: 'good' | 'bad' | 'total') => facts.findLast((fact) => fact[field] !== undefined);
  const [good, bad, total] = [last('good'), last('bad'), last('total')];
  const decidesTotal = total !== undefined && (!bad || facts.indexOf(total) >= facts.indexOf(bad));
  const events = decidesTotal ? (total.total ?? 0) : (good?.good ?? 0) + (bad?.bad ?? 0);
  return {
    series: keyOf(facts[0]?.series ?? '', facts[0]?.version ?? ''),
    start: instant(facts[0]?.window_start ?? ''),
    end: instant(facts[0]?.window_end ?? ''),
    incomplete: decidesTotal && good === undefined,
    impossible: decidesTotal && (good?.good ?? 0) > events,
    events,
  };
}

function toldWindows(facts: readonly RawFact[], sloId: string): Told[] {
  const own = facts.filter((fact) => fact.kind === 'sli' && fact.slo_id === sloId);
  const windows = groupBy(own, (fact) =>
    keyOf(fact.series ?? '', fact.version ?? '', fact.window_start ?? '', fact.window_end ?? ''),
  );
  return [...windows.values()].map(toldWindow);
}

/** A window that begins before an earlier one of its series and version has ended. */
function beginsWithin(one: Told, others: readonly Told[]): boolean {
  return others.some(
    (other) =>
      other.series === one.series &&
      (other.start < one.start || (other.start === one.start && other.end < one.end)) &&
      other.end > one.start,
  );
}

/**
 * Checks of the SLOs that are in force at the range's end, by the service of that definition, and of their windows
 * that start within the range.
 */
export function sliFlaws(facts: readonly RawFact[], since: number, until: number): Looked[] {
  const ids = new Set(facts.flatMap(({ kind, slo_id }) => (kind === 'slo' && slo_id ? [slo_id] : [])));
  return [...ids].flatMap((sloId) => {
    const slo = sloInForce(sloDefinitions(facts, sloId), until);
    if (!slo) return [];
    const all = toldWindows(facts, sloId);
    const windows = all.filter(({ start }) => start >= since && start < until);
    const used = (told: readonly Told[]) =>
      told.filter(({ incomplete, impossible, events }) => !incomplete && !impossible && events > 0);
    const flaw = (check: string, affected: boolean) => ({
      check,
      service: slo.service,
      at: until,
      name: sloId,
      affected,
    });
    return [
      ...windows.map(({ incomplete }) => flaw('sli_windows_incomplete', incomplete)),
      ...windows.map(({ impossible }) => flaw('sli_windows_impossible', impossible)),
      ...used(windows).map((one) => flaw('sli_windows_overlapping', beginsWithin(one, used(all)))),
      ...used(slo.sliceMs === null ? [] : windows).map(({ start, end }) =>
        flaw('sli_windows_longer_than_slice', end - start > (slo.sliceMs ?? 0)),
      ),
      flaw('slos_without_data', used(windows).length === 0),
    ];
  });
}
