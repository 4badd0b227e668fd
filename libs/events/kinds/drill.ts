import { z } from 'zod';
import { commonFields, type Kept } from '../common-fields.ts';
import { instant } from '../instant.ts';
import { id, url } from '../text.ts';

/** A rollback exercised on purpose. */
export const drillFact = z
  .strictObject({
    kind: z.literal('drill'),
    ...commonFields,
    drill_id: id,
    service: id,
    environment: id,
    outcome: z.enum(['succeeded', 'failed']),
    started_at: instant.optional(),
    automatic: z.boolean().optional().describe('True: no person started it.'),
    url: url.optional(),
  })
  .meta({ title: 'drill', description: 'A rollback exercised on purpose.' });

/** A drill fact as it is kept. */
export type DrillFact = Kept<z.output<typeof drillFact>>;
