import { z } from 'zod';
import { commonFields, type Kept } from '../common-fields.ts';
import { instant } from '../instant.ts';
import { id, url } from '../text.ts';

/** A burn-rate alert of another tool fired or resolved. */
export const sloAlertFact = z
  .strictObject({
    kind: z.literal('slo_alert'),
    ...commonFields,
    slo_id: id,
    fingerprint: id.describe('Id of the alert in its tool; it comes back with each firing.'),
    state: z.enum(['firing', 'resolved']),
    starts_at: instant.describe('When this firing began.'),
    severity: id.optional(),
    url: url.optional(),
  })
  .meta({ title: 'slo_alert', description: 'A burn-rate alert of another tool fired or resolved.' });

/** An SLO alert fact as it is kept. */
export type SloAlertFact = Kept<z.output<typeof sloAlertFact>>;
