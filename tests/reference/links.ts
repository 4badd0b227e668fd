import { type Deployment, deploymentKey } from './deployments.ts';
import type { Incident } from './incidents.ts';

interface Named {
  service: string | null;
  environment: string | null;
  deploymentId: string;
}

/**
 * The deployment that a link or a review means. Where service or environment is unknown, it is the only
 * deployment that fits what is known; when several fit or none does, it is nobody's key.
 */
export function resolve(named: Named, deployments: readonly Deployment[]): string {
  if (named.service !== null && named.environment !== null) {
    return deploymentKey(named.service, named.environment, named.deploymentId);
  }
  const fitting = deployments.filter(
    (deployment) =>
      deployment.id === named.deploymentId &&
      (named.service === null || deployment.service === named.service) &&
      (named.environment === null || deployment.environment === named.environment),
  );
  const [only] = fitting;
  if (only && fitting.length === 1) return only.key;
  return `unresolved ${JSON.stringify([named.service, named.environment, named.deploymentId])}`;
}

/** What an incident says of deployments. Keys are deployment keys (or "unresolved …"). */
export interface IncidentLinks {
  /** Linked by the last word on that deployment. */
  named: Set<string>;
  /** Unlinked at least once, ever. */
  everUnlinked: Set<string>;
  /** `deployment_id` of the link made last among those that hold. */
  lastMade: string | null;
}

export function linksOf(incident: Incident, deployments: readonly Deployment[]): IncidentLinks {
  const last = new Map<string, { linked: boolean; order: number; deploymentId: string }>();
  const everUnlinked = new Set<string>();
  incident.links.forEach((link, order) => {
    const key = resolve(link, deployments);
    last.set(key, { linked: link.linked, order, deploymentId: link.deploymentId });
    if (!link.linked) everUnlinked.add(key);
  });
  const holding = [...last].filter(([, state]) => state.linked);
  const lastMade = holding.sort(([, a], [, b]) => a.order - b.order).at(-1);
  return {
    named: new Set(holding.map(([key]) => key)),
    everUnlinked,
    lastMade: lastMade?.[1].deploymentId ?? null,
  };
}
