import { githubDeploymentId } from './github-event.ts';
import type { CiSystem, Environment } from './run.ts';

/**
 * What each CI system documents about its variables. Order matters where one runs inside another: the
 * innermost that knows commit and repository comes first.
 */
export const ciSystems: readonly CiSystem[] = [
  {
    name: 'github',
    title: 'GitHub Actions',
    present: (env) => env['GITHUB_ACTIONS'] === 'true',
    read: (env) => {
      const repository = join(env['GITHUB_SERVER_URL'], '/', env['GITHUB_REPOSITORY']);
      return {
        commit: env['GITHUB_SHA'],
        repository,
        branch: env['GITHUB_REF_NAME'],
        pipeline: env['GITHUB_WORKFLOW'],
        runId: env['GITHUB_RUN_ID'],
        runUrl: join(repository, '/actions/runs/', env['GITHUB_RUN_ID']),
        task: env['GITHUB_JOB'],
        attempt: env['GITHUB_RUN_ATTEMPT'],
        deploymentId: githubDeploymentId(env),
      };
    },
  },
  {
    name: 'gitlab',
    title: 'GitLab CI',
    present: (env) => env['GITLAB_CI'] === 'true',
    read: (env) => ({
      commit: env['CI_COMMIT_SHA'],
      commitAt: env['CI_COMMIT_TIMESTAMP'],
      // Not CI_REPOSITORY_URL: that one holds the job's token.
      repository: env['CI_PROJECT_URL'],
      branch: env['CI_COMMIT_REF_NAME'],
      pipeline: env['CI_PIPELINE_NAME'] || env['CI_PROJECT_PATH'],
      runId: env['CI_PIPELINE_ID'],
      runUrl: env['CI_JOB_URL'] || env['CI_PIPELINE_URL'],
      task: env['CI_JOB_NAME'],
      taskRunId: env['CI_JOB_ID'],
      environment: env['CI_ENVIRONMENT_NAME'],
      // The Deployment Hook calls it deployable_id; a retried job has a new one.
      deploymentId: env['CI_JOB_ID'],
    }),
  },
  {
    name: 'buildkite',
    title: 'Buildkite',
    present: (env) => env['BUILDKITE'] === 'true',
    read: (env) => ({
      // A build started for the tip of a branch has the word HEAD here.
      commit: env['BUILDKITE_COMMIT'] === 'HEAD' ? undefined : env['BUILDKITE_COMMIT'],
      repository: env['BUILDKITE_REPO'],
      branch: env['BUILDKITE_BRANCH'],
      pipeline: env['BUILDKITE_PIPELINE_SLUG'],
      runId: env['BUILDKITE_BUILD_ID'],
      runUrl: env['BUILDKITE_BUILD_URL'],
      task: env['BUILDKITE_STEP_KEY'] || env['BUILDKITE_LABEL'],
      taskRunId: env['BUILDKITE_JOB_ID'],
      attempt: env['BUILDKITE_RETRY_COUNT'],
      deploymentId: env['BUILDKITE_GITHUB_DEPLOYMENT_ID'],
    }),
  },
  {
    name: 'circleci',
    title: 'CircleCI',
    present: (env) => env['CIRCLECI'] === 'true',
    read: (env) => ({
      commit: env['CIRCLE_SHA1'],
      repository: env['CIRCLE_REPOSITORY_URL'],
      branch: env['CIRCLE_BRANCH'] || env['CIRCLE_TAG'],
      pipeline: env['CIRCLE_PROJECT_REPONAME'],
      // Running a workflow again makes a new workflow id, so no attempt is needed.
      runId: env['CIRCLE_WORKFLOW_ID'],
      runUrl: env['CIRCLE_BUILD_URL'],
      task: env['CIRCLE_JOB'],
      taskRunId: env['CIRCLE_WORKFLOW_JOB_ID'],
    }),
  },
  {
    name: 'azure',
    title: 'Azure Pipelines',
    present: (env) => env['TF_BUILD']?.toLowerCase() === 'true',
    read: (env) => ({
      commit: env['BUILD_SOURCEVERSION'],
      repository: env['BUILD_REPOSITORY_URI'],
      branch: env['BUILD_SOURCEBRANCH']?.replace(/^refs\/(heads|tags)\//, ''),
      pipeline: env['BUILD_DEFINITIONNAME'],
      runId: env['BUILD_BUILDID'],
      runUrl: azureRunUrl(env),
      task: env['SYSTEM_JOBNAME'] || env['AGENT_JOBNAME'],
      taskRunId: env['SYSTEM_JOBID'],
      attempt: env['SYSTEM_JOBATTEMPT'],
      environment: env['ENVIRONMENT_NAME'],
    }),
  },
  {
    name: 'jenkins',
    title: 'Jenkins',
    present: (env) => Boolean(env['JENKINS_URL'] && env['BUILD_NUMBER']),
    read: (env) => ({
      commit: env['GIT_COMMIT'],
      repository: env['GIT_URL'] || env['GIT_URL_1'],
      branch: env['BRANCH_NAME'] || env['GIT_BRANCH'],
      pipeline: env['JOB_NAME'],
      runId: join(env['JOB_NAME'], '#', env['BUILD_NUMBER']),
      runUrl: env['RUN_DISPLAY_URL'] || env['BUILD_URL'],
      task: env['STAGE_NAME'],
      deploymentId: join(env['JOB_NAME'], '#', env['BUILD_NUMBER']),
    }),
  },
  {
    name: 'argo',
    title: 'Argo Workflows',
    present: (env) => Boolean(env['ARGO_NODE_ID'] && env['ARGO_CONTAINER_NAME']),
    read: (env) => ({
      // Older versions name only the node: the workflow's name and a hash.
      runId: env['ARGO_WORKFLOW_NAME'] || env['ARGO_NODE_ID']?.replace(/-\d+$/, ''),
      task: argoTemplateName(env),
      taskRunId: env['ARGO_NODE_ID'],
    }),
  },
  {
    name: 'tekton',
    title: 'Tekton',
    // Tekton sets no variables of its own; docs/cli.md has the four lines that hand these in.
    present: (env) => Boolean(env['TEKTON_PIPELINE_RUN'] || env['TEKTON_TASK_RUN']),
    read: (env) => ({
      pipeline: env['TEKTON_PIPELINE'],
      runId: env['TEKTON_PIPELINE_RUN'] || env['TEKTON_TASK_RUN'],
      task: env['TEKTON_TASK'],
      taskRunId: env['TEKTON_TASK_RUN'],
      attempt: env['TEKTON_RETRY_COUNT'],
    }),
  },
];

/** The parts as one text, or nothing when one of them is missing. */
function join(...parts: (string | undefined)[]): string | undefined {
  return parts.every(Boolean) ? parts.join('') : undefined;
}

function azureRunUrl(env: Environment): string | undefined {
  const collection = env['SYSTEM_COLLECTIONURI'] || env['SYSTEM_TEAMFOUNDATIONCOLLECTIONURI'];
  const project = env['SYSTEM_TEAMPROJECT'];
  return join(
    collection?.replace(/\/?$/, '/'),
    project && encodeURIComponent(project),
    '/_build/results?buildId=',
    env['BUILD_BUILDID'],
  );
}

function argoTemplateName(env: Environment): string | undefined {
  try {
    const name: unknown = JSON.parse(env['ARGO_TEMPLATE'] ?? '')?.name;
    return typeof name === 'string' ? name : undefined;
  } catch {
    return;
  }
}
