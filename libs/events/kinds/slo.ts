import { z } from 'zod';
import { commonFields, type Kept, requiredWhen } from '../common-fields.ts';
import { id, text } from '../text.ts';
import { timeZone } from '../time-zone.ts';

const MAX_ROLLING_DAYS = 366;

const window = z
  .union([
    z.strictObject({ rolling_days: z.number().positive().max(MAX_ROLLING_DAYS) }),
    z.strictObject({ calendar: z.enum(['week', 'month', 'quarter', 'year']), timezone: timeZone }),
  ])
  .describe('Rolling days, or a calendar period in a time zone.');

/** The definition of an SLO as of a time; it replaces the one before as a whole. */
export const sloFact = z
  .strictObject({
    kind: z.literal('slo'),
    ...commonFields,
    slo_id: id,
    service: id,
    environment: id.optional().describe('Default: every environment of tier production.'),
    objective: z.number().gt(0).lt(1).describe('Ratio.'),
    window,
    method: z.enum(['occurrences', 'timeslices', 'ratio_timeslices']),
    title: text.optional(),
    slice_seconds: z.literal([60, 300]).optional().describe('Default: 60.'),
    slice_target: z
      .number()
      .gt(0)
      .max(1)
      .optional()
      .describe('Ratio from which a slice is good. Required for timeslices.'),
    no_data: z.enum(['ignored', 'bad']).optional().describe('For slices. Default: ignored.'),
    minimum_events: z
      .number()
      .min(0)
      .optional()
      .describe('With fewer the state is insufficient_data. Default: 0.'),
    retired: z.boolean().optional().describe('True ends the SLO.'),
  })
  .superRefine(({ method, slice_target }, context) => {
    if (method === 'timeslices' && slice_target === undefined) {
      const message = 'is required with method timeslices';
      context.addIssue({ code: 'custom', path: ['slice_target'], message });
    }
  })
  .meta({
    title: 'slo',
    description: 'The definition of an SLO as of a time.',
    ...requiredWhen('method', ['timeslices'], 'slice_target'),
  });

/** An SLO fact as it is kept. */
export type SloFact = Kept<z.output<typeof sloFact>>;
