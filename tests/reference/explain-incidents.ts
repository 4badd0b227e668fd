import { counts, type Decision, type ExplainedRow, leavesOut } from './explain-rows.ts';
import { instant, iso } from './fact.ts';
import type { History } from './history.ts';
import type { Incident } from './incidents.ts';
import { incidentInScope, type Params, serviceAsked } from './scope.ts';

/** Numbers of incidents. */
export type IncidentMetric = 'incidents_opened' | 'incidents_restored' | 'incidents_open' | 'time_to_restore';

function restored({ openedAt, restoredAt }: Incident, metric: IncidentMetric): Decision {
  if (restoredAt === null) return leavesOut('not_restored', { reason: 'not restored yet; it shows as open' });
  const reason = 'opened to restored';
  if (metric === 'incidents_restored') return counts('restored', { reason });
  const value_seconds = (restoredAt - openedAt) / 1000;
  if (value_seconds >= 0) return counts('restored', { value_seconds, reason });
  return leavesOut('negative', { value_seconds, reason: 'it was restored before it opened' });
}

/** `end`: the instant at which the open ones are counted, epoch milliseconds. */
function decision(incident: Incident, metric: IncidentMetric, end: number): Decision {
  const { cancelled, openedAt, restoredAt } = incident;
  const seconds = restoredAt === null ? null : (restoredAt - openedAt) / 1000;
  if (cancelled) {
    const value_seconds = metric === 'time_to_restore' ? seconds : null;
    return leavesOut('cancelled', { value_seconds, reason: 'a false alarm' });
  }
  if (metric === 'incidents_opened') return counts('opened', { reason: 'it opened' });
  if (metric !== 'incidents_open') return restored(incident, metric);
  if (openedAt >= end) return leavesOut('opened_after');
  if (restoredAt !== null && restoredAt < end) {
    return leavesOut('restored_before', { reason: 'restored before the end of the range' });
  }
  const reason = 'neither restored nor cancelled at the end of the range, or now';
  return counts('open', { value_seconds: (end - openedAt) / 1000, reason });
}

/** The incidents behind a number, counted and left out. */
export function explainIncidents(history: History, metric: IncidentMetric, params: Params): ExplainedRow[] {
  const [since, until] = [instant(params.since), instant(params.until)];
  const end = Math.min(until, instant(params.now));
  const byRestoration = metric === 'incidents_restored' || metric === 'time_to_restore';
  return history.incidents
    .filter((incident) => incidentInScope(history, incident, params.scope))
    .filter((incident) => serviceAsked(history, incident.service, incident.openedAt, params))
    .flatMap((incident): ExplainedRow[] => {
      const { id, openedAt, restoredAt } = incident;
      const decided = decision(incident, metric, end);
      const at = byRestoration ? (restoredAt ?? openedAt) : openedAt;
      const before = metric === 'incidents_open' && decided.counted;
      if (at >= until || (at < since && !before)) return [];
      const place = { service: incident.service ?? '', environment: incident.environment ?? '' };
      const about = { at: iso(at) ?? '', ...place, id, subject: 'incident' as const, stage: '' };
      return [{ ...about, ...decided, evidence: incident.url ?? '' }];
    });
}
