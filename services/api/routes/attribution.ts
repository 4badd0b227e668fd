import type { FastifyInstance } from 'fastify';
import { type ApiContext, registerRead } from '../http/read-route.ts';
import { commonQuery, pageQuery, sloQuery } from '../parameters/schemas.ts';
import { attributionRow } from '../rows/attribution.ts';
import { readFreshness } from '../store/recompute-status.ts';
import { cutPage, describeSelection, pageOf, selectionParameters } from './selection.ts';

/** `/v1/attribution`: whose the bad events of a range are. */
export function registerAttribution(app: FastifyInstance, context: ApiContext): void {
  registerRead(app, context, {
    address: '/v1/attribution',
    tag: 'SLOs',
    summary: 'What deployments cost',
    description:
      'A row per deployment and SLO that watches it; and per SLO a row `ambiguous` (of one of several deployments) and a row `background` (of none). Over the rows of an SLO both `bad` and `excess` add up to all its bad events of the range. By SLO, kind, service, environment and deployment.',
    query: { ...commonQuery, ...sloQuery, ...pageQuery },
    row: attributionRow,
    shape: 'page',
    caching: 'short',
    restsOn: 'everything',
    find: async ({ query, now, version }) => {
      const page = await pageOf('attribution', query, now, context);
      const freshness = await readFreshness(context.views, await version());
      const rows = await context.views.readKeyed({
        view: 'attribution',
        parameters: { ...selectionParameters(page.selection), slo_ids: page.slos },
        row: attributionRow,
        key: (['slo_id', 'kind', 'service', 'environment', 'deployment_id'] as const).map((column) => ({
          column,
          type: 'String',
        })),
        after: page.after,
        limit: page.limit + 1,
      });
      return {
        ...cutPage('attribution', page, rows),
        columns: Object.keys(attributionRow.shape),
        parameters: { ...describeSelection(page.selection), slo: page.slos, limit: page.limit },
        freshness,
      };
    },
  });
}
