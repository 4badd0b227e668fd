/** The variables of a process. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** What a CI system says about the run it is in, in one vocabulary. Absent fields are what it does not say. */
export interface CiRun {
  /** Short name of the system, part of derived ids: `github`, `gitlab`, … */
  system: string;
  commit?: string | undefined;
  /** RFC 3339 with zone. */
  commitAt?: string | undefined;
  /** As the system has it; may hold credentials, so it goes through `withoutUserinfo` before it is reported. */
  repository?: string | undefined;
  branch?: string | undefined;
  pipeline?: string | undefined;
  /** The same in every job of the run. */
  runId?: string | undefined;
  runUrl?: string | undefined;
  task?: string | undefined;
  taskRunId?: string | undefined;
  /** Differs when the same run, or the job in it, is run again. */
  attempt?: string | undefined;
  /** The environment the system itself says it deploys to. */
  environment?: string | undefined;
  /** The id under which the system's own webhooks or telemetry report this deployment. */
  deploymentId?: string | undefined;
}

/** One row of the table of CI systems. */
export interface CiSystem {
  name: string;
  title: string;
  present(env: Environment): boolean;
  read(env: Environment): Omit<CiRun, 'system'>;
}
