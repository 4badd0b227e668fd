import type { Change } from './changes.ts';
import { instant, keyOf } from './fact.ts';
import type { History } from './history.ts';
import { quantileSeconds } from './quantile.ts';
import { compareUnits, type Unit, unitsOf } from './rollouts.ts';
import { type Params, parseScope, serviceAsked } from './scope.ts';

/** A change and the first counted deployment (or rollout) that carried it. */
export interface FirstCarried {
  change: Change;
  unit: Unit;
  /** Milliseconds from commit to finish; null when the commit time is unknown or later than the finish. */
  leadMs: number | null;
}

/** Per (change, service, environment), by tier per (change, service). */
export function firstCarried(history: History, scope: string): FirstCarried[] {
  const perEnvironment = parseScope(scope).by === 'environment';
  const seen = new Set<string>();
  const first: FirstCarried[] = [];
  const units = unitsOf(history, scope).attempts.filter((unit) => unit.counted);
  for (const unit of units.sort(compareUnits)) {
    const counted = new Set(history.changes.countedOf(unit.carried).map((change) => change.key));
    for (const key of unit.carried) {
      const once = keyOf(key, unit.service, perEnvironment ? unit.environment : null);
      if (seen.has(once)) continue;
      seen.add(once);
      // A merge commit that came with its pull request's commits has been carried, and is not counted.
      if (!counted.has(key)) continue;
      const change = history.changes.get(key);
      const leadMs = change.committedAt === null ? null : unit.finishedAt - change.committedAt;
      first.push({ change, unit, leadMs: leadMs === null || leadMs < 0 ? null : leadMs });
    }
  }
  return first;
}

/** A row of lead_time_stages. */
export interface StageRow {
  stage: string;
  changes: number;
  p50_seconds: number | null;
  p90_seconds: number | null;
  share: number | null;
  bottleneck: boolean;
}

type End = number | null;
export const stages: [string, (change: Change, unit: Unit) => [End, End]][] = [
  ['coding', (change) => [change.committedAt, change.openedAt]],
  ['pickup', (change) => [change.openedAt, change.firstReviewAt]],
  ['review', (change) => [change.firstReviewAt ?? change.openedAt, change.mergedAt]],
  ['queue', (change, unit) => [change.mergedAt, unit.startedAt]],
  ['deploy', (_, unit) => [unit.startedAt, unit.finishedAt]],
];

/** Thresholds and ties compare after rounding to 9 decimals. */
const round9 = (value: number) => Math.round(value * 1e9) / 1e9;

/** Where the time between commit and production goes, stage by stage. */
export function leadTimeStages(history: History, params: Omit<Params, 'tz'>): StageRow[] {
  const since = instant(params.since);
  const until = instant(params.until);
  const asked = firstCarried(history, params.scope).filter(
    ({ unit }) =>
      unit.finishedAt >= since &&
      unit.finishedAt < until &&
      serviceAsked(history, unit.service, unit.finishedAt, params),
  );
  const rows = stages.map(([stage, ends]) => {
    const times = asked.flatMap(({ change, unit }) => {
      const [from, to] = ends(change, unit);
      return from === null || to === null || to < from ? [] : [to - from];
    });
    return {
      stage,
      changes: times.length,
      p50_seconds: quantileSeconds(times, 0.5),
      p90_seconds: quantileSeconds(times, 0.9),
    };
  });
  const sum = rows.reduce((total, row) => total + (row.p50_seconds ?? 0), 0);
  const share = (median: number | null) => (median === null || sum === 0 ? null : median / sum);
  const shares = rows
    .map((row) => share(row.p50_seconds))
    .map((value) => (value === null ? -1 : round9(value)));
  const largest = Math.max(...shares);
  return rows.map((row, index) => ({
    ...row,
    share: share(row.p50_seconds),
    bottleneck: largest >= 0 && shares.indexOf(largest) === index,
  }));
}
