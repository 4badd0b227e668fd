import { buckets } from './calendar.ts';
import { compareIds, distinctFacts, instant, iso, type RawFact } from './fact.ts';
import { type Evidence, readEvidence } from './sli-evidence.ts';
import { type Slo, sloDefinitions, sloInForce } from './slo-definition.ts';
import { exhaustsAt } from './slo-forecast.ts';
import { type Period, periodAt } from './slo-period.ts';
import { consumedOf, noDataShare, round9, tally } from './slo-spending.ts';

const minuteMs = 60_000;
const dayMs = 86_400_000;

/** An instant cut to its minute, epoch milliseconds. */
export const cutToMinute = (asked: string) => Math.floor(instant(asked) / minuteMs) * minuteMs;

function stateOf(slo: Slo, evidence: Evidence, { start, at }: Period, consumed: number | null): string {
  const { total, events } = tally(slo, evidence, start, at);
  if (total === 0) return 'no_data';
  const silent = noDataShare(slo, evidence, at - dayMs, at) ?? 0;
  if (round9(events) < round9(slo.minimumEvents) || round9(silent) > 0.5) return 'insufficient_data';
  return consumed !== null && round9(consumed) >= 1 ? 'exhausted' : 'ok';
}

/** What a day of the history and the budget of an instant share. */
function budgetOf(slo: Slo, evidence: Evidence, period: Period) {
  const { start, end, at } = period;
  const found = tally(slo, evidence, start, at);
  const raw = tally(slo, evidence, start, at, true);
  const sliOf = ({ good, total }: typeof found) => (total === 0 ? null : good / total);
  const consumed = consumedOf(slo, found, period);
  const remaining = consumed === null ? null : 1 - consumed;
  const budgetMinutes = ((end - start) / minuteMs) * slo.budget;
  return {
    objective: slo.objective,
    window: JSON.stringify(slo.window),
    method: slo.method,
    good: found.good,
    total: found.total,
    sli: sliOf(found),
    consumed,
    consumed_so_far: consumed === null ? null : consumed * ((end - start) / (at - start)),
    remaining,
    budget_minutes: budgetMinutes,
    remaining_minutes: remaining === null ? null : remaining * budgetMinutes,
    raw_sli: sliOf(raw),
    raw_consumed: consumedOf(slo, raw, period),
    no_data_share: noDataShare(slo, evidence, start, at),
    state: stateOf(slo, evidence, period, consumed),
  };
}

/** The row of /v1/slos/{id}/budget at an instant (cut to the minute); null when unknown or retired. */
export function sloBudget(facts: readonly RawFact[], sloId: string, asked: string) {
  const distinct = distinctFacts(facts);
  const at = cutToMinute(asked);
  const slo = sloInForce(sloDefinitions(distinct, sloId), at);
  if (!slo) return null;
  const evidence = readEvidence(distinct, sloId);
  const period = periodAt(slo, at);
  return {
    slo_id: slo.id,
    service: slo.service,
    ...budgetOf(slo, evidence, period),
    exhausts_at: iso(exhaustsAt(slo, evidence, period)),
  };
}

/** What `/v1/slos/{id}/history` is asked. Instants are RFC 3339. */
export interface BudgetHistoryParams {
  slo_ids: string[];
  since: string;
  until: string;
  tz: string;
  now: string;
}

/** A row per SLO and local day that the range touches and that has begun: the budget at the day's end, or now. */
export function sloBudgetHistory(facts: readonly RawFact[], params: BudgetHistoryParams) {
  const distinct = distinctFacts(facts);
  const now = instant(params.now);
  const days = buckets(instant(params.since), instant(params.until), params.tz, 'day');
  return [...params.slo_ids].sort(compareIds).flatMap((sloId) => {
    const definitions = sloDefinitions(distinct, sloId);
    const evidence = readEvidence(distinct, sloId);
    return days.flatMap((day) => {
      const at = Math.floor(Math.min(day.end, now) / minuteMs) * minuteMs;
      const slo = sloInForce(definitions, at);
      if (!slo || day.start > now) return [];
      // A day that has ended belongs to the period of its last minute: so a month's last day shows the whole month.
      const { start, end } = periodAt(slo, day.end <= now ? at - minuteMs : at);
      const period = slo.rollingMs === null ? { start, end, at } : periodAt(slo, at);
      return [
        {
          slo_id: sloId,
          day_start: iso(day.start),
          at: iso(at),
          ...budgetOf(slo, evidence, period),
        },
      ];
    });
  });
}
