import type { FastifyInstance } from 'fastify';
import { type ApiContext, registerRead } from '../http/read-route.ts';
import { commonQuery, pageQuery } from '../parameters/schemas.ts';
import { incidentRow } from '../rows/incident.ts';
import { readWithNotes } from '../store/thin-data.ts';
import { cutPage, describeSelection, pageOf, selectionParameters } from './selection.ts';

/** `/v1/incidents`: by the time they opened. */
export function registerIncidents(app: FastifyInstance, context: ApiContext): void {
  registerRead(app, context, {
    address: '/v1/incidents',
    tag: 'Events',
    summary: 'Incidents that opened in a range',
    description: 'By `opened_at`, then id, ascending; cancelled ones too.',
    query: { ...commonQuery, ...pageQuery },
    row: incidentRow,
    shape: 'page',
    caching: 'revalidate',
    find: async ({ query, now, version }) => {
      const page = await pageOf('incidents', query, now, context);
      const { freshness, answer: rows } = await readWithNotes(
        context,
        { now, version },
        selectionParameters(page.selection),
        () =>
          context.views.readKeyed({
            view: 'incident_list',
            parameters: selectionParameters(page.selection),
            row: incidentRow,
            key: [
              { column: 'opened_at', type: "DateTime64(3, 'UTC')" },
              { column: 'incident_id', type: 'String' },
            ],
            after: page.after,
            limit: page.limit + 1,
          }),
      );
      return {
        ...cutPage('incidents', page, rows),
        columns: Object.keys(incidentRow.shape),
        parameters: { ...describeSelection(page.selection), limit: page.limit },
        freshness,
      };
    },
  });
}
