import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { SHA, samples } from '../testing/ci-samples.ts';
import { deriveDeploymentId, detectCi } from './detect.ts';
import { ciSystems } from './systems.ts';

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
