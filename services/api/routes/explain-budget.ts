import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { type ApiContext, registerRead } from '../http/read-route.ts';
import { formatInstant } from '../parameters/instant.ts';
import { resolveAt } from '../parameters/resolve.ts';
import { atQuery, pageQuery } from '../parameters/schemas.ts';
import { explainBudgetRow } from '../rows/explain.ts';
import { readFreshness } from '../store/recompute-status.ts';
import { cutFilteredPage, filteredPageOf } from './filtered-page.ts';
import { orInvalid } from './selection.ts';

const LIST = 'explain/error_budget';
const MINUTE_MS = 60_000;

/** `/v1/explain/error_budget`: what an SLO's error budget was made from. */
export function registerExplainBudget(app: FastifyInstance, context: ApiContext): void {
  registerRead(app, context, {
    address: '/v1/explain/error_budget',
    tag: 'SLOs',
    summary: 'The time behind an error budget',
    description:
      'A row a quarter-hour and rule since the start of the window: what was counted, what a correction excludes, what is without data. Counted rows, counted again, are the budget.',
    query: {
      slo: z.string().min(1).max(512).describe('`slo_id`'),
      ...atQuery,
      ...pageQuery,
    },
    row: explainBudgetRow,
    shape: 'page',
    caching: 'revalidate',
    find: async ({ query: { slo, at: asked, tz, ...paging }, now, version }) => {
      const given =
        asked === undefined
          ? undefined
          : orInvalid(await resolveAt({ at: asked, tz }, now, context.calendar));
      const page = filteredPageOf(
        LIST,
        { slo: [slo], at: given === undefined ? undefined : [cutToMinute(given)] },
        paging,
      );
      // "Now" is that of the first page.
      const [at = cutToMinute(now.getTime())] = page.filters['at'] ?? [];
      const fixed = { ...page, filters: { ...page.filters, at: [at] } };
      const freshness = await readFreshness(context.views, await version());
      const rows = await context.views.readKeyed({
        view: 'explain_error_budget',
        parameters: { slo_id: slo, at: new Date(at) },
        row: explainBudgetRow,
        key: [
          { column: 'at', type: "DateTime64(3, 'UTC')" },
          { column: 'rule', type: 'String' },
          { column: 'evidence', type: 'String' },
        ],
        after: page.after,
        limit: page.limit + 1,
      });
      return {
        ...cutFilteredPage(LIST, fixed, rows),
        columns: Object.keys(explainBudgetRow.shape),
        parameters: { metric: 'error_budget', slo, at, limit: page.limit },
        freshness,
      };
    },
  });
}

function cutToMinute(epochMs: number): string {
  return formatInstant(Math.floor(epochMs / MINUTE_MS) * MINUTE_MS);
}
