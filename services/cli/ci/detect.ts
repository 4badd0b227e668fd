import { withoutUserinfo } from '../git/repository-url.ts';
import type { CiRun, Environment } from './run.ts';
import { ciSystems } from './systems.ts';

/** The CI run this process is part of, or undefined on a person's machine. `EVENKEEL_*` overrules what the system says. */
export function detectCi(env: Environment): (CiRun & { title: string }) | undefined {
  const system = ciSystems.find((candidate) => candidate.present(env));
  const overrides = overridesOf(env);
  if (system === undefined) {
    return overrides.runId === undefined
      ? undefined
      : { system: 'ci', title: 'EVENKEEL_RUN_ID', ...overrides };
  }
  return { system: system.name, title: system.title, ...filled(system.read(env)), ...overrides };
}

/** What the variables `EVENKEEL_*` say about the source and the run, whether or not a CI system is known. */
export function overridesOf(env: Environment): Partial<CiRun> {
  return filled({
    commit: env['EVENKEEL_COMMIT'],
    repository: env['EVENKEEL_REPOSITORY'],
    branch: env['EVENKEEL_BRANCH'],
    pipeline: env['EVENKEEL_PIPELINE'],
    runId: env['EVENKEEL_RUN_ID'],
    runUrl: env['EVENKEEL_RUN_URL'],
    task: env['EVENKEEL_TASK'],
    attempt: env['EVENKEEL_ATTEMPT'],
  });
}

/**
 * The id a deployment gets when none is given: the one the CI system itself reports it under, else run, attempt, service
 * and environment, so that `start` and `finish` agree. A rollback in the same run is another deployment.
 */
export function deriveDeploymentId(
  run: CiRun | undefined,
  of: { service: string; environment: string; action: string },
): string | undefined {
  const rollback = of.action === 'rollback' ? '-rollback' : '';
  if (run?.deploymentId !== undefined) return run.deploymentId + rollback;
  if (run?.runId === undefined) return;
  const attempt = run.attempt === undefined ? '' : `.${run.attempt}`;
  return `${run.system}-${run.runId}${attempt}-${of.service}-${of.environment}${rollback}`;
}

/** CI systems hand in empty variables for what they do not know; those say nothing. URLs lose their credentials. */
function filled(run: Partial<CiRun>): Partial<CiRun> {
  const said = Object.entries(run).filter((entry): entry is [string, string] => Boolean(entry[1]));
  return Object.fromEntries(
    said.map(([key, value]) => [
      key,
      key === 'repository' || key === 'runUrl' ? withoutUserinfo(value) : value,
    ]),
  );
}
