import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { formatInstant, isQuarterHour, parseMoment } from './instant.ts';

describe('parseMoment', () => {
  test.each([
    ['2026-03-29T00:00:00Z', '2026-03-29T00:00:00.000Z'],
    ['2026-03-29T01:30:00+01:30', '2026-03-29T00:00:00.000Z'],
    ['2026-03-28T19:00:00-05:00', '2026-03-29T00:00:00.000Z'],
    ['2026-03-29t00:00:00.9999z', '2026-03-29T00:00:00.999Z'],
    ['2024-02-29T00:00:00Z', '2024-02-29T00:00:00.000Z'],
  ])('%s is %s', (text, expected) => {
    const moment = parseMoment(text);
    expect(moment.outcome === 'instant' && formatInstant(moment.epochMs)).toBe(expected);
  });

  test('a date is a day', () => {
    expect(parseMoment('1970-01-02')).toEqual({ outcome: 'day', day: 1 });
  });

  test.each([
    '',
    '2026',
    '2026-02-30',
    '2026-13-01',
    '2026-3-1',
    '2026-03-29T00:00:00',
    '2026-03-29T24:00:00Z',
    '2026-03-29T23:59:60Z',
    '2026-03-29T00:00:00+24:00',
    '2026-03-29 00:00:00Z',
    '1774742400',
    'yesterday',
    '0001-01-01',
    '1969-12-31',
    '2200-01-02',
  ])('refuses %j', (text) => {
    expect(parseMoment(text).outcome).toBe('rejected');
  });

  test('tells who lost a plus sign in a URL', () => {
    expect(parseMoment('2026-03-29T00:00:00 01:00')).toMatchObject({
      message: expect.stringContaining('%2B'),
    });
  });

  test('reads back every instant that it writes', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: Date.UTC(2200, 0, 1) }), (epochMs) => {
        expect(parseMoment(formatInstant(epochMs))).toEqual({ outcome: 'instant', epochMs });
      }),
    );
  });
});

test('quarter-hours', () => {
  expect([0, 900_000, 900_001, 450_000].map(isQuarterHour)).toEqual([true, true, false, false]);
});
