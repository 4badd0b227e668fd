import { expect, test } from 'vitest';
import { mapSpan, parseMapping } from './index.ts';
import { received, span } from './tests/items.ts';
import { matchesWildcard } from './wildcard.ts';

function options(file: unknown) {
  const parsed = parseMapping(file);
  if (parsed.outcome === 'rejected') throw new Error(JSON.stringify(parsed.errors));
  return parsed.options;
}

const task = {
  'cicd.pipeline.task.run.result': 'success',
  'cicd.pipeline.name': 'release',
  'cicd.pipeline.task.name': 'ship',
  'vcs.repository.url.full': 'git@GitHub.com:acme/shop.git',
  'deployment.environment.name': 'prd',
};

test('the first rule that matches names service and environment and makes it a deployment', () => {
  const { rules } = options({
    rules: [
      { when: { task: 'test*' }, is_deployment: false },
      {
        when: { repository: 'github.com/acme/*', environment: 'prd' },
        service: 'checkout',
        environment: 'production',
        is_deployment: true,
      },
      { when: {}, service: 'never reached' },
    ],
  });
  expect(received(mapSpan(span(task), { rules }))[0]).toMatchObject({
    service: 'checkout',
    environment: 'production',
  });
  const tested = { ...task, 'cicd.pipeline.task.name': 'test it', 'deployment.id': '42' };
  expect(mapSpan(span(tested), { rules })).toEqual({ outcome: 'ignored', reason: 'rule_says_no_deployment' });
});

test('evenkeel.service stands before a rule, a rule before service.name', () => {
  const { rules } = options({ rules: [{ when: {}, service: 'by-rule', is_deployment: true }] });
  const service = (attributes: object) =>
    received(mapSpan(span({ ...task, ...attributes }), { rules })).map(
      (fact) => 'service' in fact && fact.service,
    )[0];
  expect(service({ 'service.name': 'ci' })).toBe('by-rule');
  expect(service({ 'evenkeel.service': 'own', 'service.name': 'ci' })).toBe('own');
});

test('a rule alone proves no outcome', () => {
  const { rules } = options({
    rules: [{ when: { pipeline: 'release' }, service: 's', is_deployment: true }],
  });
  const { 'cicd.pipeline.task.run.result': _, ...unfinished } = task;
  expect(mapSpan(span(unfinished), { rules })).toEqual({
    outcome: 'ignored',
    reason: 'no_result_of_its_own',
  });
  expect(received(mapSpan(span(unfinished, { statusCode: 'error' }), { rules }))[1]).toMatchObject({
    outcome: 'failed',
  });
});

test('what the producer does not say matches nothing but *', () => {
  const { rules } = options({ rules: [{ when: { environment: 'p*' }, service: 's', is_deployment: true }] });
  const { 'deployment.environment.name': _, ...nowhere } = task;
  expect(mapSpan(span(nowhere), { rules })).toMatchObject({ outcome: 'ignored' });
});

test('a mapping file is checked by field', () => {
  expect(parseMapping({ rules: [{ when: { branch: 'main' }, is_deployment: 'yes' }], extra: 1 })).toEqual({
    outcome: 'rejected',
    errors: expect.arrayContaining([
      { field: 'rules.0.when.branch', message: 'is not a known field' },
      { field: 'rules.0.is_deployment', message: 'must be true or false' },
      { field: 'extra', message: 'is not a known field' },
    ]),
  });
  expect(options({ default_environment: 'production' })).toEqual({
    defaultEnvironment: 'production',
    rules: [],
  });
});

test.each([
  ['deploy', 'deploy', true],
  ['deploy', 'deploy it', false],
  ['deploy*', 'deploy it', true],
  ['*deploy', 'please deploy', true],
  ['*', '', true],
  ['a*b*c', 'a-b-b-c', true],
  ['a*b*c', 'a-c-b', false],
  ['ab*ba', 'aba', false],
  ['a.c', 'abc', false],
  ['**', 'x', true],
])('the pattern %s on %s: %s', (pattern, text, expected) => {
  expect(matchesWildcard(pattern, text)).toBe(expected);
});
