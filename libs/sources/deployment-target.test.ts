import { expect, test } from 'vitest';
import { mapSpan } from './index.ts';
import { received, span } from './tests/items.ts';

const deployment = {
  'cicd.pipeline.task.type': 'deploy',
  'cicd.pipeline.task.run.result': 'success',
  'service.name': 'checkout',
  'deployment.environment.name': 'production',
  'deployment.id': '42',
};
const ids = '5b8efff798038103d269b633813fc60c:eee19b7ec3c1b174';

test.each([
  ['deployment.id', { ...deployment, 'cicd.pipeline.task.run.id': 't1', 'cicd.pipeline.run.id': 'r1' }, '42'],
  [
    'the task run',
    { ...deployment, 'deployment.id': '', 'cicd.pipeline.task.run.id': 't1', 'cicd.pipeline.run.id': 'r1' },
    't1',
  ],
  [
    'trace and span of a task without an id',
    { ...deployment, 'deployment.id': '', 'cicd.pipeline.run.id': 'r1' },
    ids,
  ],
  [
    'the run that is itself the deployment',
    {
      'deployment.status': 'succeeded',
      'service.name': 's',
      'deployment.environment.name': 'p',
      'cicd.pipeline.run.id': 77,
    },
    '77',
  ],
])('the deployment_id is %s', (_, attributes, deployment_id) => {
  expect(received(mapSpan(span(attributes), {}))[0]).toMatchObject({ deployment_id });
});

test('attributes stand on the span or on its resource, the span first', () => {
  const { 'cicd.pipeline.task.run.result': result, ...resource } = deployment;
  const facts = received(
    mapSpan(span({ 'cicd.pipeline.task.run.result': result, 'service.name': 'basket' }, { resource }), {}),
  );
  expect(facts).toMatchObject([{ service: 'basket', deployment_id: '42' }, {}]);
});

test('deprecated names still count, after the present ones', () => {
  const { 'deployment.environment.name': _, ...attributes } = deployment;
  const old = {
    ...attributes,
    'deployment.environment': 'staging',
    'vcs.repository.ref.revision': 'abc',
    'vcs.repository.change.id': '17',
  };
  expect(received(mapSpan(span(old), {}))[0]).toMatchObject({
    environment: 'staging',
    commit: 'abc',
    attributes: { 'vcs.change.id': '17' },
  });
  const elsewhere = { 'deployment.environment.name': 'ci' };
  expect(received(mapSpan(span(old, { resource: elsewhere }), {}))[0]).toMatchObject({
    environment: 'staging',
  });
  const both = { ...old, 'deployment.environment.name': 'production' };
  expect(received(mapSpan(span(both), {}))[0]).toMatchObject({ environment: 'production' });
});

test('an environment defaults only where the installation says so', () => {
  const { 'deployment.environment.name': _, ...attributes } = deployment;
  expect(mapSpan(span(attributes), {})).toMatchObject({ code: 'missing_environment', field: 'environment' });
  const options = { defaultEnvironment: 'production' };
  expect(received(mapSpan(span(attributes), options))[0]).toMatchObject({ environment: 'production' });
});

test.each(['CircleCI Pipelines', 'jenkins', 'otel-cli', 'unknown_service:node', 'evenkeel'])(
  'the tool %s is no deployed service',
  (name) => {
    const mapped = mapSpan(span({ ...deployment, 'service.name': name }), {});
    expect(mapped).toMatchObject({ code: 'missing_service', field: 'service' });
  },
);

test("a resource's version is that of the resource's service, not of the one that evenkeel.service names", () => {
  const resource = { 'service.name': 'ci', 'service.version': '9.9' };
  const { 'service.name': _, ...attributes } = deployment;
  expect(received(mapSpan(span(attributes, { resource }), {}))[0]).toMatchObject({
    service: 'ci',
    version: '9.9',
  });
  const named = { ...attributes, 'evenkeel.service': 'checkout' };
  expect(received(mapSpan(span(named, { resource }), {}))[0]).not.toHaveProperty('version');
  const versioned = { ...named, 'service.version': '1.4' };
  expect(received(mapSpan(span(versioned, { resource }), {}))[0]).toMatchObject({ version: '1.4' });
});
