import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { type ApiContext, registerRead } from '../http/read-route.ts';
import { commonQuery, pageQuery } from '../parameters/schemas.ts';
import { EXPLAINED_METRICS, type ExplainedMetric, explainRow } from '../rows/explain.ts';
import { readWithNotes } from '../store/thin-data.ts';
import type { KeyColumn } from '../store/view-reader.ts';
import { cutPage, describeSelection, pageOf, selectionParameters } from './selection.ts';

const KEY: readonly KeyColumn[] = [
  { column: 'at', type: "DateTime64(3, 'UTC')" },
  ...(['service', 'environment', 'id', 'subject', 'stage', 'rule', 'evidence'] as const).map((column) => ({
    column,
    type: 'String' as const,
  })),
];

const METRICS = Object.keys(EXPLAINED_METRICS) as ExplainedMetric[];

/** `/v1/explain/{metric}`: the rows behind one number. */
export function registerExplain(app: FastifyInstance, context: ApiContext): void {
  registerRead(app, context, {
    address: '/v1/explain/:metric',
    tag: 'DORA',
    summary: 'The rows behind a number',
    description:
      'What was counted and what was left out, each with the rule that decided, in words, and its evidence. Counted rows, counted again, are the number.',
    query: { ...commonQuery, ...pageQuery },
    params: { metric: z.enum(METRICS).describe('Metric to explain') },
    row: explainRow,
    shape: 'page',
    caching: 'revalidate',
    find: async ({ query, params: { metric }, now, version }) => {
      const view = EXPLAINED_METRICS[metric];
      const list = `explain/${metric}`;
      const page = await pageOf(list, query, now, context);
      const { freshness, answer: rows } = await readWithNotes(
        context,
        { now, version },
        selectionParameters(page.selection),
        () =>
          context.views.readKeyed({
            view,
            parameters: {
              ...selectionParameters(page.selection),
              metric,
              ...(view === 'explain_changes' ? {} : { now }),
            },
            row: explainRow,
            key: KEY,
            after: page.after,
            limit: page.limit + 1,
          }),
      );
      return {
        ...cutPage(list, page, rows),
        columns: Object.keys(explainRow.shape),
        parameters: { metric, ...describeSelection(page.selection), limit: page.limit },
        freshness,
      };
    },
  });
}
