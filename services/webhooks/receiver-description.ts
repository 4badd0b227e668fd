import { correctionFact, factSchema, reviewFact } from '@evenkeel/events';
import { problemSchema } from '@evenkeel/runtime';
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';

/** A canonical fact, as the API's description names it. */
const fact = factSchema.meta({
  id: 'Fact',
  description: 'Canonical fact; docs/facts.schema.json has it alone',
});

/** Body of `POST /v1/facts`. */
export const factsBody = z.union([fact, z.array(fact)]);

const rejectedLine = z.object({
  line: z.number().int().optional().describe('Line, or element of the array, from 1'),
  code: z.string().describe('Why; docs/errors.md lists all'),
  errors: z.array(z.object({ field: z.string(), message: z.string() })),
});
const factsAnswer = z.object({
  accepted: z.number().int().describe('Facts that are durable now'),
  rejected_count: z.number().int(),
  rejected: z.array(rejectedLine).describe('The first 1 000 lines that were not taken'),
});
const taken = { review: reviewFact, correction: correctionFact };

const problem = { content: { 'application/problem+json': { schema: problemSchema } } };
const problems = {
  400: { description: 'The body is not what its content type promises', ...problem },
  401: { description: 'A token is needed', ...problem },
  403: { description: 'The token lacks the scope `write`', ...problem },
  413: { description: 'The body is larger than is taken', ...problem },
  415: { description: 'The content type or encoding is not supported', ...problem },
  429: { description: 'Too much is waiting; `Retry-After` says when to come back', ...problem },
  503: { description: 'ClickHouse, or Kafka, is away; `Retry-After` says when to come back', ...problem },
};

/** What `POST /v1/facts` answers. */
export const factsAnswers = {
  200: {
    description: 'At least one fact is durable; the lines that were not taken',
    content: { 'application/json': { schema: factsAnswer } },
  },
  ...problems,
  422: { description: 'No line is a valid fact', ...problem },
};

/** What the receiver of judgements answers. */
export function answersOf(kind: keyof typeof taken) {
  const answer = z.object({ data: taken[kind].describe('The fact as it is kept, with its `event_id`') });
  return {
    201: {
      description: 'It is durable',
      content: { 'application/json': { schema: answer } },
    },
    ...problems,
    422: { description: 'A field is wrong; `errors` names it', ...problem },
  };
}

/** Schemas of these routes describe: bodies are taken as bytes and checked as facts, answers are written as they are. */
export function describeOnly(app: FastifyInstance): void {
  app.setValidatorCompiler(() => (value) => ({ value }));
  app.setSerializerCompiler(() => (answer) => JSON.stringify(answer));
}
