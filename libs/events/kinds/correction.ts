import { z } from 'zod';
import { commonFields, type Kept } from '../common-fields.ts';
import { instant } from '../instant.ts';
import { id, text } from '../text.ts';

/** A time range excluded from an SLO's budget; somebody answers for it. */
export const correctionFact = z
  .strictObject({
    kind: z.literal('correction'),
    ...commonFields,
    correction_id: id,
    slo_id: id,
    starts_at: instant,
    ends_at: instant.describe('Exclusive.'),
    category: z.enum(['maintenance', 'false_positive', 'dependency', 'other']),
    reason: text,
    by: text.describe('Who answers for it.'),
    void: z.boolean().optional().describe('True takes it back.'),
  })
  .superRefine(({ starts_at, ends_at }, context) => {
    // Both are in the normalised form, whose text order is the order of time.
    if (ends_at <= starts_at) {
      context.addIssue({ code: 'custom', path: ['ends_at'], message: 'must be after starts_at' });
    }
  })
  .meta({ title: 'correction', description: "A time range excluded from an SLO's budget." });

/** A correction fact as it is kept. */
export type CorrectionFact = Kept<z.output<typeof correctionFact>>;
