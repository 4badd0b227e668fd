import { nameOf } from './changes.ts';
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
  /** How it is shown as an example. */
  name: string;
}

/** A row of the view, with everything that shows it in place of one example. */
export interface QualityRow {
  check: string;
  service: string | null;
  affected: number;
  of: number;
  share: number;
  /** Distinct, in order. */
  examples: string[];
}

/** What the view told. */
type ToldExample = Pick<QualityRow, 'check' | 'service'> & { example: string };

const rules = ['review', 'aborted', 'incident', 'rollback', 'hotfix', 'attribution'];

function ofDeployments(history: History): Looked[] {
  return history.deployments.flatMap(({ deployment, counted, carried, failed, reasons }) => {
    if (!counted || !isFinished(deployment)) return [];
    const { service, finishedAt: at, id: name } = deployment;
    const without: Looked = {
      check: 'deployments_without_changes',
      service,
      at,
      name,
      affected: carried.size === 0,
    };
    if (!failed) return [without];
    const byRule = rules.map((rule) => ({
      check: `links_by_rule_${rule}`,
      service,
      at,
      name,
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
    const { service, version } = first.deployment;
    return [{ check: 'versions_reused', service, at: first.at, affected, name: version ?? '' }];
  });
}

function ofChanges(history: History): Looked[] {
  const environments = new Set(history.deployments.map(({ deployment }) => deployment.environment));
  const carried = [...environments].flatMap((name) => firstCarried(history, `environment:${name}`));
  return carried.flatMap(({ change, unit }) => {
    const looked = { service: unit.service, at: unit.finishedAt, name: nameOf(change) };
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
    .map(({ service, openedAt: at, id: name }) => ({
      check: 'incidents_without_service',
      service: null,
      at,
      name,
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
    name: (contents[0]?.kind === 'sli' ? contents[0].slo_id : contents[0]?.event_id) ?? '',
    affected: new Set(contents.map((one) => one.content_sha256)).size > 1,
  }));
}

/** Checks that look at arrival, or at what is kept besides facts: nothing that was told decides them. */
export const ofArrival = /^(lateness|watermark|rejected|not_yet|quarantined)/;

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
      const shown = group.filter((one) => one.affected);
      const share = shown.length / group.length;
      const examples = [...new Set(shown.map(({ name }) => name))].sort(compareIds);
      return { check, service, affected: shown.length, of: group.length, share, examples };
    })
    .sort((a, b) => compareIds(a.check, b.check) || compareIds(a.service ?? '', b.service ?? ''));
}

/** The rows with the example that was told where it is one of those that show it, else with the first of those. */
export function withExample(rows: readonly QualityRow[], told: readonly ToldExample[]) {
  return rows.map(({ examples, ...row }) => {
    const { check, service } = row;
    const example = told.find((one) => one.check === check && one.service === service)?.example;
    return { ...row, example: examples.find((one) => one === example) ?? examples[0] ?? '' };
  });
}
