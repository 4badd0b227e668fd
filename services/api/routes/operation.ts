import type { AcceptedToken, HealthAnswer, HealthEndpoints } from '@evenkeel/runtime';
import type { FastifyInstance, FastifyReply } from 'fastify';
import { z } from 'zod';
import { requireScope } from '../http/security.ts';

const tags = ['Operation'];
const state = z.looseObject({ ready: z.boolean() });

/**
 * `/healthz` and `/readyz`, open to whoever supervises the process, and `/metrics`, which tells more and therefore
 * needs the scope `read` where tokens are configured.
 */
export function registerOperation(
  app: FastifyInstance,
  health: HealthEndpoints,
  tokens: readonly AcceptedToken[],
): void {
  app.get(
    '/healthz',
    {
      schema: {
        tags,
        summary: 'The process runs',
        security: [],
        response: { 200: z.object({ status: z.string() }) },
      },
    },
    async (_request, reply) => sendHealth(reply, health.healthz()),
  );
  app.get(
    '/readyz',
    {
      schema: {
        tags,
        summary: 'It takes work; else which part does not, and why',
        security: [],
        response: { 200: state, 503: state },
      },
    },
    async (_request, reply) => sendHealth(reply, await health.readyz()),
  );
  app.get(
    '/metrics',
    {
      onRequest: requireScope(tokens, 'read'),
      schema: {
        tags,
        summary: 'What the process measures of itself, for Prometheus',
        response: {
          200: { description: 'Metrics', content: { 'text/plain': { schema: z.string() } } },
        },
      },
    },
    async (_request, reply) => sendHealth(reply, await health.metrics()),
  );
}

function sendHealth(reply: FastifyReply, { status, contentType, body }: HealthAnswer): FastifyReply {
  return reply.code(status).header('cache-control', 'no-store').type(contentType).send(body);
}
