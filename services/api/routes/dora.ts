import type { FastifyInstance } from 'fastify';
import { invalidParameter } from '../http/problems.ts';
import { type ApiContext, registerRead } from '../http/read-route.ts';
import { tooManyBuckets } from '../parameters/resolve.ts';
import { commonQuery, intervalQuery } from '../parameters/schemas.ts';
import { doraSummaryRow, doraTimeseriesRow, leadTimeStageRow } from '../rows/dora.ts';
import { readAggregates, readCounts } from '../store/thin-data.ts';
import { describeSelection, selectionOf, selectionParameters } from './selection.ts';

/** `/v1/dora/…`: the five metrics as one row, over time, and the stages of lead time. */
export function registerDora(app: FastifyInstance, context: ApiContext): void {
  registerRead(app, context, {
    address: '/v1/dora/summary',
    tag: 'DORA',
    summary: 'The five DORA metrics of a range',
    description: 'One row. Quantiles interpolate linearly; a rate over nothing is `null`.',
    query: commonQuery,
    row: doraSummaryRow,
    shape: 'one',
    caching: 'short',
    find: async ({ query, now, version }) => {
      const selection = await selectionOf(query, now, context);
      const parameters = selectionParameters(selection);
      const {
        freshness,
        answer: [data],
      } = await readCounts(
        context,
        { now, version },
        {
          view: 'dora_summary',
          parameters: { ...parameters, tz: selection.tz, now },
          row: doraSummaryRow,
        },
      );
      if (data === undefined) throw new Error('dora_summary gave no row');
      const columns = Object.keys(doraSummaryRow.shape);
      return { data, columns, parameters: describeSelection(selection), freshness };
    },
  });

  registerRead(app, context, {
    address: '/v1/dora/timeseries',
    tag: 'DORA',
    summary: 'The five DORA metrics over time',
    description: 'A row for every calendar bucket that the range touches, empty ones too.',
    query: { ...commonQuery, ...intervalQuery },
    row: doraTimeseriesRow,
    shape: 'rows',
    caching: 'short',
    find: async ({ query: { interval = 'day', ...common }, now, version }) => {
      const selection = await selectionOf(common, now, context);
      const problem = await tooManyBuckets(selection, interval, context.calendar);
      if (problem !== undefined) throw invalidParameter([problem]);
      const parameters = selectionParameters(selection);
      const { freshness, answer: data } = await readCounts(
        context,
        { now, version },
        {
          view: 'dora_timeseries',
          parameters: { ...parameters, tz: selection.tz, now, interval },
          row: doraTimeseriesRow,
          key: [{ column: 'bucket_start', type: "DateTime64(3, 'UTC')" }],
        },
      );
      const columns = Object.keys(doraTimeseriesRow.shape);
      return { data, columns, parameters: { ...describeSelection(selection), interval }, freshness };
    },
  });

  registerRead(app, context, {
    address: '/v1/dora/lead-time/stages',
    tag: 'DORA',
    summary: 'Where the lead time goes',
    description: 'A row a stage, in the order in which a change goes through them.',
    query: commonQuery,
    row: leadTimeStageRow,
    shape: 'rows',
    caching: 'short',
    find: async ({ query, now, version }) => {
      const selection = await selectionOf(query, now, context);
      const parameters = selectionParameters(selection);
      const { freshness, answer: data } = await readAggregates(
        context,
        { now, version },
        { view: 'lead_time_stages', parameters, row: leadTimeStageRow },
      );
      const columns = Object.keys(leadTimeStageRow.shape);
      return { data, columns, parameters: describeSelection(selection), freshness };
    },
  });
}
