import { z } from 'zod';
import { count, rate, text } from './columns.ts';

/** Row of `/v1/quality`. */
export const qualityRow = z
  .object({
    check: text('What was checked'),
    service: text('Service; null: none or all').nullable(),
    affected: count('How many are affected'),
    of: count('Of how many').nullable(),
    share: rate('affected / of').nullable(),
    example: text('One of them').nullable(),
  })
  .meta({ id: 'QualityCheck' });
