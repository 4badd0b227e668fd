import { type ErrorCode, EvenkeelError, type FieldProblem } from '@evenkeel/runtime';
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';

/** An `invalid_parameter` with its fields named in the detail, for people who read only that. */
export function invalidParameter(errors: readonly FieldProblem[]): EvenkeelError {
  const detail = errors.map(({ field, message }) => `${field}: ${message}`).join('; ');
  return new EvenkeelError('invalid_parameter', detail, { errors });
}

/** Fastify's own refusals, in the words of the catalogue. */
const CODE_OF_STATUS: Readonly<Record<number, ErrorCode>> = {
  400: 'malformed_body',
  413: 'payload_too_large',
  415: 'unsupported_media_type',
};

/** Answer every error as `application/problem+json` (RFC 9457), addresses and methods that do not exist included. */
export function answerProblems(app: FastifyInstance): void {
  const methodsOf = collectRoutes(app);

  app.setErrorHandler((error: FastifyError, request, reply) => {
    sendProblem(request, reply, asEvenkeelError(error));
  });

  app.setNotFoundHandler((request, reply) => {
    const methods = methodsOf(request.url);
    if (methods.size === 0)
      return sendProblem(request, reply, new EvenkeelError('not_found', 'There is nothing at this address.'));
    const allowed = [...methods].sort().join(', ');
    reply.header('allow', allowed);
    return sendProblem(
      request,
      reply,
      new EvenkeelError('method_not_allowed', `This address answers ${allowed}.`),
    );
  });
}

/** Send one error. */
export function sendProblem(
  request: FastifyRequest,
  reply: FastifyReply,
  error: EvenkeelError,
): FastifyReply {
  if (error.status >= 500) {
    // The address without its query: what people ask for is their own affair.
    const route = request.routeOptions.url ?? 'unknown';
    request.log[error.code === 'internal' ? 'error' : 'warn'](
      { err: error.cause ?? error, code: error.code, method: request.method, route },
      'request failed',
    );
  }
  if (error.code === 'unauthorized') reply.header('www-authenticate', 'Bearer realm="evenkeel"');
  if (error.code === 'forbidden')
    reply.header('www-authenticate', 'Bearer realm="evenkeel", error="insufficient_scope"');
  if (error.retryAfterSeconds !== undefined) reply.header('retry-after', String(error.retryAfterSeconds));
  return reply
    .code(error.status)
    .header('cache-control', 'no-store')
    .type('application/problem+json; charset=utf-8')
    .send(JSON.stringify(error.toProblem()));
}

function asEvenkeelError(error: FastifyError): EvenkeelError {
  if (error instanceof EvenkeelError) return error;
  const code = CODE_OF_STATUS[error.statusCode ?? 500];
  if (code !== undefined) return new EvenkeelError(code, error.message, { cause: error });
  return new EvenkeelError('internal', 'Evenkeel could not answer; its log says why.', { cause: error });
}

/** Remember every route, to tell a wrong method from a wrong address. */
function collectRoutes(app: FastifyInstance): (url: string) => Set<string> {
  const routes: { parts: readonly string[]; methods: readonly string[] }[] = [];
  app.addHook('onRoute', ({ url, method }) => {
    routes.push({ parts: url.split('/'), methods: [method].flat() });
  });
  return (url) => {
    const path = (url.split('?', 1)[0] ?? url).split('/');
    const fitting = routes.filter(
      ({ parts }) =>
        parts.length === path.length &&
        parts.every((part, index) => part === path[index] || (part.startsWith(':') && path[index] !== '')),
    );
    return new Set(fitting.flatMap(({ methods }) => methods));
  };
}
