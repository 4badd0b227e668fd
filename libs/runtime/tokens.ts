import { createHash, timingSafeEqual } from 'node:crypto';
import { StartError } from './errors.ts';

/** What a bearer token may do: read numbers, report facts, ask the gate. */
const scopes = ['read', 'write', 'gate'] as const;
export type Scope = (typeof scopes)[number];

/** One accepted token; only its SHA-256 is kept. */
export interface AcceptedToken {
  readonly digest: Buffer;
  readonly scopes: ReadonlySet<Scope>;
}

/** Shortest token that is accepted, in characters. */
const shortestToken = 8;

/**
 * Parses `token:scope+scope,…`. The reason of a rejection counts entries instead of repeating them, because a
 * mistyped entry still holds most of a secret.
 */
export function parseTokens(
  text: string,
): { outcome: 'ok'; tokens: readonly AcceptedToken[] } | { outcome: 'rejected'; reason: string } {
  const tokens: AcceptedToken[] = [];
  const entries = text
    .split(',')
    .map((entry) => entry.trim())
    .filter((entry) => entry !== '');
  for (const [index, entry] of entries.entries()) {
    const colon = entry.lastIndexOf(':');
    const token = entry.slice(0, colon);
    const named = entry.slice(colon + 1).split('+');
    const reject = (reason: string) => ({
      outcome: 'rejected' as const,
      reason: `entry ${index + 1}: ${reason}`,
    });
    if (colon < 1) return reject('expected token:scope+scope');
    if (token.length < shortestToken) return reject(`the token is shorter than ${shortestToken} characters`);
    if (!named.every(isScope)) return reject(`scopes are ${scopes.join(', ')}`);
    tokens.push({ digest: digestOf(token), scopes: new Set(named) });
  }
  return { outcome: 'ok', tokens };
}

/** What {@link authorize} decides. */
export type Authorization =
  | { outcome: 'ok' }
  | { outcome: 'rejected'; code: 'unauthorized' | 'forbidden'; reason: string };

/**
 * Decides whether an `Authorization` header grants a scope. Without any accepted token everything is allowed,
 * which is safe only on loopback: see {@link refuseToListen}. Takes the same time for every wrong token.
 */
export function authorize(
  tokens: readonly AcceptedToken[],
  header: string | undefined,
  scope: Scope,
): Authorization {
  if (tokens.length === 0) return { outcome: 'ok' };
  const given = /^Bearer +(\S+) *$/i.exec(header ?? '')?.[1];
  if (given === undefined) {
    return { outcome: 'rejected', code: 'unauthorized', reason: 'Send Authorization: Bearer <token>.' };
  }
  const digest = digestOf(given);
  let match: AcceptedToken | undefined;
  for (const token of tokens) if (timingSafeEqual(token.digest, digest)) match = token;
  if (match === undefined) {
    return { outcome: 'rejected', code: 'unauthorized', reason: 'The bearer token is not known.' };
  }
  if (match.scopes.has(scope)) return { outcome: 'ok' };
  return { outcome: 'rejected', code: 'forbidden', reason: `The token lacks the scope ${scope}.` };
}

/** True for addresses that only this machine reaches. */
export function isLoopback(host: string): boolean {
  const bare = host.replace(/^\[|\]$/g, '').toLowerCase();
  return bare === 'localhost' || bare === '::1' || /^127(\.\d{1,3}){3}$/.test(bare);
}

/**
 * Refuses to open a port beyond loopback to everybody.
 *
 * @throws {StartError} `tokens_required` when `host` is not loopback and no token is configured.
 */
export function refuseToListen(host: string, tokens: readonly AcceptedToken[]): void {
  if (isLoopback(host) || tokens.length > 0) return;
  throw new StartError(
    'tokens_required',
    `Will not listen on ${host} without tokens: set EVENKEEL_TOKENS=token:read+write, or listen on 127.0.0.1.`,
  );
}

function isScope(text: string): text is Scope {
  return (scopes as readonly string[]).includes(text);
}

function digestOf(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}
