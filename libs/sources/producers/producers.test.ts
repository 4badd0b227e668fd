import type { Span } from '@evenkeel/otlp';
import { describe, expect, test } from 'vitest';
import { mapSpan } from '../index.ts';
import type { MappingOptions } from '../mapping-rules.ts';
import { NOON, received, SECOND, span } from '../tests/items.ts';

const everything: MappingOptions = {
  defaultEnvironment: 'production',
  rules: [{ when: {}, is_deployment: true }],
};

describe('GitLab', () => {
  const resource = {
    'vcs.provider.name': 'gitlab',
    'gitlab.vcs.repository.id': '12',
    'vcs.repository.url.full': 'https://gitlab.com/acme/shop',
    'service.name': 'shop',
    'service.version': '18.2.0',
    'deployment.environment': 'production',
  };
  const job = (more: object = {}): Span =>
    span(
      {
        'cicd.pipeline.task.type': 'deploy',
        'cicd.pipeline.task.name': 'deploy-eu',
        'cicd.pipeline.task.run.id': '991',
        'cicd.pipeline.task.run.result': 'success',
        'cicd.pipeline.task.run.url.full': 'https://gitlab.com/acme/shop/-/jobs/991',
        'gitlab.cicd.pipeline.task.environment.name': 'staging-eu',
        'gitlab.cicd.pipeline.task.environment.action': 'start',
        'gitlab.cicd.pipeline.task.environment.deployment_tier': 'staging',
        ...more,
      },
      { resource },
    );

  test("the target is the job's environment, not that of the installation, and no version is GitLab's own", () => {
    const [fact] = received(mapSpan(job(), {}));
    expect(fact).toMatchObject({
      service: 'shop',
      environment: 'staging-eu',
      deployment_id: '991',
      repository: 'gitlab.com/acme/shop',
      url: 'https://gitlab.com/acme/shop/-/jobs/991',
      attributes: { 'deployment.environment.tier': 'staging' },
    });
    expect(fact).not.toHaveProperty('version');
  });

  test('a job of a stage called deploy without an environment is none', () => {
    const lint = job({ 'gitlab.cicd.pipeline.task.environment.name': '' });
    expect(mapSpan(lint, {})).toEqual({ outcome: 'ignored', reason: 'span_not_a_deployment' });
  });

  test('without an environment of the job there is none, least of all that of the installation', () => {
    const named = job({ 'gitlab.cicd.pipeline.task.environment.name': '', 'deployment.id': '42' });
    expect(mapSpan(named, {})).toMatchObject({ code: 'missing_environment' });
  });

  test.each(['stop', 'prepare', 'verify', 'access'])('the action %s deploys nothing', (action) => {
    const mapped = mapSpan(job({ 'gitlab.cicd.pipeline.task.environment.action': action }), {});
    expect(mapped).toEqual({ outcome: 'ignored', reason: 'environment_not_deployed_to' });
  });

  test('a manual job that nobody started has an empty result', () => {
    expect(mapSpan(job({ 'cicd.pipeline.task.run.result': '' }), {})).toEqual({
      outcome: 'ignored',
      reason: 'skipped',
    });
  });
});

describe("the Collector's github receiver", () => {
  const resource = {
    'service.name': 'shop',
    'vcs.vendor.name': 'github',
    'vcs.ref.head': 'main',
    'vcs.ref.head.revision': 'abc',
    'cicd.pipeline.name': 'deploy production',
    'cicd.pipeline.run.task.status': 'success',
    'cicd.pipeline.run.id': 7,
    'cicd.pipeline.run.url.full': 'https://github.com/acme/shop/actions/runs/7',
  };
  const rules = [
    { when: { source: 'github', task: 'deploy *' }, environment: 'production', is_deployment: true },
  ];

  test("all stands on the resource: the job's name in the pipeline's, the branch in vcs.ref.head", () => {
    const [started, finished] = received(mapSpan(span({}, { resource, statusCode: 'ok' }), { rules }));
    expect(started).toMatchObject({
      service: 'shop',
      environment: 'production',
      commit: 'abc',
      url: 'https://github.com/acme/shop/actions/runs/7',
      attributes: { 'vcs.ref.head.name': 'main', 'cicd.pipeline.task.name': 'deploy production' },
    });
    expect(finished).toMatchObject({ outcome: 'succeeded' });
  });

  test.each([
    [{ 'cicd.pipeline.task.name': 'checkout', 'cicd.pipeline.run.task.status': 'failure' }],
    [{ 'cicd.pipeline.run.queue.duration': 5_000_000_000 }],
  ])('steps and queue of the job, which share its resource, are none: %j', (attributes) => {
    const mapped = mapSpan(span(attributes, { resource, statusCode: 'error' }), everything);
    expect(mapped).toEqual({ outcome: 'ignored', reason: 'step_of_a_job' });
  });
});

test('otel-cicd-action: no vcs.*, the commit in github.head_sha, and service.version is no version', () => {
  const resource = { 'service.name': 'Release', 'service.version': 'abc' };
  const attributes = {
    'deployment.id': '42',
    'evenkeel.service': 'shop',
    'github.head_sha': 'abc',
    'github.html_url': 'https://github.com/acme/shop/actions/runs/7',
    'github.conclusion': 'failure',
  };
  const facts = received(mapSpan(span(attributes, { resource }), { defaultEnvironment: 'production' }));
  expect(facts).toMatchObject([{ commit: 'abc', repository: 'github.com/acme/shop' }, { outcome: 'failed' }]);
  expect(facts[0]).not.toHaveProperty('version');
});

