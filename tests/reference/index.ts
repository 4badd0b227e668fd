import * as dora from './dora.ts';
import * as explained from './explain.ts';
import type { RawFact } from './fact.ts';
import { readHistory } from './history.ts';
import * as stages from './lead-time.ts';
import * as lists from './lists.ts';
import type { Params } from './scope.ts';
import * as thin from './thin-data.ts';

export { costScenarioArbitrary } from './cost-histories.ts';
export { attribution, type CostRow, deploymentCosts } from './costs.ts';
export { type Metric, metrics } from './explain.ts';
export { explainErrorBudget } from './explain-budget.ts';
export type { RawFact } from './fact.ts';
export { readHistory } from './history.ts';
export { ofArrival, quality, withExample } from './quality.ts';
export { received } from './received.ts';
export { everything, type Params } from './scope.ts';
export { sloBudget, sloBudgetHistory } from './slo-budget.ts';
export { sloBurn, sloBurnHistory } from './slo-burn.ts';

type ListParams = Pick<Params, 'services' | 'team' | 'scope' | 'since' | 'until'>;

/** The one row of /v1/dora/summary. */
export const doraSummary = (facts: readonly RawFact[], params: Params) =>
  dora.doraSummary(readHistory(facts), params);

/** The rows of /v1/dora/timeseries. */
export const doraTimeseries = (facts: readonly RawFact[], params: Params) =>
  dora.doraTimeseries(readHistory(facts), params);

/** The rows of /v1/dora/lead-time/stages. */
export const leadTimeStages = (facts: readonly RawFact[], params: Omit<Params, 'tz' | 'interval'>) =>
  stages.leadTimeStages(readHistory(facts), params);

/** The rows of /v1/deployments. */
export const deploymentList = (facts: readonly RawFact[], params: ListParams) =>
  lists.deploymentList(readHistory(facts), params);

/** The rows of /v1/incidents. */
export const incidentList = (facts: readonly RawFact[], params: ListParams) =>
  lists.incidentList(readHistory(facts), params);

/** The rows of /v1/explain/{metric}. */
export const explain = (facts: readonly RawFact[], metric: explained.Metric, params: Params) =>
  explained.explain(readHistory(facts), metric, params);

/** The notes of `meta.quality` about a selection. */
export const thinData = (facts: readonly RawFact[], params: Params) =>
  thin.thinData(readHistory(facts), params);

export { posted, scenarioArbitrary } from './histories.ts';
export { sloScenarioArbitrary } from './slo-histories.ts';
