import { describe, expect, test } from 'vitest';
import { readText } from '../testing/definition-files.ts';
import { wholeSlo } from '../testing/openslo-sample.ts';
import { readSloFiles } from './slo-files.ts';

const read = (text: string) => {
  const { checked, problems, notes } = readText(text, readSloFiles);
  return {
    problems,
    notes,
    facts: checked.map(({ fact: { kind, source, occurred_at, event_id, ...said } }) => said),
  };
};

const changed = (from: string, to: string) => {
  if (!wholeSlo.includes(from)) throw new Error(`no ${from}`);
  return read(wholeSlo.replace(from, to));
};
const whole = {
  slo_id: 'checkout-availability',
  title: 'Checkout is there',
  service: 'checkout',
  objective: 0.999,
  window: { rolling_days: 28 },
  method: 'occurrences',
};

describe('an SLO', () => {
  test('becomes one fact', () => {
    expect(read(wholeSlo)).toEqual({ problems: [], notes: [], facts: [whole] });
  });

  test.each([
    ['target: 0.999', 'targetPercent: 99.95', { objective: 0.9995 }],
    ['target: 0.999', 'targetPercent: 99.9', { objective: 0.999 }],
    ['duration: 28d', 'duration: 4w', { window: { rolling_days: 28 } }],
    ['duration: 28d', 'duration: 36h', { window: { rolling_days: 1.5 } }],
    [
      'name: checkout-availability',
      'name: a\n  annotations: { evenkeel.environment: prod-eu }',
      { slo_id: 'a', environment: 'prod-eu' },
    ],
    [
      'name: checkout-availability',
      'name: a\n  annotations: { evenkeel.minimum_events: "100", evenkeel.no_data: bad, other.io/x: y }',
      { slo_id: 'a', minimum_events: 100, no_data: 'bad' },
    ],
    ['name: checkout-availability', 'name: a\n  labels: { team: [identity, rbac] }', { slo_id: 'a' }],
    ['  displayName: Checkout is there\n', '', { title: undefined }],
    ['- target: 0.999', '- { displayName: Good, target: 0.9, op: gt }', { objective: 0.9 }],
    ['budgetingMethod: Occurrences', 'budgetingMethod: Occurrences\n  alertPolicies:', {}],
  ])('%s → %s', (from, to, expected) => {
    const { problems, facts } = changed(from, to);
    expect(problems).toEqual([]);
    const { title: _title, ...untitled } = whole;
    expect(facts).toEqual([{ ...('title' in expected ? untitled : whole), ...withoutUndefined(expected) }]);
  });

  test.each([
    ['Timeslices', 'timeSliceWindow: 1m, timeSliceTarget: 0.95', { slice_seconds: 60, slice_target: 0.95 }],
    ['Timeslices', 'timeSliceWindow: 5, timeSliceTarget: 1', { slice_seconds: 300, slice_target: 1 }],
    ['RatioTimeslices', 'timeSliceWindow: 5m', { slice_seconds: 300 }],
  ])('%s, %s', (method, slice, expected) => {
    const text = wholeSlo.replace('Method: Occurrences', `Method: ${method}`);
    const { problems, facts } = read(text.replace('- target: 0.999', `- { target: 0.999, ${slice} }`));
    expect(problems).toEqual([]);
    expect(facts).toMatchObject([
      { method: method === 'Timeslices' ? 'timeslices' : 'ratio_timeslices', ...expected },
    ]);
  });

  test.each([
    ['1w', '2026-01-05 00:00:00', 'week'],
    ['1M', '2020-02-01 00:00:00', 'month'],
    ['1Q', '2020-10-01', 'quarter'],
    ['3M', '2020-04-01 00:00', 'quarter'],
    ['1Y', '2020-01-01T00:00:00', 'year'],
    ['12M', '2020-01-01 00:00:00', 'year'],
  ])('a calendar of %s from %s', (duration, start, calendar) => {
    const { problems, facts } = changed(
      'duration: 28d\n      isRolling: true',
      `duration: ${duration}\n      calendar: { startTime: ${start}, timeZone: Europe/Berlin }`,
    );
    expect(problems).toEqual([]);
    expect(facts).toEqual([{ ...whole, window: { calendar, timezone: 'Europe/Berlin' } }]);
  });

  test('of several objectives each is an SLO with its own id', () => {
    const { problems, facts } = changed(
      '    - target: 0.999\n',
      '    - { displayName: Internal objective!, target: 0.995 }\n    - { displayName: SLÄ, target: 0.99 }\n',
    );
    expect(problems).toEqual([]);
    expect(facts).toMatchObject([
      {
        slo_id: 'checkout-availability.internal-objective',
        title: 'Checkout is there: Internal objective!',
        objective: 0.995,
      },
      { slo_id: 'checkout-availability.sla', title: 'Checkout is there: SLÄ', objective: 0.99 },
    ]);
  });

  test('with a threshold is taken, and it is said who judges it', () => {
    const text = wholeSlo
      .replace('- target: 0.999', '- { op: lt, value: 500, target: 0.99 }')
      .replace(/ratioMetric:[\s\S]*$/, 'thresholdMetric: { metricSource: { type: Any } }\n');
    expect(read(text)).toMatchObject({
      problems: [],
      notes: [expect.stringMatching(/^f\.yaml:15:7: the threshold \(lt 500\) is judged by whoever/)],
      facts: [{ objective: 0.99 }],
    });
  });

  test('may use anchors', () => {
    const text = wholeSlo
      .replace('service: checkout', 'service: &s checkout')
      .replace('budgetingMethod: Occurrences', 'budgetingMethod: Occurrences\n  description: *s');
    expect(read(text.replace('  description: People can pay.\n', ''))).toMatchObject({
      problems: [],
      facts: [whole],
    });
  });
});

test.each(['DataSource', 'Service', 'AlertPolicy', 'AlertCondition', 'AlertNotificationTarget'])(
  'kind %s is passed over, with a note',
  (kind) => {
    const { problems, notes, facts } = read(
      `${wholeSlo}---\napiVersion: openslo/v1\nkind: ${kind}\nmetadata: { name: x }\n`,
    );
    expect([problems, facts.length]).toEqual([[], 1]);
    expect(notes).toEqual([expect.stringContaining(`f.yaml:27:7: kind ${kind} is passed over: `)]);
  },
);

test('alert policies are passed over, with a note', () => {
  const { problems, notes } = changed(
    '  objectives:',
    '  alertPolicies: [{ alertPolicyRef: x }]\n  objectives:',
  );
  expect(problems).toEqual([]);
  expect(notes).toEqual([
    'f.yaml:14:18: alert policies are passed over: Evenkeel has burn alerts of its own',
  ]);
});

function withoutUndefined(fields: object): object {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}
