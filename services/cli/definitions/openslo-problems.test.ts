import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { readText } from '../testing/definition-files.ts';
import { wholeSlo } from '../testing/openslo-sample.ts';
import { readSloFiles } from './slo-files.ts';

const problemsOf = (text: string) => readText(text, readSloFiles).problems;

/** Each case: what of the sample is replaced (-), by what (+), and every problem that is told (!). */
const cases = readFileSync(new URL('../testing/openslo-problems.txt', import.meta.url), 'utf8')
  .trim()
  .split('\n\n')
  .map((block) => {
    const lines = (sign: string) =>
      block
        .split('\n')
        .filter((line) => line.startsWith(`${sign} `))
        .map((line) => line.slice(2).replaceAll('\\n', '\n').replace('{x513}', 'x'.repeat(513)));
    return { from: lines('-')[0] ?? '', to: lines('+')[0] ?? '', problems: lines('!') };
  });

test.each(cases)('$from → $to', ({ from, to, problems }) => {
  expect(wholeSlo).toContain(from);
  expect(problems).not.toEqual([]);
  expect(problemsOf(wholeSlo.replace(from, () => to))).toEqual(
    problems.map((problem) => `f.yaml:${problem}`),
  );
});

test('a threshold needs op and value, and stands alone', () => {
  const threshold = wholeSlo.replace(/ratioMetric:[\s\S]*$/, 'thresholdMetric: {}\n');
  expect(problemsOf(threshold)).toEqual([
    'f.yaml:15:7: spec.objectives[0].op: is required [missing_field]',
    'f.yaml:15:7: spec.objectives[0].value: is required [missing_field]',
  ]);
  const two =
    '- { displayName: a, op: lt, value: 1, target: 0.9 }\n    - { displayName: b, op: lt, value: 2, target: 0.9 }';
  expect(problemsOf(threshold.replace('- target: 0.999', two))).toEqual([
    'f.yaml:16:7: spec.objectives[1]: with a thresholdMetric there can be only one objective [invalid_value]',
  ]);
});

test('the same SLO, or SLI, twice', () => {
  expect(problemsOf(`${wholeSlo}---\n${wholeSlo}`)).toEqual([
    'f.yaml:44:19: metadata.name: the SLI "good-requests" is defined twice [duplicate_definition]',
    'f.yaml:40:7: spec.objectives[0]: "checkout-availability" is defined in f.yaml:15 already [duplicate_definition]',
  ]);
});
