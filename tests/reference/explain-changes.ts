import { type Change, nameOf } from './changes.ts';
import { type Deployment, isFinished } from './deployments.ts';
import { counts, type Decision, type ExplainedRow, leavesOut } from './explain-rows.ts';
import { instant, iso, keyOf } from './fact.ts';
import type { History, Judged } from './history.ts';
import { stages } from './lead-time.ts';
import { type Unit, unitsOf } from './rollouts.ts';
import { deploymentInScope, type Params, parseScope, serviceAsked } from './scope.ts';

/** Numbers of changes. */
export type ChangeMetric = 'changes' | 'change_lead_time' | 'lead_time_stages';

/** A deployment that carries changes, the unit that it counts in, and since when it belongs to a range. */
interface Carrier {
  one: Judged;
  unit: Unit | null;
  at: number;
}

function carriersOf(history: History, scope: string): Carrier[] {
  const { attempts, rollbacks } = unitsOf(history, scope);
  const finished = [...attempts, ...rollbacks].flatMap((unit) =>
    unit.members.map((one) => ({ one, unit, at: unit.finishedAt })),
  );
  const unfinished = history.deployments
    .filter(({ deployment }) => !isFinished(deployment) && deploymentInScope(history, deployment, scope))
    .map((one) => ({ one, unit: null, at: one.deployment.startedAt }));
  return [...finished, ...unfinished];
}

const brings = { reason: 'first brought to users by this deployment' };

function leadDecision({ committedAt }: Change, { finishedAt }: Unit): Decision {
  if (committedAt === null) return leavesOut('no_commit_time', { reason: 'its commit time is not known' });
  const value_seconds = (finishedAt - committedAt) / 1000;
  if (value_seconds >= 0) return counts('first_carried', { value_seconds, ...brings });
  return leavesOut('negative', { value_seconds, reason: 'it was committed after the deployment finished' });
}

/** With the stage that it is about; empty: none. */
type Staged = Decision & { stage: string };

function stageDecisions(change: Change, unit: Unit): Staged[] {
  return stages.map(([stage, ends]) => {
    const [from, to] = ends(change, unit);
    if (from === null || to === null) {
      return { ...leavesOut('end_unknown', { reason: 'an end of the stage is not known' }), stage };
    }
    const value_seconds = (to - from) / 1000;
    if (value_seconds < 0) return { ...leavesOut('negative', { value_seconds }), stage };
    return { ...counts('timed', { value_seconds, reason: 'both ends of the stage are known' }), stage };
  });
}

/** The first member of a unit that brought a change to users. */
function firstBearer(unit: Unit, change: Change): Deployment | undefined {
  return unit.members.find(
    ({ counted, deployment, carried }) =>
      counted && deployment.outcome === 'succeeded' && carried.has(change.key),
  )?.deployment;
}

/** Why a carrier does not bring a change to users, null: it may. */
function undelivered({ one, unit }: Pick<Carrier, 'one' | 'unit'>): Decision | null {
  if (unit === null) {
    return leavesOut('unfinished', { reason: 'the deployment that carries it has not finished' });
  }
  if (one.detected || one.deployment.action === 'rollback') return leavesOut('is_rollback');
  if (one.deployment.outcome === 'succeeded') return null;
  return leavesOut('not_delivered', { reason: 'the deployment that carried it did not succeed' });
}

/** Which unit of a scope carried a change first, counted beside it or not. */
type FirstUnit = (change: Change, deployment: Deployment) => Unit | undefined;

function firstUnits(history: History, scope: string): FirstUnit {
  const perEnvironment = parseScope(scope).by === 'environment';
  const once = (key: string, { service, environment }: { service: string; environment: string }) =>
    keyOf(key, service, perEnvironment ? environment : null);
  const units = new Map<string, Unit>();
  for (const unit of unitsOf(history, scope).attempts.filter(({ counted }) => counted)) {
    for (const key of unit.carried) if (!units.has(once(key, unit))) units.set(once(key, unit), unit);
  }
  return (change, deployment) => units.get(once(change.key, deployment));
}

/** What a carrier carries; a merge commit beside its pull request's commits is none, whichever member has those. */
function carriedBy(history: History, { one, unit }: Carrier): Change[] {
  const together = new Set(one.carried);
  if (undelivered({ one, unit }) === null) for (const key of unit?.carried ?? []) together.add(key);
  return history.changes.countedOf(together).filter(({ key }) => one.carried.has(key));
}

function decide(change: Change, carrier: Carrier, metric: ChangeMetric, firstUnit: FirstUnit): Staged[] {
  const { one, unit } = carrier;
  const left = undelivered(carrier);
  if (left || !unit) return left ? [{ ...left, stage: '' }] : [];
  const first = firstUnit(change, one.deployment);
  if (!first) throw new Error(`carried by none: ${change.key}`);
  const bearer = firstBearer(first, change);
  if (first.last.key !== unit.last.key) {
    const reason = `an earlier deployment brought it to users: ${bearer?.id}`;
    return [{ ...leavesOut('carried_before', { reason }), stage: '' }];
  }
  if (bearer?.key !== one.deployment.key) {
    const reason = `another member of the rollout brought it first: ${bearer?.id}`;
    return [{ ...leavesOut('rollout_member', { reason }), stage: '' }];
  }
  if (metric === 'lead_time_stages') return stageDecisions(change, unit);
  const decided = metric === 'changes' ? counts('first_carried', brings) : leadDecision(change, unit);
  return [{ ...decided, stage: '' }];
}

/** The changes behind a number, a row a deployment that brought them, counted and left out. */
export function explainChanges(history: History, metric: ChangeMetric, params: Params): ExplainedRow[] {
  const [since, until] = [instant(params.since), instant(params.until)];
  const firstUnit = firstUnits(history, params.scope);
  const asked = carriersOf(history, params.scope)
    .filter(({ at }) => at >= since && at < until)
    .filter(({ one, at }) => serviceAsked(history, one.deployment.service, at, params));
  return asked.flatMap((carrier) => {
    const { service, environment, id: evidence } = carrier.one.deployment;
    const about = { at: iso(carrier.at) ?? '', service, environment, subject: 'change' as const };
    return carriedBy(history, carrier).flatMap((change) =>
      decide(change, carrier, metric, firstUnit).map((decided) => ({
        ...about,
        id: nameOf(change),
        ...decided,
        evidence,
      })),
    );
  });
}
