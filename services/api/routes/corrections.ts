import type { FastifyInstance } from 'fastify';
import { type ApiContext, registerRead } from '../http/read-route.ts';
import { pageQuery, sloQuery } from '../parameters/schemas.ts';
import { correctionRow } from '../rows/settings.ts';
import { readFreshness } from '../store/recompute-status.ts';
import { cutFilteredPage, filteredPageOf } from './filtered-page.ts';

/** `/v1/corrections`: time ranges that are excluded from budgets. */
export function registerCorrections(app: FastifyInstance, context: ApiContext): void {
  registerRead(app, context, {
    address: '/v1/corrections',
    tag: 'Settings',
    summary: 'Time ranges that are excluded from budgets',
    description: 'By `starts_at`, then id, ascending; those taken back are left out.',
    query: { ...sloQuery, ...pageQuery },
    row: correctionRow,
    shape: 'page',
    caching: 'revalidate',
    find: async ({ query: { slo, ...asked }, version }) => {
      const page = filteredPageOf('corrections', { slo }, asked);
      const freshness = await readFreshness(context.views, await version());
      const slos = page.filters['slo'] ?? [];
      const rows = await context.views.readKeyed({
        view: 'corrections',
        row: correctionRow,
        among: { column: 'slo_id', values: slos },
        key: [
          { column: 'starts_at', type: "DateTime64(3, 'UTC')" },
          { column: 'correction_id', type: 'String' },
        ],
        after: page.after,
        limit: page.limit + 1,
      });
      return {
        ...cutFilteredPage('corrections', page, rows),
        columns: Object.keys(correctionRow.shape),
        parameters: { slo: slos, limit: page.limit },
        freshness,
      };
    },
  });
}
