import { compareIds, groupBy, keyOf, knownInstants, lastKnown, least, type RawFact } from './fact.ts';

/** A deployment, merged from its facts. Instants are epoch milliseconds, null where unknown. */
export interface Deployment {
  key: string;
  /** Key of its (service, environment). */
  place: string;
  service: string;
  environment: string;
  id: string;
  action: string;
  version: string | null;
  commit: string | null;
  commitAt: number | null;
  repository: string | null;
  strategy: string | null;
  rolloutId: string | null;
  rollsBackDeployment: string | null;
  rollsBackToVersion: string | null;
  fixesDeployment: string | null;
  fixesIncident: string | null;
  artifactDigest: string | null;
  startedAt: number;
  /** Its first `advanced`: users have it since then. */
  advancedAt: number | null;
  finishedAt: number | null;
  outcome: string | null;
}

/** A deployment that has a terminal fact. */
export type Finished = Deployment & { finishedAt: number; outcome: string };

export function deploymentKey(service: string, environment: string, id: string): string {
  return keyOf(service, environment, id);
}

export function isFinished(deployment: Deployment): deployment is Finished {
  return deployment.finishedAt !== null && deployment.outcome !== null;
}

/** (finished_at, deployment_id); environments only separate what the page leaves tied. */
export function compareFinish(a: Finished, b: Finished): number {
  return a.finishedAt - b.finishedAt || compareIds(a.id, b.id) || compareIds(a.environment, b.environment);
}

function merge(facts: readonly RawFact[]): Deployment {
  const [first] = facts;
  const service = first?.service ?? '';
  const environment = first?.environment ?? '';
  const id = first?.deployment_id ?? '';
  const of = (phase: string) => facts.filter((fact) => fact.phase === phase);
  const terminal = of('finished').at(-1);
  return {
    key: deploymentKey(service, environment, id),
    place: keyOf(service, environment),
    service,
    environment,
    id,
    action: lastKnown(facts, 'action') ?? 'deploy',
    version: lastKnown(facts, 'version'),
    commit: lastKnown(facts, 'commit'),
    commitAt: knownInstants(facts, 'commit_at').at(-1) ?? null,
    repository: lastKnown(facts, 'repository'),
    strategy: lastKnown(facts, 'strategy'),
    rolloutId: lastKnown(facts, 'rollout_id'),
    rollsBackDeployment: lastKnown(facts, 'rolls_back_deployment'),
    rollsBackToVersion: lastKnown(facts, 'rolls_back_to_version'),
    fixesDeployment: lastKnown(facts, 'fixes_deployment'),
    fixesIncident: lastKnown(facts, 'fixes_incident'),
    artifactDigest: lastKnown(facts, 'artifact_digest'),
    startedAt:
      least(knownInstants(of('started'), 'occurred_at')) ??
      least(knownInstants(facts, 'occurred_at')) ??
      Number.NaN,
    advancedAt: least(knownInstants(of('advanced'), 'occurred_at')),
    finishedAt: terminal ? (knownInstants([terminal], 'occurred_at')[0] ?? null) : null,
    outcome: terminal?.outcome ?? null,
  };
}

/** All deployments that the facts tell of; `facts` must be distinct and in order. */
export function mergeDeployments(facts: readonly RawFact[]): Deployment[] {
  const own = facts.filter((fact) => fact.kind === 'deployment');
  const groups = groupBy(own, (fact) =>
    deploymentKey(fact.service ?? '', fact.environment ?? '', fact.deployment_id ?? ''),
  );
  return [...groups.values()].map(merge);
}
