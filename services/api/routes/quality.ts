import type { FastifyInstance } from 'fastify';
import { type ApiContext, registerRead } from '../http/read-route.ts';
import { rangeQuery, subjectQuery } from '../parameters/schemas.ts';
import { qualityRow } from '../rows/quality.ts';
import { readFreshness } from '../store/recompute-status.ts';
import { describeRange, selectionOf, servicesOf } from './selection.ts';

/** `/v1/quality`: what the numbers rest on. */
export function registerQuality(app: FastifyInstance, context: ApiContext): void {
  registerRead(app, context, {
    address: '/v1/quality',
    tag: 'DORA',
    summary: 'How good the data is',
    description:
      'One row a check: how many of how many are affected, and one of them. Over all environments.',
    query: { ...subjectQuery, ...rangeQuery },
    row: qualityRow,
    shape: 'rows',
    caching: 'short',
    restsOn: 'everything',
    find: async ({ query, now, version }) => {
      const selection = await selectionOf(query, now, context);
      const freshness = await readFreshness(context.views, await version());
      const data = await context.views.read({
        view: 'quality',
        parameters: {
          ...servicesOf(selection),
          since: new Date(selection.from),
          until: new Date(selection.to),
          now,
        },
        row: qualityRow,
        key: [
          { column: 'check', type: 'String' },
          { column: 'service', type: 'String' },
        ],
      });
      const columns = Object.keys(qualityRow.shape);
      return { data, columns, parameters: describeRange(selection), freshness };
    },
  });
}
