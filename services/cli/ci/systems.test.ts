import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { deriveDeploymentId, detectCi } from './detect.ts';
import type { Environment } from './run.ts';
import { ciSystems } from './systems.ts';

const SHA = '9fceb02d0ae598e95dc970b74767f19372d61af8';

/** Per system: variables as its documentation shows them, what they mean here, and the id a deployment gets. */
const samples: Record<string, { env: Environment; run: object; id: string }> = {
  github: {
    env: {
      GITHUB_ACTIONS: 'true',
      GITHUB_SHA: SHA,
      GITHUB_SERVER_URL: 'https://github.com',
      GITHUB_REPOSITORY: 'octo/hello',
      GITHUB_REF_NAME: 'main',
      GITHUB_WORKFLOW: 'Deploy',
      GITHUB_RUN_ID: '1658821493',
      GITHUB_RUN_ATTEMPT: '2',
      GITHUB_JOB: 'production',
    },
    run: {
      commit: SHA,
      repository: 'https://github.com/octo/hello',
      branch: 'main',
      pipeline: 'Deploy',
      runId: '1658821493',
      runUrl: 'https://github.com/octo/hello/actions/runs/1658821493',
      task: 'production',
      attempt: '2',
    },
    id: 'github-1658821493.2-shop-production',
  },
  gitlab: {
    env: {
      GITLAB_CI: 'true',
      CI_COMMIT_SHA: SHA,
      CI_COMMIT_TIMESTAMP: '2026-01-31T16:47:55Z',
      CI_PROJECT_URL: 'https://gitlab.com/group/project',
      CI_REPOSITORY_URL: 'https://gitlab-ci-token:[MASKED]@gitlab.com/group/project.git',
      CI_PROJECT_PATH: 'group/project',
      CI_COMMIT_REF_NAME: 'main',
      CI_PIPELINE_ID: '1000',
      CI_PIPELINE_URL: 'https://gitlab.com/group/project/-/pipelines/1000',
      CI_JOB_URL: 'https://gitlab.com/group/project/-/jobs/50',
      CI_JOB_NAME: 'deploy',
      CI_JOB_ID: '50',
      CI_ENVIRONMENT_NAME: 'production/eu',
    },
    run: {
      commit: SHA,
      commitAt: '2026-01-31T16:47:55Z',
      repository: 'https://gitlab.com/group/project',
      branch: 'main',
      pipeline: 'group/project',
      runId: '1000',
      runUrl: 'https://gitlab.com/group/project/-/jobs/50',
      task: 'deploy',
      taskRunId: '50',
      environment: 'production/eu',
      deploymentId: '50',
    },
    id: '50',
  },
  buildkite: {
    env: {
      BUILDKITE: 'true',
      BUILDKITE_COMMIT: SHA,
      BUILDKITE_REPO: 'git@github.com:acme/app.git',
      BUILDKITE_BRANCH: 'main',
      BUILDKITE_PIPELINE_SLUG: 'app',
      BUILDKITE_BUILD_ID: '4735ba57-80d0-46e2-8fa0-b28223a86586',
      BUILDKITE_BUILD_URL: 'https://buildkite.com/acme/app/builds/1514',
      BUILDKITE_LABEL: ':rocket: Deploy',
      BUILDKITE_STEP_KEY: '',
      BUILDKITE_JOB_ID: 'e44f9784-e20e-4b93-a21d-f41fd5869db9',
      BUILDKITE_RETRY_COUNT: '0',
    },
    run: {
      commit: SHA,
      repository: 'git@github.com:acme/app.git',
      branch: 'main',
      pipeline: 'app',
      runId: '4735ba57-80d0-46e2-8fa0-b28223a86586',
      runUrl: 'https://buildkite.com/acme/app/builds/1514',
      task: ':rocket: Deploy',
      taskRunId: 'e44f9784-e20e-4b93-a21d-f41fd5869db9',
      attempt: '0',
    },
    id: 'buildkite-4735ba57-80d0-46e2-8fa0-b28223a86586.0-shop-production',
  },
  circleci: {
    env: {
      CIRCLECI: 'true',
      CIRCLE_SHA1: SHA,
      CIRCLE_REPOSITORY_URL: 'git@github.com:acme/app.git',
      CIRCLE_BRANCH: 'main',
      CIRCLE_PROJECT_REPONAME: 'app',
      CIRCLE_WORKFLOW_ID: '0f0e5c2e-8e54-4b5b-8b2c-5c1d3a3a9a11',
      CIRCLE_BUILD_URL: 'https://circleci.com/gh/acme/app/77',
      CIRCLE_JOB: 'deploy',
      CIRCLE_WORKFLOW_JOB_ID: '7d6a2f0a-4e59-4a3f-8d61-0a4d3f1c2b3e',
    },
    run: {
      commit: SHA,
      repository: 'git@github.com:acme/app.git',
      branch: 'main',
      pipeline: 'app',
      runId: '0f0e5c2e-8e54-4b5b-8b2c-5c1d3a3a9a11',
      runUrl: 'https://circleci.com/gh/acme/app/77',
      task: 'deploy',
      taskRunId: '7d6a2f0a-4e59-4a3f-8d61-0a4d3f1c2b3e',
    },
    id: 'circleci-0f0e5c2e-8e54-4b5b-8b2c-5c1d3a3a9a11-shop-production',
  },
  azure: {
    env: {
      TF_BUILD: 'True',
      BUILD_SOURCEVERSION: SHA,
      BUILD_REPOSITORY_URI: 'https://acme@dev.azure.com/acme/Shop%20Front/_git/app',
      BUILD_SOURCEBRANCH: 'refs/heads/release/7',
      BUILD_DEFINITIONNAME: 'app-cd',
      BUILD_BUILDID: '4711',
      SYSTEM_COLLECTIONURI: 'https://dev.azure.com/acme/',
      SYSTEM_TEAMPROJECT: 'Shop Front',
      SYSTEM_JOBNAME: 'deploy',
      SYSTEM_JOBID: '12f1170f-54f2-53f3-20dd-22fc7dff55f9',
      SYSTEM_JOBATTEMPT: '1',
      ENVIRONMENT_NAME: 'prod',
    },
    run: {
      commit: SHA,
      repository: 'https://dev.azure.com/acme/Shop%20Front/_git/app',
      branch: 'release/7',
      pipeline: 'app-cd',
      runId: '4711',
      runUrl: 'https://dev.azure.com/acme/Shop%20Front/_build/results?buildId=4711',
      task: 'deploy',
      taskRunId: '12f1170f-54f2-53f3-20dd-22fc7dff55f9',
      attempt: '1',
      environment: 'prod',
    },
    id: 'azure-4711.1-shop-production',
  },
  jenkins: {
    env: {
      JENKINS_URL: 'https://ci.example.com/',
      GIT_COMMIT: SHA,
      GIT_URL: 'https://bot:t0ken@git.example.com/acme/app.git',
      GIT_BRANCH: 'origin/main',
      JOB_NAME: 'acme/app/main',
      BUILD_NUMBER: '153',
      BUILD_URL: 'https://ci.example.com/job/acme/job/app/job/main/153/',
      STAGE_NAME: 'Deploy',
    },
    run: {
      commit: SHA,
      repository: 'https://git.example.com/acme/app.git',
      branch: 'origin/main',
      pipeline: 'acme/app/main',
      runId: 'acme/app/main#153',
      runUrl: 'https://ci.example.com/job/acme/job/app/job/main/153/',
      task: 'Deploy',
      deploymentId: 'acme/app/main#153',
    },
    id: 'acme/app/main#153',
  },
  argo: {
    env: {
      ARGO_NODE_ID: 'release-x7k2p-1843299517',
      ARGO_CONTAINER_NAME: 'main',
      ARGO_TEMPLATE: '{"name":"deploy","inputs":{}}',
      EVENKEEL_COMMIT: SHA,
      EVENKEEL_REPOSITORY: 'https://git.example.com/acme/app',
      EVENKEEL_RUN_URL: 'https://argo.example.com/workflows/ci/release-x7k2p',
      EVENKEEL_PIPELINE: 'release',
    },
    run: {
      commit: SHA,
      repository: 'https://git.example.com/acme/app',
      pipeline: 'release',
      runId: 'release-x7k2p',
      runUrl: 'https://argo.example.com/workflows/ci/release-x7k2p',
      task: 'deploy',
      taskRunId: 'release-x7k2p-1843299517',
    },
    id: 'argo-release-x7k2p-shop-production',
  },
  tekton: {
    env: {
      TEKTON_PIPELINE: 'release',
      TEKTON_PIPELINE_RUN: 'release-run-9',
      TEKTON_TASK: 'deploy',
      TEKTON_TASK_RUN: 'release-run-9-deploy',
      TEKTON_RETRY_COUNT: '0',
      EVENKEEL_COMMIT: SHA,
      EVENKEEL_REPOSITORY: 'https://git.example.com/acme/app',
    },
    run: {
      commit: SHA,
      repository: 'https://git.example.com/acme/app',
      pipeline: 'release',
      runId: 'release-run-9',
      task: 'deploy',
      taskRunId: 'release-run-9-deploy',
      attempt: '0',
    },
    id: 'tekton-release-run-9.0-shop-production',
  },
};

