import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { invalidParameter } from '../http/problems.ts';
import { type ApiContext, registerRead } from '../http/read-route.ts';
import { DAY_MS } from '../parameters/calendar.ts';
import { formatInstant } from '../parameters/instant.ts';
import { rangeQuery } from '../parameters/schemas.ts';
import { sloAlertRow } from '../rows/slo.ts';
import { readFreshness } from '../store/recompute-status.ts';
import { requireDefinedSlo } from './defined-slo.ts';
import { selectionOf } from './selection.ts';

/** Every minute is judged for itself; a quarter of a year is what one answer bears. */
const MAX_DAYS = 92;

/** `/v1/slos/{id}/alerts`. */
export function registerSloAlerts(app: FastifyInstance, context: ApiContext): void {
  registerRead(app, context, {
    address: '/v1/slos/:id/alerts',
    tag: 'SLOs',
    summary: 'When the burn alerts of an SLO fired',
    description: `Every minute of the range is judged by the definition in force then; a row a run of minutes in which an alert fires. At most ${MAX_DAYS} days.`,
    query: rangeQuery,
    params: { id: z.string().min(1).max(512).describe('`slo_id`') },
    row: sloAlertRow,
    shape: 'rows',
    caching: 'short',
    restsOn: 'everything',
    problems: [404],
    find: async ({ query, params, now, version }) => {
      const { from, to, tz } = await selectionOf(query, now, context);
      if (to - from > MAX_DAYS * DAY_MS)
        throw invalidParameter([{ field: 'from', message: `at most ${MAX_DAYS} days may be asked for` }]);
      const freshness = await readFreshness(context.views, await version());
      const data = await context.views.read({
        view: 'slo_burn_history',
        parameters: { slo_ids: [params.id], since: new Date(from), until: new Date(to), now },
        row: sloAlertRow,
      });
      if (data.length === 0) await requireDefinedSlo(context, params.id);
      return {
        data,
        columns: Object.keys(sloAlertRow.shape),
        parameters: { id: params.id, from: formatInstant(from), to: formatInstant(to), tz },
        freshness,
      };
    },
  });
}
