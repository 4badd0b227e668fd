import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { invalidParameter } from '../http/problems.ts';
import { type ApiContext, registerRead } from '../http/read-route.ts';
import { countBuckets } from '../parameters/buckets.ts';
import { formatInstant } from '../parameters/instant.ts';
import { rangeQuery } from '../parameters/schemas.ts';
import { sloDayRow } from '../rows/slo.ts';
import { readFreshness, withMoreNotes } from '../store/recompute-status.ts';
import { requireDefinedSlo } from './defined-slo.ts';
import { selectionOf } from './selection.ts';

/** Most local days of one answer: a year, and a month to compare it with. */
const MAX_DAYS = 400;

/** `/v1/slos/{id}/history`. */
export function registerSloHistory(app: FastifyInstance, context: ApiContext): void {
  registerRead(app, context, {
    address: '/v1/slos/:id/history',
    tag: 'SLOs',
    summary: 'Error budget of an SLO, day by day',
    description: `A row a local day that the range touches: the budget at the day's end, or now, by the definition in force then. The last day of a calendar period shows all of the period. No row for days on which the SLO is retired, or that have not begun. At most ${MAX_DAYS} days.`,
    query: rangeQuery,
    params: { id: z.string().min(1).max(512).describe('`slo_id`') },
    row: sloDayRow,
    shape: 'rows',
    caching: 'short',
    restsOn: 'everything',
    problems: [404],
    find: async ({ query, params, now, version }) => {
      const { from, to, tz } = await selectionOf(query, now, context);
      const days = await countBuckets({ from, to, tz }, 'day', context.calendar);
      if (days > MAX_DAYS)
        throw invalidParameter([{ field: 'from', message: `${days} days; at most ${MAX_DAYS}` }]);
      const freshness = await readFreshness(context.views, await version());
      const { rows: data, notes } = await context.views.readNoted({
        view: 'slo_budget_history',
        notes: { by: 'evenkeel_slo_notes', columns: ['state', 'no_data_share'] },
        parameters: { slo_ids: [params.id], since: new Date(from), until: new Date(to), tz, now },
        row: sloDayRow,
        key: [{ column: 'day_start', type: "DateTime64(3, 'UTC')" }],
      });
      if (data.length === 0) await requireDefinedSlo(context, params.id);
      return {
        data,
        columns: Object.keys(sloDayRow.shape),
        parameters: { id: params.id, from: formatInstant(from), to: formatInstant(to), tz },
        freshness: withMoreNotes(freshness, notes),
      };
    },
  });
}
