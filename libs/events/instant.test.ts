import fc from 'fast-check';
import { expect, test } from 'vitest';
import { formatInstant, parseInstant } from './instant.ts';

test.each([
  ['2026-03-01T12:00:00Z', '2026-03-01T12:00:00.000Z'],
  ['2026-03-01t12:00:00z', '2026-03-01T12:00:00.000Z'],
  ['2026-03-01T12:00:00.1Z', '2026-03-01T12:00:00.100Z'],
  ['2026-03-01T12:00:00.123999999Z', '2026-03-01T12:00:00.123Z'],
  ['2026-03-01T00:30:00+05:45', '2026-02-28T18:45:00.000Z'],
  ['2024-03-01T00:30:00+05:45', '2024-02-29T18:45:00.000Z'],
  ['2025-12-31T23:30:00-01:00', '2026-01-01T00:30:00.000Z'],
  ['2024-02-29T00:00:00Z', '2024-02-29T00:00:00.000Z'],
  ['2000-02-29T00:00:00Z', '2000-02-29T00:00:00.000Z'],
  ['2026-03-01T12:00:00-00:00', '2026-03-01T12:00:00.000Z'],
  ['2016-12-31T23:59:60Z', '2017-01-01T00:00:00.000Z'],
  ['2017-01-01T00:59:60.5+01:00', '2017-01-01T00:00:00.500Z'],
  ['1969-12-31T23:00:00-01:00', '1970-01-01T00:00:00.000Z'],
  ['2299-12-31T23:59:59.999Z', '2299-12-31T23:59:59.999Z'],
])('%s is %s', (text, expected) => {
  expect(formatInstant(parseInstant(text) ?? Number.NaN)).toBe(expected);
});

test.each([
  '2026-02-29T00:00:00Z',
  '2100-02-29T00:00:00Z',
  '2026-04-31T00:00:00Z',
  '2026-13-01T00:00:00Z',
  '2026-00-01T00:00:00Z',
  '2026-01-00T00:00:00Z',
  '2026-01-01T24:00:00Z',
  '2026-01-01T23:60:00Z',
  '2026-01-01T12:00:60Z',
  '2026-01-01T00:00:00+24:00',
  '2026-01-01T00:00:00+01:60',
  '2026-01-01T00:00:00+0100',
  '2026-01-01T00:00:00',
  '2026-01-01 00:00:00Z',
  '2026-01-01',
  '0099-01-01T00:00:00Z',
  '0001-01-01T00:00:00Z',
  '1970-01-01T00:00:00+00:01',
  '2300-01-01T00:00:00Z',
  '2026-01-01T00:00:00.Z',
  ' 2026-01-01T00:00:00Z',
  '1767225600',
  '',
])('%s is none', (text) => {
  expect(parseInstant(text)).toBeUndefined();
});

test('reads back what it writes', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: Date.UTC(2300, 0, 1) - 1 }), (unixMs) => {
      expect(parseInstant(formatInstant(unixMs))).toBe(unixMs);
    }),
  );
});

test('an offset shifts the instant and nothing else', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 86_400_000, max: Date.UTC(2299, 0, 1) }),
      fc.integer({ min: -1439, max: 1439 }),
      (unixMs, offsetMinutes) => {
        const local = formatInstant(unixMs + offsetMinutes * 60_000).slice(0, -1);
        const hours = String(Math.floor(Math.abs(offsetMinutes) / 60)).padStart(2, '0');
        const minutes = String(Math.abs(offsetMinutes) % 60).padStart(2, '0');
        expect(parseInstant(`${local}${offsetMinutes < 0 ? '-' : '+'}${hours}:${minutes}`)).toBe(unixMs);
      },
    ),
  );
});