const target = { service: 'shop', environment: 'production', action: 'deploy' };

describe.each(ciSystems.map((system) => [system.name, system.title] as const))('%s', (name, title) => {
  const sample = samples[name];

  test('its documented variables are read', () => {
    expect(detectCi(sample?.env ?? {})).toEqual({ system: name, title, ...sample?.run });
  });

  test('a deployment gets an id that is the same in every step, a rollback another', () => {
    const run = detectCi(sample?.env ?? {});
    expect(deriveDeploymentId(run, target)).toBe(sample?.id);
    expect(deriveDeploymentId(run, { ...target, action: 'rollback' })).toBe(`${sample?.id}-rollback`);
  });
});

test('no system is taken for another', () => {
  for (const [name, sample] of Object.entries(samples)) {
    const present = ciSystems.filter((system) => system.present(sample.env)).map((system) => system.name);
    expect(present).toEqual([name]);
  }
});

test('a person at a terminal is in no CI run', () => {
  expect(detectCi({ HOME: '/home/me', CI: 'true' })).toBeUndefined();
  expect(deriveDeploymentId(undefined, target)).toBeUndefined();
});

test('any other system works through EVENKEEL_RUN_ID', () => {
  const run = detectCi({ EVENKEEL_RUN_ID: '7', EVENKEEL_COMMIT: SHA });
  expect(run).toMatchObject({ system: 'ci', runId: '7', commit: SHA });
  expect(deriveDeploymentId(run, target)).toBe('ci-7-shop-production');
});

