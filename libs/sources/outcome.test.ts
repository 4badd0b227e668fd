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

test('two processes report one deployment: a start without a result, later a finish', () => {
  const { 'cicd.pipeline.task.run.result': _, ...started } = deployment;
  const start = mapSpan(span({ ...started, 'evenkeel.deployment.phase': 'started' }), {});
  const finish = mapSpan(
    span(
      { ...started, 'evenkeel.deployment.phase': 'finished', 'deployment.status': 'failed' },
      { spanId: 'aaaaaaaaaaaaaaaa' },
    ),
    {},
  );
  expect(received(start)).toMatchObject([{ phase: 'started', deployment_id: '42' }]);
  expect(received(finish)).toMatchObject([{ phase: 'finished', deployment_id: '42', outcome: 'failed' }]);
});

test.each([
  [{ 'deployment.status': 'failed', 'cicd.pipeline.task.run.result': 'success' }, 'failed'],
  [{ 'deployment.status': 'succeeded', 'cicd.pipeline.task.run.result': 'failure' }, 'succeeded'],
  [{ 'cicd.pipeline.task.run.result': 'cancellation', 'cicd.pipeline.result': 'success' }, 'cancelled'],
  [{ 'cicd.pipeline.run.task.status': 'error', 'cicd.pipeline.result': 'success' }, 'failed'],
  [{ 'cicd.pipeline.result': 'timeout', 'cicd.pipeline.run.status': 'success' }, 'failed'],
  [{ 'cicd.pipeline.run.status': 'failure', 'ci.pipeline.run.result': 'SUCCESS' }, 'failed'],
  [{ 'ci.pipeline.run.result': 'ABORTED' }, 'cancelled'],
  [{ 'jenkins.pipeline.step.result': 'FAILURE' }, 'failed'],
])('of several results the first in order counts: %j is %s', (results, outcome) => {
  const attributes = {
    'deployment.id': '42',
    'service.name': 'checkout',
    'deployment.environment.name': 'p',
    ...results,
  };
  expect(received(mapSpan(span(attributes, { statusCode: 'ok' }), {}))).toMatchObject([{}, { outcome }]);
});

test('without a result the status decides, and an unset one proves success on our own spans only', () => {
  const { 'cicd.pipeline.task.run.result': _, ...attributes } = deployment;
  expect(received(mapSpan(span(attributes, { statusCode: 'ok' }), {}))[1]).toMatchObject({
    outcome: 'succeeded',
  });
  expect(received(mapSpan(span(attributes, { statusCode: 'error' }), {}))[1]).toMatchObject({
    outcome: 'failed',
  });
  expect(mapSpan(span(attributes), {})).toMatchObject({
    outcome: 'rejected',
    code: 'unknown_outcome',
    field: 'status.code',
  });
  const ours = { ...attributes, 'evenkeel.service': 'checkout' };
  expect(received(mapSpan(span(ours), {}))[1]).toMatchObject({ outcome: 'succeeded' });
});

test.each(['skip', 'skipped', ''])('the result "%s" is no deployment', (result) => {
  const attributes = { ...deployment, 'cicd.pipeline.task.run.result': result };
  expect(mapSpan(span(attributes), {})).toEqual({ outcome: 'ignored', reason: 'skipped' });
});

test('an unknown result is rejected with its attribute, without its value', () => {
  const attributes = { ...deployment, 'cicd.pipeline.task.run.result': 'hunter2' };
  const mapped = mapSpan(span(attributes), {});
  expect(mapped).toMatchObject({ code: 'unknown_outcome', field: 'cicd.pipeline.task.run.result' });
  expect(JSON.stringify(mapped)).not.toContain('hunter2');
});
