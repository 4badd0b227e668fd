import { z } from 'zod';
import { count, rate, text } from './columns.ts';

/** Row of `/v1/quality`. */
export const qualityRow = z
  .object({
    check: text('What was looked at'),
    service: text('Service; null: not about one').nullable(),
    affected: count('How many show it'),
    of: count('Out of how many'),
    share: rate('affected / of').nullable(),
    example: text('One that shows it, or a figure in words'),
  })
  .meta({ id: 'QualityCheck' });
