import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { EngineError } from '../engine-error.ts';

export interface Credentials {
  user: string;
  password: string;
}

/** Decides whom to let in, where one fixed user is not enough. */
export type CredentialsCheck = (given: Credentials) => boolean;

/**
 * Checks who asks, in the places ClickHouse looks: its own headers, Basic, the URL. Without configured credentials
 * everybody who reaches the loopback interface may ask.
 *
 * @throws EngineError AUTHENTICATION_FAILED
 */
export function authenticate(
  request: IncomingMessage,
  url: URLSearchParams,
  expected: Credentials | CredentialsCheck | undefined,
): void {
  if (expected === undefined) return;
  const given = fromHeaders(request) ?? fromBasic(request) ?? fromUrl(url);
  if (!(typeof expected === 'function' ? expected(given) : bothSame(given, expected))) {
    throw new EngineError(
      'Code: 516. DB::Exception: Authentication failed: password is incorrect, or there is no user with such name. (AUTHENTICATION_FAILED)',
    );
  }
}

/** Both are compared always, so that the time taken does not tell which one was wrong. */
function bothSame(given: Credentials, expected: Credentials): boolean {
  const user = same(given.user, expected.user);
  const password = same(given.password, expected.password);
  return user && password;
}

/**
 * Refuses what a web page of somebody else's could make a browser send to the loopback interface, be it with a
 * host name that points here (DNS rebinding) or across origins.
 *
 * @throws EngineError ACCESS_DENIED
 */
export function refuseForeignPages(request: IncomingMessage): void {
  const origin = request.headers.origin;
  if (isLoopback(request.headers.host) && (origin === undefined || isLoopback(hostOf(origin)))) return;
  throw new EngineError(
    'Code: 497. DB::Exception: This endpoint answers requests to 127.0.0.1 or localhost only. (ACCESS_DENIED)',
  );
}

/** Is this host name, with or without a port, this machine's own? */
export function isLoopback(host: string | undefined): boolean {
  const name = host?.replace(/:\d+$/, '').toLowerCase();
  return (
    name === 'localhost' || name === '[::1]' || name === '::1' || /^127\.\d+\.\d+\.\d+$/.test(name ?? '')
  );
}

function hostOf(origin: string): string | undefined {
  return URL.canParse(origin) ? new URL(origin).host : undefined;
}

function fromHeaders(request: IncomingMessage): Credentials | undefined {
  const user = request.headers['x-clickhouse-user'];
  const password = request.headers['x-clickhouse-key'];
  if (user === undefined && password === undefined) return undefined;
  return { user: String(user ?? 'default'), password: String(password ?? '') };
}

function fromBasic(request: IncomingMessage): Credentials | undefined {
  const encoded = /^basic\s+(\S+)$/i.exec(request.headers.authorization ?? '')?.[1];
  if (encoded === undefined) return undefined;
  const [user = '', ...password] = Buffer.from(encoded, 'base64').toString().split(':');
  return { user, password: password.join(':') };
}

function fromUrl(url: URLSearchParams): Credentials {
  return { user: url.get('user') ?? 'default', password: url.get('password') ?? '' };
}

function same(a: string, b: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(a), digest(b));
}
