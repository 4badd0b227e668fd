import { type CostInterval, costIntervals } from './cost-intervals.ts';
import { type CostSlo, definitionAt, type Piece, piecesOf, readCostSlos, spentOf } from './cost-slos.ts';
import { deploymentKey } from './deployments.ts';
import { compareIds, distinctFacts, groupBy, instant, keyOf, type RawFact } from './fact.ts';
import { type History, readHistory } from './history.ts';
import { deploymentInScope, type Params, parseScope, serviceAsked } from './scope.ts';
import { round9 } from './slo-spending.ts';

/** A row of /v1/attribution. */
export interface CostRow {
  deployment_id: string | null;
  service: string;
  environment: string | null;
  slo_id: string;
  kind: 'attributed' | 'ambiguous' | 'background';
  bad: number;
  expected_bad: number | null;
  excess: number | null;
  share: number | null;
  budget_minutes: number | null;
}

/** A deployment's interval and an SLO that watches it, with what was usual before. */
interface Watched {
  slo: CostSlo;
  interval: CostInterval;
  /** Usual bad fraction. */
  baseline: number;
  /** Events that the baseline rests on, 0: none, it is the budget. */
  eventsBefore: number;
}

const sum = (values: readonly number[]) => values.reduce((all, value) => all + value, 0);
const badOf = (pieces: readonly Piece[]) => sum(pieces.map((piece) => piece.bad));
const totalOf = (pieces: readonly Piece[]) => sum(pieces.map((piece) => piece.total));

/** What an SLO watches is decided by its definition at the interval's end, as is its budget. */
function watchedBy(slo: CostSlo, interval: CostInterval, history: History): Watched | null {
  const { deployment, start, end } = interval;
  const definition = definitionAt(slo, end);
  if (definition.retired || definition.service !== deployment.service) return null;
  const tier = history.settings.tier(deployment.service, deployment.environment, deployment.finishedAt);
  const watches =
    definition.environment === null
      ? tier === 'production'
      : definition.environment === deployment.environment;
  if (!watches) return null;
  const quiet = piecesOf(slo, definition)
    .filter((piece) => piece.start >= start - (end - start) && piece.start < start)
    .filter((piece) => !interval.incidents.some(({ from, to }) => piece.start >= from && piece.start < to));
  const eventsBefore = totalOf(quiet);
  const baseline = eventsBefore === 0 ? definition.budget : badOf(quiet) / eventsBefore;
  return { slo, interval, baseline, eventsBefore };
}

/** What is above the usual, 0 unless it is above what chance would explain. */
function judgeExcess(pieces: readonly Piece[], { baseline, eventsBefore }: Watched) {
  const [bad, total] = [badOf(pieces), totalOf(pieces)];
  const expected = total * baseline;
  const excess = bad - expected;
  const uncertain = eventsBefore === 0 ? 1 : 1 + total / eventsBefore;
  const noise = 2 * Math.sqrt(Math.max(1, expected) * uncertain);
  return { bad, expected, excess: round9(excess) > round9(noise) ? excess : 0, noise };
}

/** Whose a piece may be: with a label the deployments of that version, without one all that run then. */
function candidates(piece: Piece, watched: readonly Watched[]): Watched[] {
  return watched.filter(
    ({ interval: { start, end, deployment } }) =>
      piece.start >= start &&
      piece.start < end &&
      (piece.version === null || piece.version === deployment.version),
  );
}

/** What a range of one SLO is made of: every piece of it is of exactly one part. */
interface Parts {
  /** Also deployments that nothing came from. */
  attributed: { watched: Watched; pieces: Piece[] }[];
  /** By the deployments that each may be of. */
  ambiguous: { among: Watched[]; pieces: Piece[] }[];
  background: Piece[];
}

function partsOf(pieces: readonly Piece[], watched: readonly Watched[]): Parts {
  const placed = pieces.map((piece) => ({ piece, among: candidates(piece, watched) }));
  const shared = groupBy(
    placed.filter(({ among }) => among.length > 1),
    ({ among }) => keyOf(...among.map(({ interval }) => interval.deployment.key).sort()),
  );
  return {
    attributed: watched.map((one) => ({
      watched: one,
      pieces: placed.filter(({ among }) => among.length === 1 && among[0] === one).map(({ piece }) => piece),
    })),
    ambiguous: [...shared.values()].map((group) => ({
      among: group[0]?.among ?? [],
      pieces: group.map(({ piece }) => piece),
    })),
    background: placed.filter(({ among }) => among.length === 0).map(({ piece }) => piece),
  };
}

/** The least baseline; of equal ones the one that rests on most events. */
function leastBaseline(among: readonly Watched[]): Watched {
  const [first] = [...among].sort(
    (a, b) => round9(a.baseline) - round9(b.baseline) || b.eventsBefore - a.eventsBefore,
  );
  if (!first) throw new Error('ambiguous among nobody');
  return first;
}

function attributedRow({ slo, interval, ...rest }: Watched, pieces: readonly Piece[]): CostRow {
  const { bad, expected, excess } = judgeExcess(pieces, { slo, interval, ...rest });
  const { deployment, end } = interval;
  const { share, budgetMinutes } = spentOf(slo, definitionAt(slo, end), end, excess);
  return {
    deployment_id: deployment.id,
    service: deployment.service,
    environment: deployment.environment,
    slo_id: slo.id,
    kind: 'attributed',
    bad,
    expected_bad: expected,
    excess,
    share,
    budget_minutes: budgetMinutes,
  };
}

