import { EvenkeelError } from './errors.ts';
import { type AcceptedToken, isLoopback } from './tokens.ts';

/**
 * Where nobody is asked for a token, refuses what somebody else's web page could make a browser send to this machine: a
 * host name that points here (DNS rebinding), or another origin.
 *
 * @throws {EvenkeelError} `foreign_page`
 */
export function refuseForeignPages(
  tokens: readonly AcceptedToken[],
  headers: { readonly host?: string | undefined; readonly origin?: string | undefined },
): void {
  if (tokens.length > 0) return;
  const { host, origin } = headers;
  if (isOwn(host) && (origin === undefined || isOwn(hostOf(origin)))) return;
  throw new EvenkeelError(
    'foreign_page',
    'Without tokens only requests to 127.0.0.1 or localhost are answered, and none from pages of other origins.',
  );
}

function isOwn(host: string | undefined): boolean {
  return host !== undefined && isLoopback(host.replace(/:\d+$/, ''));
}

function hostOf(origin: string): string | undefined {
  return URL.canParse(origin) ? new URL(origin).host : undefined;
}
