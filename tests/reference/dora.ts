import { type Bucket, buckets, daysTouched, localDate } from './calendar.ts';
import { instant, iso } from './fact.ts';
import type { History } from './history.ts';
import type { Incident } from './incidents.ts';
import { type FirstCarried, firstCarried } from './lead-time.ts';
import { quantileSeconds, rate } from './quantile.ts';
import { type Unit, unitsOf } from './rollouts.ts';
import { incidentInScope, type Params, serviceAsked } from './scope.ts';

/** What the asked services did in the asked place, at any time. */
interface Asked {
  attempts: Unit[];
  rollbacks: Unit[];
  changes: FirstCarried[];
  incidents: Incident[];
}

function select(history: History, params: Params): Asked {
  const units = unitsOf(history, params.scope);
  const mine = (unit: Unit) => serviceAsked(history, unit.service, unit.finishedAt, params);
  return {
    attempts: units.attempts.filter(mine),
    rollbacks: units.rollbacks.filter(mine),
    changes: firstCarried(history, params.scope).filter(({ unit }) => mine(unit)),
    incidents: history.incidents.filter(
      (incident) =>
        incidentInScope(history, incident, params.scope) &&
        serviceAsked(history, incident.service, incident.openedAt, params),
    ),
  };
}

/** The row of metrics of the contents of [since, until); epoch milliseconds. */
function metricsOf(asked: Asked, since: number, until: number, now: number, tz: string) {
  const within = (at: number | null) => at !== null && at >= since && at < until;
  const attempts = asked.attempts.filter((unit) => within(unit.finishedAt));
  const deployments = attempts.filter((unit) => unit.counted);
  const failed = deployments.filter((unit) => unit.failed);
  const linked = deployments.filter((unit) => unit.failedLinked);
  const silent = deployments.filter(({ members }) => members.every(({ carried }) => carried.size === 0));
  const recoveries = failed.flatMap((unit) => (unit.recoveryMs === null ? [] : [unit.recoveryMs]));
  const waiting = failed.flatMap((unit) => (unit.unrecoveredSince === null ? [] : [unit.unrecoveredSince]));
  const rework = deployments.filter((unit) => unit.rework);
  const changes = asked.changes.filter(({ unit }) => within(unit.finishedAt));
  const leads = changes.flatMap(({ leadMs }) => (leadMs === null ? [] : [leadMs]));
  const days = daysTouched(since, Math.min(until, now), tz);

  const incidents = asked.incidents.filter((incident) => !incident.cancelled);
  const restored = incidents.filter((incident) => within(incident.restoredAt));
  const timesToRestore = restored
    .map((incident) => (incident.restoredAt ?? Number.NaN) - incident.openedAt)
    .filter((time) => time >= 0);
  const end = Math.min(until, now);
  const open = incidents.filter(
    (incident) => incident.openedAt < end && (incident.restoredAt === null || incident.restoredAt >= end),
  );
  const age = (from: number[], at: number) =>
    from.length === 0 ? null : Math.max(0, at - Math.min(...from)) / 1000;

  return {
    deployments: deployments.length,
    deployments_per_day: rate(deployments.length, days),
    deployment_days: new Set(deployments.map((unit) => localDate(unit.finishedAt, tz))).size,
    days,
    attempts: attempts.length,
    rollbacks: asked.rollbacks.filter((unit) => within(unit.finishedAt)).length,
    changes: changes.length,
    lead_time_changes: leads.length,
    lead_time_p50_seconds: quantileSeconds(leads, 0.5),
    lead_time_p75_seconds: quantileSeconds(leads, 0.75),
    lead_time_p90_seconds: quantileSeconds(leads, 0.9),
    lead_time_p95_seconds: quantileSeconds(leads, 0.95),
    failed_deployments: failed.length,
    change_fail_rate: rate(failed.length, deployments.length),
    failed_deployments_linked: linked.length,
    change_fail_rate_linked: rate(linked.length, deployments.length),
    recovered_deployments: recoveries.length,
    unrecovered_deployments: waiting.length,
    oldest_unrecovered_seconds: age(waiting, now),
    recovery_time_p50_seconds: quantileSeconds(recoveries, 0.5),
    recovery_time_p90_seconds: quantileSeconds(recoveries, 0.9),
    rework_deployments: rework.length,
    rework_rate: rate(rework.length, deployments.length),
    incidents_opened: incidents.filter((incident) => within(incident.openedAt)).length,
    incidents_restored: restored.length,
    incidents_open: open.length,
    oldest_open_seconds: age(
      open.map((incident) => incident.openedAt),
      end,
    ),
    deployments_without_changes: silent.length,
    time_to_restore_incidents: timesToRestore.length,
    time_to_restore_p50_seconds: quantileSeconds(timesToRestore, 0.5),
    time_to_restore_p90_seconds: quantileSeconds(timesToRestore, 0.9),
  };
}

export type SummaryRow = ReturnType<typeof metricsOf>;
export type TimeseriesRow = SummaryRow & {
  bucket_start: string | null;
  bucket_end: string | null;
  partial: boolean;
};

/** The one row of /v1/dora/summary. */
export function doraSummary(history: History, params: Params): SummaryRow {
  const [since, until, now] = [instant(params.since), instant(params.until), instant(params.now)];
  return metricsOf(select(history, params), since, until, now, params.tz);
}

/** The rows of /v1/dora/timeseries, every bucket of the range. */
export function doraTimeseries(history: History, params: Params): TimeseriesRow[] {
  const [since, until, now] = [instant(params.since), instant(params.until), instant(params.now)];
  const asked = select(history, params);
  return buckets(since, until, params.tz, params.interval ?? 'day').map((bucket: Bucket) => ({
    bucket_start: iso(bucket.start),
    bucket_end: iso(bucket.end),
    partial: bucket.end > now || bucket.start < since || bucket.end > until,
    ...metricsOf(asked, Math.max(bucket.start, since), Math.min(bucket.end, until), now, params.tz),
  }));
}
