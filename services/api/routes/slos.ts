import { EvenkeelError } from '@evenkeel/runtime';
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { type ApiContext, registerRead } from '../http/read-route.ts';
import { formatInstant } from '../parameters/instant.ts';
import { resolveAt } from '../parameters/resolve.ts';
import { atQuery, subjectQuery } from '../parameters/schemas.ts';
import { sloBudgetRow, sloBurnRow, sloRow } from '../rows/slo.ts';
import { readFreshness, withMoreNotes } from '../store/recompute-status.ts';
import { orInvalid } from './selection.ts';

const sloId = { id: z.string().min(1).max(512).describe('`slo_id`') };

const BUDGET_NOTES = { by: 'evenkeel_slo_notes', columns: ['state', 'no_data_share'] };

/** `/v1/slos`, and the error budget and burn rates of one. */
export function registerSlos(app: FastifyInstance, context: ApiContext): void {
  registerRead(app, context, {
    address: '/v1/slos',
    tag: 'SLOs',
    summary: 'Every SLO with its error budget now',
    description: 'The definition in force and the row of its budget, by `slo_id`; retired ones are left out.',
    query: { service: subjectQuery.service },
    row: sloRow,
    shape: 'rows',
    caching: 'short',
    restsOn: 'everything',
    find: async ({ query: { service = [] }, now, version }) => {
      const freshness = await readFreshness(context.views, await version());
      const { rows: data, notes } = await context.views.readNoted({
        view: 'slo_list',
        notes: BUDGET_NOTES,
        parameters: { now },
        among: { column: 'service', values: service },
        row: sloRow,
        key: [{ column: 'slo_id', type: 'String' }],
      });
      const columns = Object.keys(sloRow.shape);
      return {
        data,
        columns,
        parameters: { service, at: formatInstant(now.getTime()) },
        freshness: withMoreNotes(freshness, notes),
      };
    },
  });

  registerRead(app, context, {
    address: '/v1/slos/:id/budget',
    tag: 'SLOs',
    summary: 'Error budget of an SLO',
    description: 'For the window that ends at `at`, or the calendar period that contains it.',
    query: atQuery,
    params: sloId,
    row: sloBudgetRow,
    shape: 'one',
    caching: 'short',
    restsOn: 'everything',
    problems: [404],
    find: async ({ query, params, now, version }) => {
      const at = new Date(orInvalid(await resolveAt(query, now, context.calendar)));
      const freshness = await readFreshness(context.views, await version());
      const {
        rows: [data],
        notes,
      } = await context.views.readNoted({
        view: 'slo_budget',
        notes: BUDGET_NOTES,
        parameters: { slo_ids: [params.id], at },
        row: sloBudgetRow,
      });
      if (data === undefined) throw unknownSlo();
      const columns = Object.keys(sloBudgetRow.shape);
      return {
        data,
        columns,
        parameters: { id: params.id, at: formatInstant(at.getTime()) },
        freshness: withMoreNotes(freshness, notes),
      };
    },
  });

  registerRead(app, context, {
    address: '/v1/slos/:id/burn',
    tag: 'SLOs',
    summary: 'Burn rates of an SLO',
    description: 'One row an alert: both of its windows, the factor at which it fires, and whether it does.',
    query: atQuery,
    params: sloId,
    row: sloBurnRow,
    shape: 'rows',
    caching: 'short',
    restsOn: 'everything',
    problems: [404],
    find: async ({ query, params, now, version }) => {
      const at = new Date(orInvalid(await resolveAt(query, now, context.calendar)));
      const freshness = await readFreshness(context.views, await version());
      const { rows: data, notes } = await context.views.readNoted({
        view: 'slo_burn',
        notes: { by: 'evenkeel_slo_notes', columns: ['state', ''] },
        parameters: { slo_ids: [params.id], at },
        row: sloBurnRow,
      });
      if (data.length === 0) throw unknownSlo();
      const columns = Object.keys(sloBurnRow.shape);
      return {
        data,
        columns,
        parameters: { id: params.id, at: formatInstant(at.getTime()) },
        freshness: withMoreNotes(freshness, notes),
      };
    },
  });
}

function unknownSlo(): EvenkeelError {
  return new EvenkeelError('not_found', 'No SLO with this id has a budget at that instant.');
}