type CostParams = Pick<Params, 'services' | 'team' | 'scope' | 'since' | 'until'> & { slo_ids: string[] };

/** Whether a question is about the SLO's own place; one without environment is about tier `production`. */
function sloAsked(history: History, slo: CostSlo, params: CostParams): boolean {
  const until = instant(params.until);
  const { service, environment } = definitionAt(slo, until);
  if (!serviceAsked(history, service, until, params)) return false;
  const { by, name } = parseScope(params.scope);
  if (environment === null) return by === 'tier' && name === 'production';
  return by === 'environment'
    ? environment === name
    : history.settings.tier(service, environment, until) === name;
}

/** Whether any definition that is in force within [since, until) has not retired the SLO. */
function isInForceWithin(slo: CostSlo, since: number, until: number): boolean {
  const later = slo.definitions.filter(({ saidAt }) => saidAt > since && saidAt < until);
  return [definitionAt(slo, since), ...later].some(({ retired }) => !retired);
}

/** The rows of an SLO's question: the range cuts what intervals contain, not their bounds. */
function sloRows(history: History, slo: CostSlo, intervals: readonly CostInterval[], params: CostParams) {
  const [since, until] = [instant(params.since), instant(params.until)];
  const watched = intervals
    .filter(({ start, end }) => start < until && end > since && start < end)
    .flatMap((interval) => watchedBy(slo, interval, history) ?? []);
  const definition = definitionAt(slo, until);
  const pieces = piecesOf(slo, definition).filter(({ start }) => start >= since && start < until);
  const { attributed, ambiguous, background } = partsOf(pieces, watched);
  const asked = attributed.filter(
    ({ watched: { interval } }) =>
      deploymentInScope(history, interval.deployment, params.scope) &&
      serviceAsked(history, interval.deployment.service, interval.deployment.finishedAt, params),
  );
  const rows = asked.map((one) => attributedRow(one.watched, one.pieces));
  if (!sloAsked(history, slo, params) || !isInForceWithin(slo, since, until)) return rows;
  const judged = ambiguous.map((group) => judgeExcess(group.pieces, leastBaseline(group.among)));
  const whole = {
    deployment_id: null,
    service: definition.service,
    environment: definition.environment,
    slo_id: slo.id,
    share: null,
    budget_minutes: null,
  };
  const shared = sum(judged.map((one) => one.excess));
  const onAccounts = sum(attributed.map((one) => judgeExcess(one.pieces, one.watched).excess));
  rows.push({
    ...whole,
    kind: 'ambiguous',
    bad: sum(judged.map((one) => one.bad)),
    expected_bad: sum(judged.map((one) => one.expected)),
    excess: shared,
  });
  rows.push({
    ...whole,
    kind: 'background',
    bad: badOf(background),
    expected_bad: null,
    // On nobody's account, also what was usual while deployments were watched.
    excess: badOf(pieces) - onAccounts - shared,
  });
  return rows;
}

function compareRows(a: CostRow, b: CostRow): number {
  return (
    compareIds(a.slo_id, b.slo_id) ||
    compareIds(a.kind, b.kind) ||
    compareIds(a.service, b.service) ||
    compareIds(a.environment ?? '', b.environment ?? '') ||
    compareIds(a.deployment_id ?? '', b.deployment_id ?? '')
  );
}

/** The rows of /v1/attribution, by SLO, kind, service, environment and id. */
export function attribution(facts: readonly RawFact[], params: CostParams): CostRow[] {
  const history = readHistory(facts);
  const intervals = costIntervals(history);
  return readCostSlos(distinctFacts(facts))
    .filter((slo) => params.slo_ids.length === 0 || params.slo_ids.includes(slo.id))
    .flatMap((slo) => sloRows(history, slo, intervals, params))
    .sort(compareRows);
}

/** What every counted deployment cost, by its key: a row for each SLO that watches it, by slo_id. */
export function allCosts(facts: readonly RawFact[]): Map<string, CostRow[]> {
  const history = readHistory(facts);
  const intervals = costIntervals(history);
  const costs = new Map<string, CostRow[]>(intervals.map(({ deployment }) => [deployment.key, []]));
  for (const slo of readCostSlos(distinctFacts(facts))) {
    const watched = intervals.flatMap((interval) => watchedBy(slo, interval, history) ?? []);
    for (const own of watched) {
      const pieces = piecesOf(slo, definitionAt(slo, own.interval.end)).filter((piece) => {
        const [only, ...others] = candidates(piece, watched);
        return only === own && others.length === 0;
      });
      costs.get(own.interval.deployment.key)?.push(attributedRow(own, pieces));
    }
  }
  return costs;
}

/** The same columns for one deployment. */
export function deploymentCosts(
  facts: readonly RawFact[],
  asked: { service: string; environment: string; deployment_id: string },
): CostRow[] {
  const key = deploymentKey(asked.service, asked.environment, asked.deployment_id);
  return allCosts(facts).get(key) ?? [];
}
