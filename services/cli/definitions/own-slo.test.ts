import { expect, test } from 'vitest';
import { readText } from '../testing/definition-files.ts';
import { readSloFiles } from './slo-files.ts';

const read = (text: string) => {
  const { checked, problems } = readText(text, readSloFiles);
  return {
    problems,
    facts: checked.map(({ fact: { kind, source, occurred_at, event_id, ...said } }) => said),
  };
};

test('an SLO in Evenkeel’s own YAML, several in a file', () => {
  const text = `
slo: checkout-availability
service: checkout
objective: 99.9%
window: 28d
---
slo: checkout-slices
service: checkout
environment: prod-eu
title: Checkout by the minute
objective: 0.995
window: { calendar: month, timezone: Europe/Berlin }
method: timeslices
slice: 5m
slice_target: 99%
no_data: bad
minimum_events: 100
`;
  expect(read(text)).toEqual({
    problems: [],
    facts: [
      {
        slo_id: 'checkout-availability',
        service: 'checkout',
        objective: 0.999,
        window: { rolling_days: 28 },
        method: 'occurrences',
      },
      {
        slo_id: 'checkout-slices',
        service: 'checkout',
        environment: 'prod-eu',
        title: 'Checkout by the minute',
        objective: 0.995,
        window: { calendar: 'month', timezone: 'Europe/Berlin' },
        method: 'timeslices',
        slice_seconds: 300,
        slice_target: 0.99,
        no_data: 'bad',
        minimum_events: 100,
      },
    ],
  });
});

const base = { slo: 'a', service: 's', objective: '0.99', window: '28d' };
test.each<[Record<string, string | undefined>, string]>([
  [{ service: undefined }, '1:1: service: is required [missing_field]'],
  [{ objective: undefined }, '1:1: objective: is required [missing_field]'],
  [{ window: undefined }, '1:1: window: is required [missing_field]'],
  [{ slo: '[a]' }, '1:6: slo: must be text [invalid_value]'],
  [{ slo: '""' }, '1:6: slo: must not be empty [invalid_value]'],
  [{ objective: 'high' }, '3:12: objective: must be a ratio such as 0.999 or 99.9% [invalid_value]'],
  [{ objective: '100%' }, '3:12: objective: must be less than 1 [invalid_value]'],
  [{ window: '28' }, '4:9: window: must be a duration such as 28d, 4h or 5m [invalid_value]'],
  [{ window: '1M' }, '4:9: window: must be a duration such as 28d, 4h or 5m [invalid_value]'],
  [{ window: '[28d]' }, '4:9: window: must be text [invalid_value]'],
  [{ window: '{ calendar: month }' }, '4:9: window.timezone: is required [missing_field]'],
  [
    { window: '{ calendar: day, timezone: UTC }' },
    '4:21: window.calendar: must be one of week, month, quarter, year [invalid_value]',
  ],
  [
    { window: '{ calendar: month, timezone: Berlin }' },
    '4:38: window.timezone: must be a time zone of the IANA database, for example Europe/Berlin [invalid_value]',
  ],
  [
    { window: '{ calendar: month, timezone: UTC, start: 1 }' },
    '4:43: window.start: is not a field of a calendar window; there are calendar, timezone [unknown_field]',
  ],
  [
    { method: 'average' },
    '5:9: method: must be one of occurrences, timeslices, ratio_timeslices [invalid_value]',
  ],
  [{ method: 'timeslices' }, '1:1: slice_target: is required with method timeslices [missing_field]'],
  [{ slice: '10m' }, '5:8: slice: must be one of 60, 300 [invalid_value]'],
  [{ slice_target: '2' }, '5:15: slice_target: must be at most 1 [invalid_value]'],
  [{ no_data: 'good' }, '5:10: no_data: must be one of ignored, bad [invalid_value]'],
  [{ minimum_events: 'many' }, '5:17: minimum_events: must be a number [invalid_value]'],
  [
    { colour: 'red' },
    '5:1: colour: is not a field of an SLO of Evenkeel; there are slo, service, environment, title, objective, window, method, slice, slice_target, no_data, minimum_events [unknown_field]',
  ],
])('%j → %s', (change, problem) => {
  const text = Object.entries({ ...base, ...change })
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `${name}: ${value}\n`)
    .join('');
  expect(read(text).problems).toEqual([`f.yaml:${problem}`]);
});

test('what is no definition at all', () => {
  for (const text of ['colour: red\n', '[1]\n', 'text\n'])
    expect(read(text).problems).toEqual([
      'f.yaml:1:1: is neither OpenSLO v1 nor an SLO of Evenkeel [unknown_definition]',
    ]);
  expect(read('')).toEqual({ problems: [], facts: [] });
  expect(read('---\n---\n# nothing\n')).toEqual({ problems: [], facts: [] });
});