test('EVENKEEL_* overrules the system, empty variables say nothing', () => {
  const run = detectCi({ ...samples['github']?.env, EVENKEEL_COMMIT: 'abc', GITHUB_REF_NAME: '' });
  expect(run?.commit).toBe('abc');
  expect(run).not.toHaveProperty('branch');
});

test('a GitHub workflow started by a deployment reports under its id', () => {
  const directory = mkdtempSync(join(tmpdir(), 'evenkeel-event-'));
  const path = join(directory, 'event.json');
  writeFileSync(path, JSON.stringify({ deployment: { id: 1077351492 } }));
  const env = { ...samples['github']?.env, GITHUB_EVENT_NAME: 'deployment', GITHUB_EVENT_PATH: path };
  const run = detectCi(env);
  rmSync(directory, { recursive: true });
  expect(deriveDeploymentId(run, target)).toBe('1077351492');
  expect(detectCi(env)?.deploymentId).toBeUndefined();
});

test("Buildkite's HEAD is no commit, its GitHub deployment is an id", () => {
  const run = detectCi({
    ...samples['buildkite']?.env,
    BUILDKITE_COMMIT: 'HEAD',
    BUILDKITE_GITHUB_DEPLOYMENT_ID: '87',
  });
  expect(run).not.toHaveProperty('commit');
  expect(deriveDeploymentId(run, target)).toBe('87');
});
