import { expect, test } from 'vitest';
import { refuseForeignPages } from './foreign-pages.ts';
import { parseTokens } from './tokens.ts';

test.each([
  { host: '127.0.0.1:8080' },
  { host: 'localhost' },
  { host: '[::1]:8080' },
  { host: 'localhost:8080', origin: 'http://localhost:3000' },
])('%j is ours', (headers) => {
  expect(() => refuseForeignPages([], headers)).not.toThrow();
});

test.each([
  {},
  { host: 'evil.example' },
  { host: 'localhost.evil.example:8080' },
  { host: '127.0.0.1:8080', origin: 'http://evil.example' },
  { host: '127.0.0.1:8080', origin: 'null' },
])('%j is refused without tokens', (headers) => {
  expect(() => refuseForeignPages([], headers)).toThrow('localhost');
});

test('with tokens the token decides', () => {
  const parsed = parseTokens('long-enough:read');
  expect(() =>
    refuseForeignPages(parsed.outcome === 'ok' ? parsed.tokens : [], { host: 'evil.example' }),
  ).not.toThrow();
});
