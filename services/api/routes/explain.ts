import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { type ApiContext, registerRead } from '../http/read-route.ts';
import { commonQuery, pageQuery } from '../parameters/schemas.ts';
import { EXPLAINED_METRICS, explainRow } from '../rows/dora.ts';
import { readFreshness } from '../store/recompute-status.ts';
import type { KeyColumn } from '../store/view-reader.ts';
import { cutPage, describeSelection, pageOf, selectionParameters } from './selection.ts';

const KEY: readonly KeyColumn[] = [
  { column: 'at', type: "DateTime64(3, 'UTC')" },
  { column: 'subject', type: 'String' },
  { column: 'service', type: 'String' },
  { column: 'environment', type: 'String' },
  { column: 'id', type: 'String' },
];

/** `/v1/explain/{metric}`: the rows behind one number. */
export function registerExplain(app: FastifyInstance, context: ApiContext): void {
  registerRead(app, context, {
    address: '/v1/explain/:metric',
    tag: 'DORA',
    summary: 'The rows behind a number',
    description: 'Each row with what was decided about it, by which rule, and on what evidence.',
    query: { ...commonQuery, ...pageQuery },
    params: { metric: z.enum(EXPLAINED_METRICS).describe('Metric to explain') },
    row: explainRow,
    shape: 'page',
    caching: 'revalidate',
    find: async ({ query, params: { metric }, now }) => {
      const list = `explain/${metric}`;
      const page = await pageOf(list, query, now, context);
      const freshness = await readFreshness(context.views);
      const rows = await context.views.readKeyed({
        view: 'explain',
        parameters: { ...selectionParameters(page.selection), metric },
        row: explainRow,
        key: KEY,
        after: page.after,
        limit: page.limit + 1,
      });
      return {
        ...cutPage(list, page, rows),
        columns: Object.keys(explainRow.shape),
        parameters: { metric, ...describeSelection(page.selection), limit: page.limit },
        freshness,
      };
    },
  });
}
