import { expect, test } from 'vitest';
import { type AcceptedToken, authorize, isLoopback, parseTokens, refuseToListen } from './tokens.ts';

function accepted(text: string): readonly AcceptedToken[] {
  const parsed = parseTokens(text);
  if (parsed.outcome !== 'ok') throw new Error(parsed.reason);
  return parsed.tokens;
}

const tokens = accepted('reader-token:read,ci-token-1:write+gate');

test('a known token grants its scopes and no other', () => {
  expect(authorize(tokens, 'Bearer ci-token-1', 'write')).toEqual({ outcome: 'ok' });
  expect(authorize(tokens, 'bearer ci-token-1', 'gate')).toEqual({ outcome: 'ok' });
  expect(authorize(tokens, 'Bearer ci-token-1', 'read')).toMatchObject({ code: 'forbidden' });
});

test.each([undefined, '', 'Bearer', 'Basic reader-token', 'Bearer reader-toke', 'Bearer reader-token2'])(
  'the header %s is unauthorized',
  (header) => {
    expect(authorize(tokens, header, 'read')).toMatchObject({ code: 'unauthorized' });
  },
);

test('a token may hold a colon', () => {
  expect(authorize(accepted('team:a:secret:read'), 'Bearer team:a:secret', 'read')).toEqual({
    outcome: 'ok',
  });
});

test.each(['token-without-scope', ':read', 'short:read', 'long-enough:', 'long-enough:read+admin'])(
  'the entry %s is refused',
  (text) => {
    expect(parseTokens(text).outcome).toBe('rejected');
  },
);

test('without tokens everything is allowed, and only loopback is listened on', () => {
  expect(authorize([], undefined, 'write')).toEqual({ outcome: 'ok' });
  expect(() => refuseToListen('127.0.0.1', [])).not.toThrow();
  expect(() => refuseToListen('0.0.0.0', [])).toThrow('EVENKEEL_TOKENS');
  expect(() => refuseToListen('0.0.0.0', tokens)).not.toThrow();
});

test.each([
  ['localhost', true],
  ['::1', true],
  ['[::1]', true],
  ['127.0.0.53', true],
  ['0.0.0.0', false],
  ['::', false],
  ['127.0.0.1.example.org', false],
  ['10.0.0.1', false],
])('%s is loopback: %s', (host, expected) => {
  expect(isLoopback(host)).toBe(expected);
});