describe('Jenkins', () => {
  const run = {
    'ci.pipeline.id': 'shop/deploy',
    'ci.pipeline.name': 'Shop » deploy',
    'ci.pipeline.run.number': 17,
    'ci.pipeline.run.url': 'https://jenkins.example.org/job/shop/17/',
    'git.repository': 'https://github.com/acme/shop.git',
    'git.branch': 'main',
    'deployment.environment.name': 'production',
    'evenkeel.service': 'shop',
  };
  const rules = [{ when: { source: 'jenkins', pipeline: 'Shop * deploy' }, is_deployment: true }];

  test('its own attributes stand for the conventions, the run is the deployment', () => {
    const resource = { 'service.name': 'jenkins', 'jenkins.url': 'https://jenkins.example.org/' };
    const facts = received(
      mapSpan(span({ ...run, 'ci.pipeline.run.result': 'SUCCESS' }, { resource }), { rules }),
    );
    expect(facts[0]).toMatchObject({
      service: 'shop',
      deployment_id: 'shop/deploy#17',
      repository: 'github.com/acme/shop',
      url: 'https://jenkins.example.org/job/shop/17/',
      attributes: { 'vcs.ref.head.name': 'main' },
    });
  });

  test('an aborted run, whose status stays unset, was cancelled', () => {
    const facts = received(mapSpan(span({ ...run, 'ci.pipeline.run.result': 'ABORTED' }), { rules }));
    expect(facts[1]).toMatchObject({ outcome: 'cancelled' });
  });
});

test('CircleCI: service.name is its own, so a rule names the service', () => {
  const resource = { 'service.name': 'CircleCI Pipelines' };
  const attributes = {
    'cicd.pipeline.task.type': 'deploy',
    'cicd.pipeline.task.run.result': 'success',
    'cicd.pipeline.name': 'shop',
    'deployment.environment.name': 'production',
  };
  expect(mapSpan(span(attributes, { resource }), {})).toMatchObject({ code: 'missing_service' });
  const rules = [{ when: { source: 'circleci', pipeline: 'shop' }, service: 'checkout' }];
  expect(received(mapSpan(span(attributes, { resource }), { rules }))[0]).toMatchObject({
    service: 'checkout',
  });
});

test("Buildkite: its agent's environment ci says nothing, not that it is a deployment, nor where to", () => {
  const resource = { 'service.name': 'buildkite-agent' };
  const agent = { 'deployment.environment': 'ci' };
  expect(mapSpan(span(agent, { resource }), {})).toEqual({
    outcome: 'ignored',
    reason: 'span_not_a_deployment',
  });
  const deploy = {
    ...agent,
    'deployment.id': '42',
    'deployment.status': 'succeeded',
    'evenkeel.service': 'shop',
  };
  expect(mapSpan(span(deploy, { resource }), {})).toMatchObject({ code: 'missing_environment' });
});

test('otel-cli: the kind of its spans is CLIENT', () => {
  const attributes = {
    'deployment.id': '42',
    'evenkeel.service': 'shop',
    'deployment.environment.name': 'production',
    'deployment.status': 'succeeded',
  };
  const cli = span(attributes, { kind: 'client', resource: { 'service.name': 'otel-cli' } });
  expect(received(mapSpan(cli, {}))).toMatchObject([{ service: 'shop' }, { outcome: 'succeeded' }]);
});

describe('Flux', () => {
  const event = (kind: string, more: Partial<Span> = {}) =>
    span(
      {
        'object.kind': kind,
        'object.namespace': 'flux-system',
        'object.name': 'shop',
        revision: `main@sha1:${'a'.repeat(40)}`,
      },
      {
        name: `${kind}: flux-system/shop`,
        scope: 'flux:notification-controller',
        resource: { 'service.name': 'flux-system/alert' },
        statusCode: 'ok',
        ...more,
      },
    );

  test('by itself its span proves nothing; a rule makes it a deployment', () => {
    expect(mapSpan(event('Kustomization'), {})).toEqual({
      outcome: 'ignored',
      reason: 'span_not_a_deployment',
    });
    const facts = received(mapSpan(event('Kustomization'), everything));
    expect(facts).toMatchObject([
      {
        phase: 'finished',
        outcome: 'succeeded',
        service: 'shop',
        deployment_id: `Kustomization/flux-system/shop@main@sha1:${'a'.repeat(40)}`,
        commit: 'a'.repeat(40),
        occurred_at: '2026-03-01T12:00:00.000Z',
      },
    ]);
  });

  test('a failure repeated at the next interval has the same ids and is another report of the same deployment', () => {
    const first = event('HelmRelease', { statusCode: 'error' });
    const again = event('HelmRelease', { statusCode: 'error', startTimeUnixNano: NOON + 600n * SECOND });
    const [one] = received(mapSpan(first, everything));
    const [two] = received(mapSpan(again, everything));
    expect(one).toMatchObject({ outcome: 'failed' });
    expect(two).toMatchObject({ deployment_id: (one as { deployment_id: string }).deployment_id });
    expect(two?.event_id).not.toBe(one?.event_id);
    expect(received(mapSpan(first, everything))[0]?.event_id).toBe(one?.event_id);
  });

  test('the source it watches is none', () => {
    expect(mapSpan(event('GitRepository'), everything)).toEqual({
      outcome: 'ignored',
      reason: 'source_of_a_reconciliation',
    });
  });
});
