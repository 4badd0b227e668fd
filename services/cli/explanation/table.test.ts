import { expect, test } from 'vitest';
import { shownSeconds } from './number.ts';
import { instantText } from './sections.ts';
import { tableLines } from './table.ts';

const rows = [
  ['2026-03-02', '', 'a', 'no rule of failure matches'],
  ['2026-03-03', '', 'deployment-12', 'an incident names it'],
];
const titles = ['AT', 'STAGE', 'ID', 'WHY'];

test('columns are aligned, and those without a value left out', () => {
  expect(tableLines(titles, rows, undefined)).toEqual([
    'AT          ID             WHY',
    '2026-03-02  a              no rule of failure matches',
    '2026-03-03  deployment-12  an incident names it',
  ]);
});

test('what is wider than the terminal is cut, the widest column first', () => {
  expect(tableLines(titles, rows, 40)).toEqual([
    'AT          ID             WHY',
    '2026-03-02  a              no rule of f…',
    '2026-03-03  deployment-12  an incident …',
  ]);
  expect(tableLines(titles, rows, 30)).toEqual(
    ['AT         ID         WHY', '2026-03-…  a          no rule…', '2026-03-…  deployme…  an inci…'].map(
      (line) => expect.stringMatching(new RegExp(`^${line.slice(0, 7)}`)),
    ),
  );
  for (const line of tableLines(titles, rows, 30)) expect([...line].length).toBeLessThanOrEqual(30);
});

test('what came from elsewhere cannot steer the terminal', () => {
  expect(tableLines(['ID'], [['\u001b[2Jgone']], undefined)[1]).toBe('?[2Jgone');
});

test.each([
  [0, '0 s'],
  [1.5, '1.5 s'],
  [59.9999, '60 s'],
  [60, '1 min'],
  [3725, '1 h 2 min'],
  [7200, '2 h'],
  [90_061, '1 d 1 h'],
  [86_400 + 61, '1 d'],
  [-65, '-1 min 5 s'],
])('%s seconds are %s', (seconds, text) => {
  expect(shownSeconds(seconds)).toBe(text);
});

test('instants are local to the zone', () => {
  expect(instantText('2026-03-29T01:30:00.000Z', 'Europe/Berlin')).toBe('2026-03-29 03:30:00');
  expect(instantText('2026-03-29T01:30:00.000Z', 'UTC')).toBe('2026-03-29 01:30:00');
  expect(instantText(null, 'UTC')).toBe('');
});
