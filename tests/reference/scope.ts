import type { Deployment } from './deployments.ts';
import type { History } from './history.ts';
import type { Incident } from './incidents.ts';

/** What is asked, as the views take it. */
export interface Params {
  /** Empty = all. */
  services: string[];
  /** '' = any. */
  team: string;
  /** 'tier:production' or 'environment:prod-eu'. */
  scope: string;
  /** RFC 3339. */
  since: string;
  until: string;
  /** IANA time zone. */
  tz: string;
  now: string;
  interval?: 'day' | 'week' | 'month';
}

/** All of production, at any time: most questions of random histories are so narrow that little answers them. */
export const everything = {
  services: [],
  team: '',
  scope: 'tier:production',
  since: '2000-01-01T00:00:00.000Z',
  until: '2100-01-01T00:00:00.000Z',
};

/** 'tier' or 'environment', and its name. */
export function parseScope(scope: string): { by: 'tier' | 'environment'; name: string } {
  const [by, ...rest] = scope.split(':');
  if (by !== 'tier' && by !== 'environment') throw new Error(`not a scope: ${scope}`);
  return { by, name: rest.join(':') };
}

/** When a deployment's settings are looked up: at its finish, while it has none at its start. */
export function judgedAt(deployment: Deployment): number {
  return deployment.finishedAt ?? deployment.startedAt;
}

export function deploymentInScope(history: History, deployment: Deployment, scope: string): boolean {
  const { by, name } = parseScope(scope);
  if (by === 'environment') return deployment.environment === name;
  const at = judgedAt(deployment);
  return history.settings.tier(deployment.service, deployment.environment, at) === name;
}

export function incidentInScope(history: History, incident: Incident, scope: string): boolean {
  const { by, name } = parseScope(scope);
  if (by === 'environment') return incident.environment === name;
  if (incident.environment === null) return name === 'production';
  return history.settings.tier(incident.service, incident.environment, incident.openedAt) === name;
}

/** `services` and `team` both = intersection; the team is the one at the instant that is judged. */
export function serviceAsked(
  history: History,
  service: string | null,
  at: number,
  params: Pick<Params, 'services' | 'team'>,
): boolean {
  if (service === null) return params.services.length === 0 && params.team === '';
  if (params.services.length > 0 && !params.services.includes(service)) return false;
  return params.team === '' || history.settings.team(service, at) === params.team;
}
