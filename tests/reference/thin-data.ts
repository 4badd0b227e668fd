import { doraSummary } from './dora.ts';
import { explainIncidents } from './explain-incidents.ts';
import { compareIds, instant } from './fact.ts';
import type { History } from './history.ts';
import { unitsOf } from './rollouts.ts';
import { incidentInScope, type Params, serviceAsked } from './scope.ts';
import { round9 } from './slo-spending.ts';

/** Why numbers rest on thin data: how many show it, out of how many; `few_…`: how many there are, and it takes. */
export interface ThinDataRow {
  check: string;
  affected: number;
  of: number;
  share: number;
}

/** Fewer than it takes for each to move a rate by less than 10 points, or a percentile to be one of them. */
const enough = 10;
/** Fewer than it takes for a median that one more does not move much. */
const enoughForMedian = 5;

function note(check: string, affected: number, of: number): ThinDataRow {
  return { check, affected, of, share: affected / of };
}

/** A share from which on, or beyond which, the rest is not the whole. */
function noteOfShare(row: ThinDataRow, isMuch: (share: number) => boolean): ThinDataRow[] {
  return row.of > 0 && isMuch(round9(row.share)) ? [row] : [];
}

function withoutChanges(history: History, params: Params): ThinDataRow {
  const [since, until] = [instant(params.since), instant(params.until)];
  const counted = unitsOf(history, params.scope).attempts.filter(
    ({ counted: is, service, finishedAt: at }) =>
      is && at >= since && at < until && serviceAsked(history, service, at, params),
  );
  const without = counted.filter(({ members }) => members.every(({ carried }) => carried.size === 0));
  return note('deployments_without_changes', without.length, counted.length);
}

/** Incidents of the place that may belong to what was asked, among those and what does belong to it. */
function withoutService(history: History, params: Params): ThinDataRow[] {
  if (params.services.length === 0 && params.team === '') return [];
  const [since, until] = [instant(params.since), instant(params.until)];
  const opened = history.incidents.filter(
    (incident) =>
      !incident.cancelled &&
      incident.openedAt >= since &&
      incident.openedAt < until &&
      incidentInScope(history, incident, params.scope) &&
      (incident.service === null || serviceAsked(history, incident.service, incident.openedAt, params)),
  );
  const without = opened.filter(({ service }) => service === null);
  return noteOfShare(note('incidents_without_service', without.length, opened.length), (share) => share > 0);
}

/** The notes about a selection that facts alone decide, by check. */
export function thinData(history: History, params: Params): ThinDataRow[] {
  const summary = doraSummary(history, params);
  const { deployments, changes, failed_deployments: failed } = summary;
  // Those behind the median: what was restored before it opened is not.
  const restorations = explainIncidents(history, 'time_to_restore', params).filter((row) => row.counted);
  const linked = Math.round((summary.change_fail_rate_linked ?? 0) * deployments);
  const few = (check: string, there: number, takes: number, least: number) =>
    there >= least && there < takes ? [note(check, there, takes)] : [];
  const aFifth = (share: number) => share >= 0.2;
  return [
    ...few('few_deployments', deployments, enough, 0),
    ...few('few_changes', summary.lead_time_changes, enough, 0),
    ...few('few_recoveries', summary.recovered_deployments, enoughForMedian, 1),
    ...few('few_restorations', restorations.length, enoughForMedian, 1),
    ...noteOfShare(withoutChanges(history, params), aFifth),
    ...noteOfShare(note('changes_without_lead_time', changes - summary.lead_time_changes, changes), aFifth),
    ...noteOfShare(note('inferred_failures', failed - linked, failed), (share) => share > 0.5),
    ...withoutService(history, params),
  ].sort((a, b) => compareIds(a.check, b.check));
}
