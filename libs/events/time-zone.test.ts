import { expect, test } from 'vitest';
import { timeZone } from './time-zone.ts';

test.each([
  'UTC',
  'Europe/Berlin',
  'America/Argentina/Buenos_Aires',
  'Asia/Kolkata',
  'Etc/GMT+5',
  'Africa/Cairo',
])('%s is a zone', (name) => {
  expect(timeZone.safeParse(name).success).toBe(true);
});

test.each(['', 'europe/berlin', 'utc', '+02:00', 'Europe/Atlantis', 'Europe/Berlin; drop', 'UTC+2'])(
  '%s is none',
  (name) => {
    expect(timeZone.safeParse(name).success).toBe(false);
  },
);
