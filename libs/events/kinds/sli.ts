import { z } from 'zod';
import { commonFields, type Kept } from '../common-fields.ts';
import { instant } from '../instant.ts';
import { id, idOrEmpty } from '../text.ts';

const DAY_MS = 86_400_000;

const events = z.number().min(0);

/** Good and total (or bad) events of an SLO in a window of time. */
export const sliFact = z
  .strictObject({
    kind: z.literal('sli'),
    ...commonFields,
    slo_id: id,
    window_start: instant,
    window_end: instant.describe('Exclusive, at most 24 h later.'),
    good: events.optional(),
    total: events.optional(),
    bad: events.optional().describe('In place of total.'),
    series: idOrEmpty.optional().describe('The source of the numbers; several are added up. Default: empty.'),
    version: idOrEmpty.optional().describe('Version of the service, for what a deployment cost.'),
  })
  .superRefine((fact, context) => {
    const reject = (field: keyof typeof fact, message: string) =>
      context.addIssue({ code: 'custom', path: [field], message });

    const lengthMs = Date.parse(fact.window_end) - Date.parse(fact.window_start);
    if (lengthMs <= 0) reject('window_end', 'must be after window_start');
    if (lengthMs > DAY_MS) reject('window_end', 'must be at most 24 h after window_start');

    const { good, total, bad } = fact;
    if (good === undefined && total === undefined && bad === undefined) {
      reject('good', 'is required, or total or bad is');
    }
    if (total !== undefined && bad !== undefined) reject('bad', 'stands in place of total, not beside it');
    if (good !== undefined && total !== undefined && good > total) {
      reject('good', 'must not be greater than total');
    }
  })
  .meta({
    title: 'sli',
    description: 'Good and total events of an SLO in a window of time.',
    anyOf: [{ required: ['good'] }, { required: ['total'] }, { required: ['bad'] }],
    not: { required: ['total', 'bad'] },
  });

/** An SLI fact as it is kept. */
export type SliFact = Kept<z.output<typeof sliFact>>;
