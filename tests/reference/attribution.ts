import { compareFinish, type Finished } from './deployments.ts';
import type { Incident } from './incidents.ts';
import type { IncidentLinks } from './links.ts';
import type { SettingsHistory } from './settings.ts';
import { type Timeline, undoneBy } from './timeline.ts';

const progressive = new Set(['canary', 'rolling', 'ring', 'blue_green']);

/** Since when a deployment can be blamed: progressive strategies reach users from their start. */
function begunAt(deployment: Finished): number {
  return progressive.has(deployment.strategy ?? '') ? deployment.startedAt : deployment.finishedAt;
}

/** Whether an incident is at a deployment's place; one without environment is at tier `production`. */
export function isAt(incident: Incident, deployment: Finished, settings: SettingsHistory): boolean {
  if (incident.service !== deployment.service) return false;
  if (incident.environment !== null) return incident.environment === deployment.environment;
  const tier = settings.tier(deployment.service, deployment.environment, deployment.finishedAt);
  return tier === 'production';
}

/**
 * The counted deployment that an incident without a name blames, if any. The latest one begun by then is looked
 * at alone: when it is out of the question, no earlier one takes its place.
 */
export function attribute(
  incident: Incident,
  links: IncidentLinks,
  places: ReadonlyMap<string, Timeline>,
  settings: SettingsHistory,
): Finished | null {
  if (incident.cancelled || incident.service === null || links.named.size > 0) return null;
  const candidates = [...places.values()]
    .flatMap((timeline) => timeline.counted)
    .filter((deployment) => isAt(incident, deployment, settings))
    .filter((deployment) => begunAt(deployment) <= incident.openedAt);
  const latest = candidates.sort(compareFinish).at(-1);
  if (!latest) return null;
  const windowMs = settings.attributionWindowMs(latest.service, latest.finishedAt);
  if (incident.openedAt - latest.finishedAt > windowMs) return null;
  if (links.everUnlinked.has(latest.key)) return null;
  const timeline = places.get(latest.place);
  const undone = timeline ? undoneBy(timeline, latest) : [];
  if (undone.some((rollback) => rollback.deployment.finishedAt < incident.openedAt)) return null;
  return latest;
}
