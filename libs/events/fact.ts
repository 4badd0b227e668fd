import { z } from 'zod';
import { type ChangeFact, changeFact } from './kinds/change.ts';
import { type CorrectionFact, correctionFact } from './kinds/correction.ts';
import { type DeploymentFact, deploymentFact } from './kinds/deployment.ts';
import { type DrillFact, drillFact } from './kinds/drill.ts';
import { type GateDecisionFact, gateDecisionFact } from './kinds/gate-decision.ts';
import { type IncidentFact, incidentFact } from './kinds/incident.ts';
import { type ReviewFact, reviewFact } from './kinds/review.ts';
import { type ServiceFact, serviceFact } from './kinds/service.ts';
import { type SliFact, sliFact } from './kinds/sli.ts';
import { type SloFact, sloFact } from './kinds/slo.ts';
import { type SloAlertFact, sloAlertFact } from './kinds/slo-alert.ts';

/** A fact of any kind as producers send it; parsing gives it normalised, but without its default `event_id`. */
export const factSchema = z.discriminatedUnion('kind', [
  deploymentFact,
  changeFact,
  incidentFact,
  sloFact,
  sliFact,
  sloAlertFact,
  correctionFact,
  serviceFact,
  reviewFact,
  gateDecisionFact,
  drillFact,
]);

/**
 * One thing that one producer reported once, as it is kept: instants as `YYYY-MM-DDTHH:mm:ss.sssZ`, repository
 * normalised, `event_id` and `source` filled in, nulls dropped.
 */
export type Fact =
  | DeploymentFact
  | ChangeFact
  | IncidentFact
  | SloFact
  | SliFact
  | SloAlertFact
  | CorrectionFact
  | ServiceFact
  | ReviewFact
  | GateDecisionFact
  | DrillFact;

/** What a fact speaks of. */
export type FactKind = Fact['kind'];

/** Every {@link FactKind}. */
export const factKinds: readonly FactKind[] = factSchema.options.map((option) => option.shape.kind.value);
