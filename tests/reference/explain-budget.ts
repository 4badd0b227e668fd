import { compareIds, distinctFacts, groupBy, iso, keyOf, type RawFact } from './fact.ts';
import { type Evidence, excludedBy, readEvidence } from './sli-evidence.ts';
import { cutToMinute } from './slo-budget.ts';
import { type Slo, sloDefinitions, sloInForce } from './slo-definition.ts';
import { type Period, periodAt } from './slo-period.ts';
import { silenceSpends, slicesWithData, startingIn } from './slo-spending.ts';

const minuteMs = 60_000;
const quarterMs = 15 * minuteMs;

/** Something of a budget that starts at one instant (epoch milliseconds): a report, a slice, a minute. */
interface Part {
  at: number;
  good: number;
  total: number;
  bad: number;
  noData: number;
  rule: string;
  /** Ids of the corrections that exclude it. */
  excluded: readonly string[];
}

const nothing = { good: 0, total: 0, bad: 0, noData: 0, excluded: [] };

/** Counted, unless a correction excludes it. */
function judged(evidence: Evidence, at: number, part: Partial<Part>, rule = 'counted'): Part {
  const excluded = excludedBy(evidence, at);
  return { ...nothing, ...part, at, rule: excluded.length > 0 ? 'corrected' : rule, excluded };
}

/** Minutes that no report with events overlaps; they stand where their quarter-hour begins, as far as W holds it. */
function silentMinutes({ windows }: Evidence, { start: from, at }: Period): Part[] {
  const filled = new Set<number>();
  for (const { start, end } of windows) {
    const first = Math.floor(Math.max(start, from) / minuteMs) * minuteMs;
    for (let minute = first; minute < Math.min(end, at); minute += minuteMs) filled.add(minute);
  }
  const silent: Part[] = [];
  for (let minute = from; minute < at; minute += minuteMs) {
    const quarter = Math.floor(minute / quarterMs) * quarterMs;
    if (filled.has(minute)) continue;
    silent.push({ ...nothing, at: Math.max(quarter, from), noData: 1, rule: 'no_data' });
  }
  return silent;
}

function eventParts(evidence: Evidence, period: Period): Part[] {
  const reports = startingIn(evidence.windows, period.start, period.at).map(({ start, good, total, bad }) =>
    judged(evidence, start, { good, total, bad }),
  );
  return [...reports, ...silentMinutes(evidence, period)];
}

/** Why a slice without data spends nothing, or that it spends all of itself. */
function silence(slo: Slo, evidence: Evidence, start: number, at: number): string {
  const { firstDatum } = evidence;
  if (!slo.silenceIsBad) return 'no_data';
  if (firstDatum === null || start < firstDatum) return 'before_first_datum';
  return silenceSpends(slo, evidence, start, at) ? 'no_data_is_bad' : 'not_yet_over';
}

function sliceParts(slo: Slo, evidence: Evidence, { start: from, at }: Period): Part[] {
  const sliceMs = slo.sliceMs ?? minuteMs;
  const slices = slicesWithData(slo, evidence.windows, from, at);
  const filled = new Map(slices.map((slice) => [slice.start, slice.bad]));
  const parts: Part[] = [];
  for (let start = Math.ceil(from / sliceMs) * sliceMs; start < at; start += sliceMs) {
    const bad = filled.get(start);
    if (bad !== undefined) {
      parts.push(judged(evidence, start, { good: 1 - bad, total: 1, bad }));
      continue;
    }
    const rule = silence(slo, evidence, start, at);
    parts.push(judged(evidence, start, { noData: 1, bad: rule === 'no_data_is_bad' ? 1 : 0 }, rule));
  }
  return parts;
}

/** A row of /v1/explain/error_budget. */
export interface ExplainedBudgetRow {
  at: string;
  slo_id: string;
  counted: boolean;
  good: number;
  total: number;
  bad: number;
  no_data: number;
  rule: string;
  evidence: string;
}

function rowOf(sloId: string, parts: readonly Part[], { corrections }: Evidence): ExplainedBudgetRow {
  const sum = (field: 'good' | 'total' | 'bad' | 'noData') => parts.reduce((all, one) => all + one[field], 0);
  const rule = parts[0]?.rule ?? '';
  const excluded = new Set(parts.flatMap((one) => one.excluded));
  return {
    at: iso(Math.min(...parts.map((one) => one.at))) ?? '',
    slo_id: sloId,
    counted: rule === 'counted' || rule === 'no_data_is_bad',
    good: sum('good'),
    total: sum('total'),
    bad: sum('bad'),
    no_data: sum('noData'),
    rule,
    evidence: corrections
      .filter(({ id }) => excluded.has(id))
      .map(({ id }) => id)
      .join(', '),
  };
}

/** The rows behind an error budget at an instant (cut to the minute), a row a quarter-hour and rule; none when unknown or retired. */
export function explainErrorBudget(
  facts: readonly RawFact[],
  sloId: string,
  asked: string,
): ExplainedBudgetRow[] {
  const distinct = distinctFacts(facts);
  const at = cutToMinute(asked);
  const slo = sloInForce(sloDefinitions(distinct, sloId), at);
  if (!slo) return [];
  const [evidence, period] = [readEvidence(distinct, sloId), periodAt(slo, at)];
  const parts = slo.sliceMs === null ? eventParts(evidence, period) : sliceParts(slo, evidence, period);
  const rows = groupBy(parts, (part) => keyOf(`${Math.floor(part.at / quarterMs)}`, part.rule));
  return [...rows.values()]
    .map((group) => rowOf(sloId, group, evidence))
    .sort((a, b) => compareIds(a.at, b.at) || compareIds(a.rule, b.rule));
}
