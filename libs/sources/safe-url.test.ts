import { expect, test } from 'vitest';
import { safeUrl } from './safe-url.ts';

test.each([
  ['https://ci.example.org/run/1', 'https://ci.example.org/run/1'],
  ['https://user:secret@ci.example.org/run/1', 'https://ci.example.org/run/1'],
  ['https://ci.example.org/run?buildId=1&view=logs', 'https://ci.example.org/run?buildId=1&view=logs'],
  ['https://ci.example.org/run?buildId=1&access_token=s&sig=s', 'https://ci.example.org/run?buildId=1'],
  ['https://ci.example.org/run#token=secret', 'https://ci.example.org/run'],
  [`https://ci.example.org/run?buildId=${'1'.repeat(600)}`, 'https://ci.example.org/run'],
  [`https://ci.example.org/${'x'.repeat(600)}`, undefined],
  ['javascript:alert(1)', undefined],
  ['run 17', undefined],
  [undefined, undefined],
])('%s is kept as %s', (address, expected) => {
  expect(safeUrl(address)).toBe(expected);
});
