import { expect, test } from 'vitest';
import { mapSpan } from './index.ts';
import { NOON, received, SECOND, span } from './tests/items.ts';

const deployment = {
  'cicd.pipeline.task.type': 'deploy',
  'cicd.pipeline.task.run.result': 'success',
  'service.name': 'checkout',
  'deployment.environment.name': 'production',
  'deployment.id': '42',
};
const ids = '5b8efff798038103d269b633813fc60c:eee19b7ec3c1b174';

test('an ended span is a start and a finish with all that it says', () => {
  const facts = received(
    mapSpan(
      span({
        ...deployment,
        'evenkeel.deployment.action': 'hotfix',
        'evenkeel.deployment.strategy': 'canary',
        'evenkeel.deployment.rollout_id': 'r1',
        'evenkeel.deployment.rolls_back_deployment': '41',
        'evenkeel.deployment.rolls_back_to_version': '1.3',
        'evenkeel.deployment.fixes_deployment': '40',
        'evenkeel.deployment.fixes_incident': 'pagerduty:P1',
        'evenkeel.deployment.automatic': true,
        'evenkeel.deployment.artifact_digest': 'sha256:abc',
        'evenkeel.deployment.commit_at': '2026-03-01T11:00:00+01:00',
        'service.version': '1.4',
        'vcs.ref.head.revision': '0123abc',
        'vcs.ref.head.name': 'main',
        'vcs.repository.url.full': 'https://bot:secret@github.com/acme/shop.git',
        'cicd.pipeline.run.url.full': 'https://bot:secret@ci.example.org/run?buildId=7&token=secret#top',
        'cicd.pipeline.name': 'release',
        'evenkeel.attribute.cluster': 'eu-1',
        'db.password': 'secret',
      }),
      {},
    ),
  );
  const common = {
    kind: 'deployment',
    source: 'otlp',
    service: 'checkout',
    environment: 'production',
    deployment_id: '42',
    action: 'hotfix',
    strategy: 'canary',
    rollout_id: 'r1',
    rolls_back_deployment: '41',
    rolls_back_to_version: '1.3',
    fixes_deployment: '40',
    fixes_incident: 'pagerduty:P1',
    automatic: true,
    artifact_digest: 'sha256:abc',
    commit_at: '2026-03-01T10:00:00.000Z',
    version: '1.4',
    commit: '0123abc',
    repository: 'github.com/acme/shop',
    url: 'https://ci.example.org/run?buildId=7',
    trace_id: '5b8efff798038103d269b633813fc60c',
    attributes: { 'cicd.pipeline.name': 'release', 'vcs.ref.head.name': 'main', cluster: 'eu-1' },
  };
  expect(facts).toEqual([
    {
      ...common,
      phase: 'started',
      occurred_at: '2026-03-01T12:00:00.000Z',
      event_id: `${ids}:deployment:started`,
    },
    {
      ...common,
      phase: 'finished',
      outcome: 'succeeded',
      occurred_at: '2026-03-01T12:01:00.000Z',
      event_id: `${ids}:deployment:finished`,
    },
  ]);
  expect(JSON.stringify(facts)).not.toContain('secret');
});

test.each([
  ['queued', '2026-03-01T12:00:00.000Z'],
  ['started', '2026-03-01T12:00:00.000Z'],
  ['advanced', '2026-03-01T12:00:00.000Z'],
  ['finished', '2026-03-01T12:01:00.000Z'],
])('a span for the phase %s alone is that one fact', (phase, occurred_at) => {
  const attributes = {
    ...deployment,
    'evenkeel.deployment.phase': phase,
    ...(phase === 'advanced' ? { 'evenkeel.deployment.step': '25 %' } : {}),
  };
  const facts = received(mapSpan(span(attributes), {}));
  expect(facts).toMatchObject([{ phase, occurred_at }]);
  expect(facts).toHaveLength(1);
});

