import { isAt } from './attribution.ts';
import type { Finished } from './deployments.ts';
import { compareIds, least } from './fact.ts';
import type { History } from './history.ts';
import { undoneBy } from './timeline.ts';

/** While a counted deployment may cost something: [start, end), epoch milliseconds. */
export interface CostInterval {
  deployment: Finished;
  start: number;
  end: number;
  /** When incidents of its place were open: [from, to), epoch milliseconds. */
  incidents: { from: number; to: number }[];
}

/** Since when users have it, as far as is known: a pipeline may wait days between its start and that. */
function reachedUsersAt(deployment: Finished): number {
  return deployment.advancedAt ?? deployment.startedAt;
}

/** The intervals of all counted deployments. One that ends before it begins is empty. */
export function costIntervals(history: History): CostInterval[] {
  return [...history.places.values()].flatMap((timeline) =>
    timeline.counted.map((deployment) => {
      const start = reachedUsersAt(deployment);
      const later = timeline.counted.filter((other) => {
        const order = reachedUsersAt(other) - start || compareIds(other.id, deployment.id);
        return order > 0;
      });
      const undone = undoneBy(timeline, deployment)[0]?.deployment.finishedAt ?? null;
      const windowMs = history.settings.attributionWindowMs(deployment.service, deployment.finishedAt);
      const end = least([...later.map(reachedUsersAt), undone, deployment.finishedAt + windowMs]);
      const incidents = history.incidents
        .filter((incident) => !incident.cancelled && isAt(incident, deployment, history.settings))
        .map((incident) => ({
          from: incident.openedAt,
          to: incident.restoredAt ?? Number.POSITIVE_INFINITY,
        }));
      return { deployment, start, end: Math.max(start, end ?? start), incidents };
    }),
  );
}
