import type { DeploymentAction, DeploymentReport, DeploymentStrategy } from '@evenkeel/emitter';
import { deriveDeploymentId, detectCi, overridesOf } from './ci/detect.ts';
import type { CiRun, Environment } from './ci/run.ts';
import type { Flag, FlagValues } from './flags.ts';
import { withoutUserinfo } from './git/repository-url.ts';

const STRATEGIES = ['all_at_once', 'rolling', 'canary', 'blue_green', 'ring'] as const;
const MOST_ATTRIBUTES = 32;
const LONGEST_ATTRIBUTE_BYTES = 1024;

/** Options that name the deployment; every form of `deploy` and `rollback` has them. */
const identity: Record<string, Flag> = {
  service: { value: 'NAME', help: 'what is deployed; required, or EVENKEEL_SERVICE' },
  environment: {
    value: 'NAME',
    help: 'where to; EVENKEEL_ENVIRONMENT, what the CI system says, or production',
  },
  id: { value: 'ID', help: 'deployment id; derived from the CI run, else made up' },
};

const described: Record<string, Flag> = {
  version: { value: 'V', help: 'the version that is deployed' },
  commit: { value: 'SHA', help: 'its commit; from the CI system or Git' },
  repository: { value: 'URL', help: 'its repository; from the CI system or Git' },
  url: { value: 'URL', help: 'where people can watch it; from the CI system' },
  strategy: { value: 'S', choices: STRATEGIES, help: 'how users get it' },
  rollout: { value: 'ID', help: 'ties the deployments of one rollout over several environments together' },
  automatic: { help: 'no person decided on it' },
  'artifact-digest': { value: 'D', help: 'digest of what is deployed, such as sha256:…' },
  attribute: { value: 'K=V', repeatable: true, help: 'anything else to query by; repeatable, no secrets' },
};

/** Options of `deploy`. */
export const deployFlags: Record<string, Flag> = {
  ...identity,
  ...described,
  'changes-from': { value: 'REV', help: 'report the commits since this Git revision as its changes' },
  hotfix: { help: 'it repairs an earlier deployment' },
  'fixes-incident': { value: 'ID', help: 'the incident it repairs; implies --hotfix' },
  'fixes-deployment': { value: 'ID', help: 'the deployment it repairs; implies --hotfix' },
};

/** Options of `rollback`. */
export const rollbackFlags: Record<string, Flag> = {
  ...identity,
  ...described,
  'to-version': { value: 'V', help: 'the version to go back to' },
  'of-deployment': { value: 'ID', help: 'the deployment that is taken back' },
  'fixes-incident': { value: 'ID', help: 'the incident it ends' },
};

/** What the command line and the environment say of a deployment, before Git is asked. */
export interface DeploymentPlan {
  report: DeploymentReport & { deploymentId: string; environment: string };
  changesFrom: string | undefined;
}

export type Planned = { outcome: 'ok'; plan: DeploymentPlan } | { outcome: 'rejected'; message: string };

/** Puts a deployment together from options, `EVENKEEL_*` and the CI system, in this order. */
export function planDeployment(
  kind: 'deploy' | 'rollback',
  flags: FlagValues,
  env: Environment,
  fallbackId: () => string | undefined,
): Planned {
  const run: Partial<CiRun> = detectCi(env) ?? overridesOf(env);
  const service = flags.text('service') ?? (env['EVENKEEL_SERVICE'] || undefined);
  if (service === undefined) return rejected('--service is required (or set EVENKEEL_SERVICE)');
  const environment =
    flags.text('environment') ?? (env['EVENKEEL_ENVIRONMENT'] || run.environment || 'production');
  const action = actionOf(kind, flags);
  const ci = run.system === undefined ? undefined : ({ ...run, system: run.system } as CiRun);
  const deploymentId =
    flags.text('id') ?? deriveDeploymentId(ci, { service, environment, action }) ?? fallbackId();
  if (deploymentId === undefined) {
    return rejected(
      '--id is required here: no CI run is known to derive it from; use the one that "start" printed',
    );
  }
  const attributes = readAttributes(flags.all('attribute'));
  if (attributes.outcome === 'rejected') return attributes;
  const changesFrom = flags.text('changes-from');
  if (changesFrom?.startsWith('-'))
    return rejected(`--changes-from takes a Git revision; not "${changesFrom}"`);
  const toVersion = flags.text('to-version');
  const repository = flags.text('repository') ?? run.repository;
  const url = flags.text('url') ?? run.runUrl;
  const report = known<DeploymentPlan['report']>({
    service,
    environment,
    deploymentId,
    action,
    version: flags.text('version') ?? toVersion,
    commit: flags.text('commit') ?? run.commit,
    commitAt: flags.text('commit') === undefined ? run.commitAt : undefined,
    repository: repository && withoutUserinfo(repository),
    strategy: flags.text('strategy') as DeploymentStrategy | undefined,
    rolloutId: flags.text('rollout'),
    rollsBackDeployment: flags.text('of-deployment'),
    rollsBackToVersion: toVersion,
    fixesIncident: flags.text('fixes-incident'),
    fixesDeployment: flags.text('fixes-deployment'),
    automatic: flags.on('automatic') || undefined,
    artifactDigest: flags.text('artifact-digest'),
    attributes: attributes.value,
    traceparent: env['TRACEPARENT'],
    pipelineRun: known({
      pipeline: run.pipeline,
      runId: run.runId,
      runUrl: url && withoutUserinfo(url),
      task: run.task,
      taskRunId: run.taskRunId,
      branch: run.branch,
    }),
  });
  return { outcome: 'ok', plan: { report, changesFrom } };
}

function actionOf(kind: 'deploy' | 'rollback', flags: FlagValues): DeploymentAction {
  if (kind === 'rollback') return 'rollback';
  const repairs = flags.text('fixes-incident') ?? flags.text('fixes-deployment');
  return flags.on('hotfix') || repairs !== undefined ? 'hotfix' : 'deploy';
}

function readAttributes(
  pairs: readonly string[],
): { outcome: 'ok'; value: Record<string, string> } | { outcome: 'rejected'; message: string } {
  if (pairs.length > MOST_ATTRIBUTES)
    return rejected(`--attribute can be given at most ${MOST_ATTRIBUTES} times`);
  const value: Record<string, string> = {};
  for (const pair of pairs) {
    const equals = pair.indexOf('=');
    if (equals < 1) return rejected(`--attribute takes key=value; not "${pair}"`);
    const text = pair.slice(equals + 1);
    if (Buffer.byteLength(text) > LONGEST_ATTRIBUTE_BYTES) {
      return rejected(`--attribute ${pair.slice(0, equals)} is longer than ${LONGEST_ATTRIBUTE_BYTES} bytes`);
    }
    value[pair.slice(0, equals)] = text;
  }
  return { outcome: 'ok', value };
}

function rejected(message: string): { outcome: 'rejected'; message: string } {
  return { outcome: 'rejected', message };
}

type Sparse<T> = { [K in keyof T]: T[K] | undefined };

/** The fields that have a value: an absent fact is absent, not `undefined`. */
function known<T extends object>(fields: Sparse<T>): T {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as T;
}
