import { type AcceptedToken, problemSchema } from '@evenkeel/runtime';
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import {
  type Answer,
  type Caching,
  type Found,
  mediaTypeOf,
  sendAnswer,
  writeAnswer,
} from '../answers/answer.ts';
import type { Reuse } from '../answers/reuse.ts';
import type { Calendar } from '../parameters/calendar.ts';
import type { QualityNote } from '../rows/quality.ts';
import {
  freshness,
  type RecomputeVersion,
  readStoreVersion,
  readVersion,
} from '../store/recompute-status.ts';
import type { NotedRows, ViewReader } from '../store/view-reader.ts';
import { requireScope } from './security.ts';

/** What the endpoints work with. */
export interface ApiContext {
  readonly views: ViewReader;
  readonly calendar: Calendar;
  readonly clock: () => Date;
  readonly tokens: readonly AcceptedToken[];
  /** Answers of the addresses whose caching is `short`. Whoever may read gets the same, so none is bound to a token. */
  readonly answers: Reuse<Answer>;
  /** Rows of aggregates, which stay while facts come in that are not in the numbers yet. */
  readonly aggregates: Reuse<NotedRows>;
  /** What is thin about a selection, which many addresses are asked for one after the other. */
  readonly thinData: Reuse<QualityNote[]>;
}

/** What a request brings, besides its parameters, to where its rows are read. */
export interface Moment {
  readonly now: Date;
  /** How far the numbers are, read after the request came in. */
  version(): Promise<RecomputeVersion>;
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
  /**
   * What stays while an answer with the caching `short` does: the numbers about deliveries, or everything stored.
   *
   * @default deliveries
   */
  readonly restsOn?: 'deliveries' | 'everything';
  /** Error statuses that it can answer besides 400, 401, 403, 406 and 503. */
  readonly problems?: readonly (404 | 409)[];
  find(
    asked: {
      readonly query: z.output<z.ZodObject<Query>>;
      readonly params: z.output<z.ZodObject<Params>>;
    } & Moment,
  ): Promise<Found>;
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
      const now = context.clock();
      const make = async (version: Moment['version']) => {
        const found = await route.find({
          // Fastify has put there what the schemas above gave.
          query: request.query as z.output<z.ZodObject<Query>>,
          params: request.params as z.output<z.ZodObject<Params>>,
          now,
          version,
        });
        return writeAnswer(request, found, mediaType, route.caching);
      };
      const answer =
        route.caching === 'short'
          ? await reused(context, `${mediaType} ${request.url}`, now, route.restsOn, make)
          : await make(() => readVersion(context.views));
      return sendAnswer(request, reply, answer, mediaType);
    },
  );
}

/** The version is read after the request came in: what was recomputed before it is in the answer. */
async function reused(
  { views, answers }: ApiContext,
  key: string,
  now: Date,
  restsOn: ReadRoute<z.ZodRawShape, z.ZodRawShape>['restsOn'],
  make: (version: Moment['version']) => Promise<Answer>,
): Promise<Answer> {
  const version = restsOn === 'everything' ? await readStoreVersion(views) : await readVersion(views);
  const { watermark: _, ...hashes } = version;
  return answers.get(key, Object.values(hashes).join(' '), now, () => make(async () => version));
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
