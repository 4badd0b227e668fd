import { isFinished } from './deployments.ts';
import { compareIds, distinctFacts, groupBy, instant, keyOf, type RawFact } from './fact.ts';
import { type History, readHistory } from './history.ts';
import { firstCarried } from './lead-time.ts';
import { type Params, serviceAsked } from './scope.ts';
import { sliFlaws } from './sli-flaws.ts';

type QualityParams = Pick<Params, 'services' | 'team' | 'since' | 'until'>;

/** One thing that a check looks at. */
export interface Looked {
  check: string;
  /** null: it is not about one. */
  service: string | null;
  /** When its service is judged and by which it belongs to the range, epoch milliseconds. */
  at: number;
  affected: boolean;
}

/** A row of the view, without its example. */
export interface QualityRow {
  check: string;
  service: string | null;
  affected: number;
  of: number;
  share: number;
}

const rules = ['review', 'aborted', 'incident', 'rollback', 'hotfix', 'attribution'];

function ofDeployments(history: History): Looked[] {
  return history.deployments.flatMap(({ deployment, counted, carried, failed, reasons }) => {
    if (!counted || !isFinished(deployment)) return [];
    const { service, finishedAt: at } = deployment;
    const without: Looked = {
      check: 'deployments_without_changes',
      service,
      at,
      affected: carried.size === 0,
    };
    if (!failed) return [without];
    const byRule = rules.map((rule) => ({
      check: `links_by_rule_${rule}`,
      service,
      at,
      affected: reasons.some((reason) => reason.rule === rule),
    }));
    return [without, ...byRule];
  });
}

/** A version is used again when another deployment of the service brought it to the same place. */
function ofVersions(history: History, since: number, until: number): Looked[] {
  const live = history.deployments.flatMap(({ deployment, counted }) => {
    if (!counted || !isFinished(deployment) || deployment.version === null) return [];
    const { finishedAt: at, outcome } = deployment;
    return outcome === 'succeeded' && at >= since && at < until ? [{ deployment, at }] : [];
  });
  const versions = groupBy(live, ({ deployment }) => keyOf(deployment.place, deployment.version));
  return [...versions.values()].flatMap((group) => {
    const first = group[0];
    if (!first) return [];
    const affected = group.length > 1;
    return [{ check: 'versions_reused', service: first.deployment.service, at: first.at, affected }];
  });
}

function ofChanges(history: History): Looked[] {
  const environments = new Set(history.deployments.map(({ deployment }) => deployment.environment));
  const carried = [...environments].flatMap((name) => firstCarried(history, `environment:${name}`));
  return carried.flatMap(({ change, unit }) => {
    const looked = { service: unit.service, at: unit.finishedAt };
    const { committedAt } = change;
    const negative = committedAt !== null && unit.finishedAt < committedAt;
    return [
      { ...looked, check: 'changes_without_commit_time', affected: committedAt === null },
      { ...looked, check: 'negative_lead_times', affected: negative },
    ];
  });
}

function ofIncidents(history: History): Looked[] {
  return history.incidents
    .filter((incident) => !incident.cancelled)
    .map(({ service, openedAt: at }) => ({
      check: 'incidents_without_service',
      service: null,
      at,
      affected: service === null,
    }));
}

/** Contents of one event_id that differ; a window of SLI belongs where it starts. */
function ofFacts(facts: readonly RawFact[], since: number, until: number): Looked[] {
  const when = (fact: RawFact) => instant(fact.kind === 'sli' ? (fact.window_start ?? '') : fact.occurred_at);
  const within = facts.filter((fact) => when(fact) >= since && when(fact) < until);
  return [...groupBy(within, ({ kind, event_id }) => keyOf(kind, event_id)).values()].map((contents) => ({
    check: `conflicting_facts_${contents[0]?.kind}`,
    service: null,
    at: since,
    affected: new Set(contents.map((one) => one.content_sha256)).size > 1,
  }));
}

/** The rows of /v1/quality that facts alone decide, by check and service; those about no service stand in every answer. */
export function quality(facts: readonly RawFact[], params: QualityParams): QualityRow[] {
  const [since, until] = [instant(params.since), instant(params.until)];
  const history = readHistory(facts);
  const looked = [
    ...ofDeployments(history),
    ...ofVersions(history, since, until),
    ...ofChanges(history),
    ...ofIncidents(history),
  ].filter(({ at }) => at >= since && at < until);
  const asked = [
    ...looked,
    ...ofFacts(facts, since, until),
    ...sliFlaws(distinctFacts(facts), since, until),
  ].filter(({ service, at }) => service === null || serviceAsked(history, service, at, params));
  return [...groupBy(asked, ({ check, service }) => keyOf(check, service))]
    .map(([key, group]) => {
      const [check = '', service = null] = JSON.parse(key) as [string, string | null];
      const affected = group.filter((one) => one.affected).length;
      return { check, service, affected, of: group.length, share: affected / group.length };
    })
    .sort((a, b) => compareIds(a.check, b.check) || compareIds(a.service ?? '', b.service ?? ''));
}
