import { compareFacts, groupBy, instant, knownInstants, lastKnown, least, type RawFact } from './fact.ts';

/** What a fact says of one incident and one deployment. `service` and `environment` may still be unknown. */
interface Link {
  service: string | null;
  environment: string | null;
  deploymentId: string;
  linked: boolean;
  fact: RawFact;
}

/** An incident, merged from its facts. Instants are epoch milliseconds. */
export interface Incident {
  id: string;
  service: string | null;
  environment: string | null;
  severity: string | null;
  title: string | null;
  url: string | null;
  openedAt: number;
  acknowledgedAt: number | null;
  mitigatedAt: number | null;
  resolvedAt: number | null;
  /** `mitigated_at` when known, else `resolved_at`. */
  restoredAt: number | null;
  state: 'open' | 'acknowledged' | 'mitigated' | 'resolved' | 'cancelled';
  cancelled: boolean;
  /** Every linked and unlinked that was ever said, in order. */
  links: Link[];
}

function merge(id: string, facts: readonly RawFact[]): Incident {
  // On linked and unlinked, service and environment are the deployment's.
  const about = facts.filter((fact) => fact.transition !== 'linked' && fact.transition !== 'unlinked');
  const service = lastKnown(about, 'service');
  const environment = lastKnown(about, 'environment');
  const reopened = facts.findLast((fact) => fact.transition === 'reopened');
  const lastOf = (transition: string): number | null => {
    const last = facts.findLast((fact) => fact.transition === transition);
    if (!last || (reopened && compareFacts(last, reopened) < 0)) return null;
    return instant(last.occurred_at);
  };
  const acknowledgedAt = lastOf('acknowledged');
  const mitigatedAt = lastOf('mitigated');
  const resolvedAt = lastOf('resolved');
  const cancelled = lastOf('cancelled') !== null;
  let state: Incident['state'] = 'open';
  if (cancelled) state = 'cancelled';
  else if (resolvedAt !== null) state = 'resolved';
  else if (mitigatedAt !== null) state = 'mitigated';
  else if (acknowledgedAt !== null) state = 'acknowledged';
  const opened = facts.filter((fact) => fact.transition === 'opened');
  return {
    id,
    service,
    environment,
    severity: lastKnown(facts, 'severity'),
    title: lastKnown(facts, 'title'),
    url: lastKnown(facts, 'url'),
    openedAt:
      least([...knownInstants(facts, 'opened_at'), ...knownInstants(opened, 'occurred_at')]) ??
      least(knownInstants(facts, 'occurred_at')) ??
      Number.NaN,
    acknowledgedAt,
    mitigatedAt,
    resolvedAt,
    restoredAt: mitigatedAt ?? resolvedAt,
    state,
    cancelled,
    links: facts.flatMap((fact) =>
      fact.deployment_id === undefined
        ? []
        : [
            {
              service: fact.service ?? service,
              environment: fact.environment ?? environment,
              deploymentId: fact.deployment_id,
              linked: fact.transition !== 'unlinked',
              fact,
            },
          ],
    ),
  };
}

/** All incidents that the facts tell of; `facts` must be distinct and in order. */
export function mergeIncidents(facts: readonly RawFact[]): Incident[] {
  const own = facts.filter((fact) => fact.kind === 'incident');
  return [...groupBy(own, (fact) => fact.incident_id ?? '')].map(([id, group]) => merge(id, group));
}
