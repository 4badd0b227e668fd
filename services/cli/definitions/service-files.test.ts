import { describe, expect, test } from 'vitest';
import { readText } from '../testing/definition-files.ts';
import { readServiceFiles } from './service-files.ts';

const read = (text: string) => {
  const { checked, problems, notes } = readText(text, readServiceFiles);
  return {
    problems,
    notes,
    facts: checked.map(({ fact: { kind, source, occurred_at, event_id, ...said } }) => said),
  };
};

describe('a service in Evenkeel’s own YAML', () => {
  test('with all of its settings, several in a file', () => {
    const text = `
service: checkout
team: payments
repository: git@git.example.com:shop/checkout.git
tiers: { prod-eu: production }
attribution_window: 90m
detect_rollbacks: false
ranges: { change_fail_rate: { low: 0, high: 0.15 } }
trivial_lines: 10
severity_ranks: { sev1: 1 }
---
service: search
`;
    expect(read(text)).toEqual({
      problems: [],
      notes: [],
      facts: [
        {
          service: 'checkout',
          team: 'payments',
          repository: 'git.example.com/shop/checkout',
          tiers: { 'prod-eu': 'production' },
          attribution_window_seconds: 5400,
          detect_rollbacks: false,
          ranges: { change_fail_rate: { low: 0, high: 0.15 } },
          trivial_lines: 10,
          severity_ranks: { sev1: 1 },
        },
        { service: 'search' },
      ],
    });
  });

  test.each([
    ['service: 7', '1:10: service: must be text; quote it [invalid_value]'],
    ['service: s\nteam: [a]', '2:7: team: must be text [invalid_value]'],
    ['service: s\ntiers: production', '2:8: tiers: must be an object [invalid_value]'],
    ['service: s\ntiers:\n  prod: [a]', '3:9: tiers.prod: must be text [invalid_value]'],
    [
      'service: s\nattribution_window: 14400',
      '2:21: attribution_window: must be a duration such as 28d, 4h or 5m [invalid_value]',
    ],
    ['service: s\ndetect_rollbacks: "no"', '2:19: detect_rollbacks: must be true or false [invalid_value]'],
    [
      'service: s\nranges:\n  x: { low: 1, high: 0 }',
      '3:6: ranges.x: low: must not be greater than high [invalid_value]',
    ],
    ['service: s\nranges:\n  x: { hgh: 0 }', '3:6: ranges.x: hgh: is not a known field [unknown_field]'],
    ['service: s\ntrivial_lines: -1', '2:16: trivial_lines: must be at least 0 [invalid_value]'],
    [
      'service: s\nseverity_ranks: { sev1: worst }',
      '2:25: severity_ranks.sev1: must be a finite number [invalid_value]',
    ],
    [
      'service: s\nowner: a',
      '2:1: owner: is not a field of a service of Evenkeel; there are service, team, repository, tiers, attribution_window, detect_rollbacks, ranges, trivial_lines, severity_ranks [unknown_field]',
    ],
    ['team: a', '1:1: is neither a service of Evenkeel nor a Component of Backstage [unknown_definition]'],
    ['service: s\n---\nservice: s', '3:1: "s" is defined in f.yaml:1 already [duplicate_definition]'],
  ])('%j → %s', (text, problem) => {
    expect(read(text).problems).toEqual([`f.yaml:${problem}`]);
  });
});

