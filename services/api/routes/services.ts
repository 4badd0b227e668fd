import type { FastifyInstance } from 'fastify';
import { type ApiContext, registerRead } from '../http/read-route.ts';
import { pageQuery, subjectQuery } from '../parameters/schemas.ts';
import { serviceRow } from '../rows/settings.ts';
import { readFreshness } from '../store/recompute-status.ts';
import { cutFilteredPage, filteredPageOf } from './filtered-page.ts';

/** `/v1/services`: what services are, and their settings. */
export function registerServices(app: FastifyInstance, context: ApiContext): void {
  registerRead(app, context, {
    address: '/v1/services',
    tag: 'Settings',
    summary: 'Services and their latest settings',
    description:
      'By `service`. One of which no setting was ever told has no row: it has the defaults, and no team.',
    query: { ...subjectQuery, ...pageQuery },
    row: serviceRow,
    shape: 'page',
    caching: 'revalidate',
    find: async ({ query: { service, team, ...asked }, version }) => {
      const page = filteredPageOf(
        'services',
        { service, team: team === undefined ? undefined : [team] },
        asked,
      );
      const freshness = await readFreshness(context.views, await version());
      const [owner] = page.filters['team'] ?? [];
      const rows = await context.views.readKeyed({
        view: 'services',
        row: serviceRow,
        among: { column: 'service', values: page.filters['service'] ?? [] },
        where: { team: owner },
        key: [{ column: 'service', type: 'String' }],
        after: page.after,
        limit: page.limit + 1,
      });
      return {
        ...cutFilteredPage('services', page, rows),
        columns: Object.keys(serviceRow.shape),
        parameters: { service: page.filters['service'] ?? [], team: owner ?? null, limit: page.limit },
        freshness,
      };
    },
  });
}