test('span events are advances and changes, told apart whatever their order', () => {
  const advance = (seconds: bigint, step: string) => ({
    name: 'evenkeel.deployment.advanced',
    timeUnixNano: NOON + seconds * SECOND,
    attributes: { 'evenkeel.deployment.step': step },
  });
  const change = (id: string) => ({
    name: 'evenkeel.change',
    timeUnixNano: NOON,
    attributes: {
      'evenkeel.change.change_id': id,
      'evenkeel.change.committed_at': '2026-03-01T08:00:00Z',
      'evenkeel.change.lines_changed': '12',
      'evenkeel.change.files_changed': 3,
      'evenkeel.change.merge_commit': 'false',
    },
  });
  const attributes = { ...deployment, 'vcs.repository.url.full': 'https://github.com/acme/shop' };
  const events = [advance(10n, '25 %'), advance(20n, '100 %'), change('aaa'), change('bbb')];
  const facts = received(mapSpan(span(attributes, { events }), {}));
  expect(facts.slice(2)).toMatchObject([
    { phase: 'advanced', step: '25 %', occurred_at: '2026-03-01T12:00:10.000Z', service: 'checkout' },
    { phase: 'advanced', step: '100 %', occurred_at: '2026-03-01T12:00:20.000Z' },
    {
      kind: 'change',
      repository: 'github.com/acme/shop',
      change_id: 'aaa',
      service: 'checkout',
      environment: 'production',
      deployment_id: '42',
      committed_at: '2026-03-01T08:00:00.000Z',
      lines_changed: 12,
      files_changed: 3,
      merge_commit: false,
    },
    { kind: 'change', change_id: 'bbb' },
  ]);
  expect(new Set(facts.map(({ event_id }) => event_id)).size).toBe(6);
  const reversed = received(mapSpan(span(attributes, { events: events.toReversed() }), {}));
  const byId = (a: { event_id: string }, b: { event_id: string }) => (a.event_id < b.event_id ? -1 : 1);
  expect(reversed.sort(byId)).toEqual(facts.sort(byId));
});

test('a span that is no deployment still reports its changes, carried by none', () => {
  const events = [
    {
      name: 'evenkeel.change',
      timeUnixNano: NOON,
      attributes: {
        'evenkeel.change.change_id': 'a',
        'evenkeel.change.repository': 'git@github.com:acme/shop',
      },
    },
  ];
  const [fact] = received(mapSpan(span({}, { events }), {}));
  expect(fact).toMatchObject({ kind: 'change', repository: 'github.com/acme/shop', change_id: 'a' });
  expect(fact).not.toHaveProperty('deployment_id');
});

test.each([
  [{}, 'span_not_a_deployment'],
  [{ 'deployment.environment.name': 'production', 'service.name': 'checkout' }, 'span_not_a_deployment'],
  [
    { 'cicd.pipeline.task.type': 'test', 'cicd.pipeline.task.run.result': 'success' },
    'span_not_a_deployment',
  ],
  [{ 'deployment.name': 'deploy checkout' }, 'span_not_a_deployment'],
])('%j is no deployment', (attributes, reason) => {
  expect(mapSpan(span(attributes, { name: 'deploy to production' }), {})).toEqual({
    outcome: 'ignored',
    reason,
  });
});

test('a request span of an application whose resource names its deployment is none', () => {
  const { 'cicd.pipeline.task.run.result': _, 'cicd.pipeline.task.type': __, ...resource } = deployment;
  const request = span({ 'http.request.method': 'GET' }, { resource, statusCode: 'error', kind: 'server' });
  expect(mapSpan(request, {})).toEqual({ outcome: 'ignored', reason: 'no_result_of_its_own' });
});

test.each([
  [{ traceId: '' }, 'invalid_span_id'],
  [{ traceId: '0'.repeat(32) }, 'invalid_span_id'],
  [{ spanId: 'abc' }, 'invalid_span_id'],
  [{ startTimeUnixNano: 0n }, 'missing_time'],
  [{ endTimeUnixNano: 0n }, 'missing_time'],
])('%o is rejected as %s', (more, code) => {
  expect(mapSpan(span(deployment, more), {})).toMatchObject({ outcome: 'rejected', code });
});

test('an unknown phase is rejected', () => {
  expect(mapSpan(span({ ...deployment, 'evenkeel.deployment.phase': 'done' }), {})).toMatchObject({
    code: 'unknown_phase',
    field: 'evenkeel.deployment.phase',
  });
});

test('a clock that was set back does not let a deployment finish before it started', () => {
  const facts = received(mapSpan(span(deployment, { endTimeUnixNano: NOON - SECOND }), {}));
  expect(facts.map(({ occurred_at }) => occurred_at)).toEqual([
    '2026-03-01T12:00:00.000Z',
    '2026-03-01T12:00:00.000Z',
  ]);
});

test('more attributes than a fact holds cost attributes, not the fact', () => {
  const many = Object.fromEntries(Array.from({ length: 40 }, (_, i) => [`evenkeel.attribute.a${i}`, 'x']));
  const long = { 'evenkeel.attribute.long': 'x'.repeat(2000), 'evenkeel.attribute.': 'x' };
  const [fact] = received(mapSpan(span({ ...deployment, ...long, ...many }), {}));
  expect(Object.keys(fact?.attributes ?? {})).toHaveLength(32);
  expect(fact?.attributes).not.toHaveProperty('long');
});
