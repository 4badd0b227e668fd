import {
  type AcceptedToken,
  authorize,
  EvenkeelError,
  refuseForeignPages,
  type Scope,
} from '@evenkeel/runtime';
import type { FastifyInstance, FastifyReply, onRequestHookHandler } from 'fastify';

/** What browsers may do with an answer: nothing but show it. The docs have their own policy. */
const HEADERS = {
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
};

/** Put the security headers on one answer. */
export function setSecurityHeaders(reply: FastifyReply): void {
  reply.headers(HEADERS);
}

/** Put the security headers on every answer; refuse pages of other origins where nobody is asked for a token. */
export function addSecurity(app: FastifyInstance, tokens: readonly AcceptedToken[]): void {
  app.addHook('onRequest', async (request, reply) => {
    setSecurityHeaders(reply);
    refuseForeignPages(tokens, request.headers);
  });
}

/** Let only requests through whose bearer token has the scope; everything, when no tokens are configured. */
export function requireScope(tokens: readonly AcceptedToken[], scope: Scope): onRequestHookHandler {
  return async (request) => {
    const decision = authorize(tokens, request.headers.authorization, scope);
    if (decision.outcome === 'rejected') throw new EvenkeelError(decision.code, decision.reason);
  };
}
