import type { FastifyReply, FastifyRequest } from 'fastify';
import { toEvenkeelError } from './door.ts';

/** Answers an error as `application/problem+json`, with `more` beside the fields of every problem. */
export function sendProblem(
  error: unknown,
  request: FastifyRequest,
  reply: FastifyReply,
  more: object = {},
): FastifyReply {
  const problem = toEvenkeelError(error);
  if (problem.code === 'internal') request.log.error({ err: error }, 'request failed');
  if (problem.status === 401) reply.header('www-authenticate', 'Bearer');
  if (problem.retryAfterSeconds !== undefined) reply.header('retry-after', problem.retryAfterSeconds);
  return reply
    .code(problem.status)
    .type('application/problem+json')
    .serializer(JSON.stringify)
    .send({ ...problem.toProblem(), ...more });
}
