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

/** Why an answer rests on thin data: a row of the view `thin_data`, or of a function of `sql/migrations/0017_thin.sql`. */
export const qualityNote = z
  .object({
    check: text('What makes it thin'),
    affected: count('How many show it; few_…: how many there are'),
    of: count('Out of how many; few_…: how many it takes; 0: not known'),
    share: rate('affected / of').nullable(),
    message: text('The same in words'),
  })
  .meta({ id: 'QualityNote' });

/** See {@link qualityNote}. */
export type QualityNote = z.output<typeof qualityNote>;