describe('a Component of Backstage', () => {
  const component = (annotations: string, owner = 'payments') => `apiVersion: backstage.io/v1alpha1
kind: Component
metadata:
  name: checkout
  description: People pay here.
  annotations: { ${annotations} }
spec: { type: service, lifecycle: production, owner: ${owner}, dependsOn: [resource:db] }
`;

  test.each([
    ['', 'payments', { team: 'payments' }],
    ['', 'group:payments', { team: 'payments' }],
    ['', 'group:default/payments', { team: 'payments' }],
    ['', 'Group:shop/payments', { team: 'shop/payments' }],
    ['', 'null', {}],
    ['github.com/project-slug: shop/checkout', 'null', { repository: 'github.com/shop/checkout' }],
    [
      'backstage.io/source-location: "url:https://github.com/shop/checkout/tree/main/"',
      'null',
      { repository: 'github.com/shop/checkout' },
    ],
    [
      'github.com/project-slug: a/b, backstage.io/source-location: "url:https://git.example.com/shop/pay/checkout/-/tree/main/sub"',
      'null',
      { repository: 'git.example.com/shop/pay/checkout' },
    ],
    [
      'evenkeel.service: pay, evenkeel.team: t, evenkeel.repository: h/o/r',
      'x',
      { service: 'pay', team: 't', repository: 'h/o/r' },
    ],
    [
      `evenkeel.tiers: '{"prod-eu": "production"}', evenkeel.severity_ranks: "sev1: 1", evenkeel.attribution_window: 2h`,
      'null',
      { tiers: { 'prod-eu': 'production' }, severity_ranks: { sev1: 1 }, attribution_window_seconds: 7200 },
    ],
    [
      'evenkeel.detect_rollbacks: "false", evenkeel.trivial_lines: "5", evenkeel.ranges: "{ rework_rate: { high: 0.1 } }"',
      'null',
      { detect_rollbacks: false, trivial_lines: 5, ranges: { rework_rate: { high: 0.1 } } },
    ],
  ])('%s, owner %s', (annotations, owner, said) => {
    const { problems, notes, facts } = read(component(annotations, owner));
    expect([problems, notes]).toEqual([[], []]);
    expect(facts).toEqual([{ service: 'checkout', ...said }]);
  });

  test('a person is no team, a place on a disk no repository', () => {
    const { problems, notes, facts } = read(component('backstage.io/source-location: "dir:."', 'user:ada'));
    expect([problems, facts]).toEqual([[], [{ service: 'checkout' }]]);
    expect(notes).toEqual([
      expect.stringContaining('f.yaml:7:54: the owner is a person'),
      expect.stringContaining('f.yaml:6:48: the source location is no url'),
    ]);
  });

  test('every other kind is passed over, with a note', () => {
    const { problems, notes, facts } = read(
      'apiVersion: backstage.io/v1alpha1\nkind: API\n---\napiVersion: v1\nkind: ConfigMap\n',
    );
    expect([problems, facts]).toEqual([[], []]);
    expect(notes).toEqual([
      'f.yaml:2:7: kind API is passed over: a service is a Component',
      'f.yaml:4:13: kind ConfigMap of v1 is passed over: it is no Component of Backstage',
    ]);
  });

  test.each([
    [
      component('evenkeel.colour: red'),
      '6:35: metadata.annotations.evenkeel.colour: is not an annotation of Evenkeel; there are evenkeel.service, evenkeel.team, evenkeel.repository, evenkeel.tiers, evenkeel.attribution_window, evenkeel.detect_rollbacks, evenkeel.ranges, evenkeel.trivial_lines, evenkeel.severity_ranks [unknown_field]',
    ],
    [
      component('evenkeel.tiers: "{"'),
      '6:34: metadata.annotations.evenkeel.tiers: must be YAML or JSON in a text [invalid_value]',
    ],
    [
      component('evenkeel.tiers: production'),
      '6:34: metadata.annotations.evenkeel.tiers: must be an object [invalid_value]',
    ],
    [
      component('github.com/project-slug: checkout'),
      '6:43: metadata.annotations.github.com/project-slug: must be owner/repository [invalid_value]',
    ],
    [
      component('', 'a:b:c'),
      '7:54: spec.owner: must be a reference such as group:default/payments [invalid_value]',
    ],
    [
      'apiVersion: backstage.io/v1alpha1\nkind: Component\nmetadata: {}\n',
      '3:11: metadata.name: is required [missing_field]',
    ],
    ['apiVersion: backstage.io/v1alpha1\nmetadata: {}\n', '1:1: kind: is required [missing_field]'],
  ])('%j → %s', (text, problem) => {
    expect(read(text).problems).toEqual([`f.yaml:${problem}`]);
  });
});
