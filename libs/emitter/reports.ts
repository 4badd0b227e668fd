/** What a deployment did to a service: the `action` of a `deployment` fact. */
export type DeploymentAction = 'deploy' | 'rollback' | 'hotfix';

/** How a deployment ended: the `outcome` of a `deployment` fact. */
export type DeploymentOutcome = 'succeeded' | 'failed' | 'cancelled';

/** How the new version reached its users. */
export type DeploymentStrategy = 'all_at_once' | 'rolling' | 'canary' | 'blue_green' | 'ring';

/** The pipeline run that performs a deployment, in the words of OpenTelemetry's `cicd.*` conventions. */
export interface PipelineRun {
  /** The CI system's own name for the pipeline. */
  pipeline?: string;
  runId?: string;
  /** Address of the run, for people. */
  runUrl?: string;
  /** The job or task within the run. */
  task?: string;
  taskRunId?: string;
  /** Branch or tag the run was started for. */
  branch?: string;
}

/** One commit that a deployment carries. */
export interface ChangeReport {
  /** Full commit SHA. */
  changeId: string;
  repository?: string;
  /** RFC 3339 with zone. */
  committedAt?: string;
  linesChanged?: number;
  filesChanged?: number;
}

/** Ids a span must have because somebody (a child process) was already told of them. Lower-case hex. */
export interface SpanIds {
  /** 32 hex digits. Ignored when a `traceparent` is continued: the parent's trace id rules. */
  traceId: string;
  /** 16 hex digits. */
  spanId: string;
}

/** What is known of a deployment when it is first reported. */
export interface DeploymentReport {
  service: string;
  /** @default 'production' */
  environment?: string;
  /** Unique within service and environment. @default the span's own trace and span id */
  deploymentId?: string;
  /** @default 'deploy' */
  action?: DeploymentAction;
  version?: string;
  commit?: string;
  /** When the commit was made, RFC 3339 with zone. */
  commitAt?: string;
  repository?: string;
  strategy?: DeploymentStrategy;
  /** Ties the deployments of one rollout over several environments together. */
  rolloutId?: string;
  rollsBackDeployment?: string;
  rollsBackToVersion?: string;
  fixesDeployment?: string;
  fixesIncident?: string;
  /** True when no person decided on it. */
  automatic?: boolean;
  artifactDigest?: string;
  pipelineRun?: PipelineRun;
  changes?: readonly ChangeReport[];
  /** What else someone may query; no secrets. At most 32 entries of at most 1 KiB survive ingestion. */
  attributes?: Readonly<Record<string, string>>;
  /** @default now */
  startedAt?: Date;
  /** W3C `traceparent` of the trace to continue; one that cannot be parsed is ignored, as the standard asks. */
  traceparent?: string;
  spanIds?: SpanIds;
}

/** How a deployment ended. */
export interface DeploymentEnd {
  outcome: DeploymentOutcome;
  /** @default now */
  finishedAt?: Date;
  /** Exit code of the command that deployed. */
  exitCode?: number;
  /** Short class of the failure, for example `exit_1` or `SIGKILL`. */
  errorType?: string;
}

/** A step of an incident's life: the `transition` of an `incident` fact. */
export type IncidentTransition =
  | 'opened'
  | 'acknowledged'
  | 'mitigated'
  | 'resolved'
  | 'reopened'
  | 'updated'
  | 'cancelled'
  | 'linked'
  | 'unlinked';

/** One transition of one incident. */
export interface IncidentReport {
  incidentId: string;
  transition: IncidentTransition;
  service?: string;
  environment?: string;
  severity?: string;
  title?: string;
  url?: string;
  detectedBy?: 'monitoring' | 'people' | 'customer';
  /** Required for `linked` and `unlinked`. */
  deploymentId?: string;
  reason?: string;
  /** @default now */
  occurredAt?: Date;
}
