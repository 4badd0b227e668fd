export {
  type ErrorCode,
  type ErrorDefinition,
  EvenkeelError,
  type ExitReason,
  errorCatalogue,
  exitCatalogue,
  type FieldProblem,
  type ProblemDetails,
  StartError,
} from './errors.ts';
export { refuseForeignPages } from './foreign-pages.ts';
export { createHealthEndpoints, type HealthAnswer, type HealthEndpoints } from './health.ts';
export { releaseIdleConnections } from './idle-connections.ts';
export {
  createLifecycle,
  type Lifecycle,
  type LifecycleState,
  type SignalSource,
  start,
  stopOnSignals,
} from './lifecycle.ts';
export { createLogger, type Logger, type LogOutput, logListening } from './log.ts';
export { problemSchema } from './problem-schema.ts';
export {
  createReadiness,
  type PartState,
  type Readiness,
  type ReadinessPart,
  type ReadinessReport,
} from './readiness.ts';
export { runService, type ServiceContext } from './service.ts';
export { type Config, readConfig, type SettingName, secretValues, settings } from './settings.ts';
export { startTelemetry, type Telemetry } from './telemetry.ts';
export {
  type AcceptedToken,
  type Authorization,
  authorize,
  isLoopback,
  parseTokens,
  refuseToListen,
  type Scope,
} from './tokens.ts';
