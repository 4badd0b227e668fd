import { type AcceptedToken, problemSchema } from '@evenkeel/runtime';
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { type Caching, type Found, mediaTypeOf, sendFound } from '../answers/answer.ts';
import type { Calendar } from '../parameters/calendar.ts';
import { freshness } from '../store/recompute-status.ts';
import type { ViewReader } from '../store/view-reader.ts';
import { requireScope } from './security.ts';

/** What the endpoints work with. */
export interface ApiContext {
  readonly views: ViewReader;
  readonly calendar: Calendar;
  readonly clock: () => Date;
  readonly tokens: readonly AcceptedToken[];
}

/** One address from which rows are read. */
export interface ReadRoute<Query extends z.ZodRawShape, Params extends z.ZodRawShape> {
  readonly address: string;
  readonly tag: 'DORA' | 'Events' | 'SLOs' | 'Settings';
  readonly summary: string;
  readonly description: string;
  readonly query: Query;
  readonly params?: Params;
  readonly row: z.ZodObject;
  /** `one`: exactly one row; `rows`: all of them; `page`: a list with a cursor. */
  readonly shape: 'one' | 'rows' | 'page';
  readonly caching: Caching;
  /** Error statuses that it can answer besides 400, 401, 403, 406 and 503. */
  readonly problems?: readonly (404 | 409)[];
  find(asked: {
    readonly query: z.output<z.ZodObject<Query>>;
    readonly params: z.output<z.ZodObject<Params>>;
    readonly now: Date;
  }): Promise<Found>;
}

/** Register an address: checks the token and the parameters, finds the rows, answers in the format that was asked. */
export function registerRead<
  Query extends z.ZodRawShape,
  Params extends z.ZodRawShape = Record<never, never>,
>(app: FastifyInstance, context: ApiContext, route: ReadRoute<Query, Params>): void {
  const querystring = z.strictObject(route.query);
  const params = route.params === undefined ? undefined : z.strictObject(route.params);
  app.get(
    route.address,
    {
      onRequest: requireScope(context.tokens, 'read'),
      schema: {
        tags: [route.tag],
        summary: route.summary,
        description: route.description,
        querystring,
        ...(params === undefined ? {} : { params }),
        response: responses(route),
      },
    },
    async (request, reply) => {
      const mediaType = mediaTypeOf(request);
      const found = await route.find({
        // Fastify has put there what the schemas above gave.
        query: request.query as z.output<z.ZodObject<Query>>,
        params: request.params as z.output<z.ZodObject<Params>>,
        now: context.clock(),
      });
      return sendFound(request, reply, found, mediaType, route.caching);
    },
  );
}

function responses(route: Pick<ReadRoute<z.ZodRawShape, z.ZodRawShape>, 'row' | 'shape' | 'problems'>) {
  const meta = z.looseObject({
    ...freshness.shape,
    ...(route.shape === 'page'
      ? {
          next_cursor: z
            .string()
            .nullable()
            .describe('Send it as `cursor` for the next page; null: this is the last'),
        }
      : {}),
  });
  const data = route.shape === 'one' ? route.row : z.array(route.row);
  const problem = { content: { 'application/problem+json': { schema: problemSchema } } };
  return {
    200: {
      description: 'The rows',
      content: {
        'application/json': {
          schema: z.object({
            data,
            meta: meta.describe('The parameters as they were understood, and how far the numbers reach'),
          }),
        },
        'text/csv': { schema: z.string().describe('The same columns, with a header line') },
      },
    },
    400: { description: 'A parameter is unknown or invalid; `errors` names it', ...problem },
    401: { description: 'A token is needed', ...problem },
    403: { description: 'The token lacks the scope `read`', ...problem },
    ...(route.problems?.includes(404) ? { 404: { description: 'Nothing has this id', ...problem } } : {}),
    406: { description: 'Neither JSON nor CSV is accepted', ...problem },
    ...(route.problems?.includes(409)
      ? { 409: { description: 'The id alone names several; `errors` lists them', ...problem } }
      : {}),
    503: { description: 'ClickHouse is away; `Retry-After` says when to come back', ...problem },
  };
}
