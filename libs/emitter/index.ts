export { createEmitter } from './create-emitter.ts';
export type { Delivery } from './delivery.ts';
export type { Emitter, EmitterOptions, RunningDeployment } from './emitter.ts';
export type {
  ChangeReport,
  DeploymentAction,
  DeploymentEnd,
  DeploymentOutcome,
  DeploymentReport,
  DeploymentStrategy,
  IncidentReport,
  IncidentTransition,
  PipelineRun,
  SpanIds,
} from './reports.ts';
export { formatTraceparent, parseTraceparent } from './traceparent.ts';
