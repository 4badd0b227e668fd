import { z } from 'zod';
import { commonFields, count, type Kept } from '../common-fields.ts';
import { id, mapOf, repository, text } from '../text.ts';

const range = z
  .strictObject({ low: z.number().optional(), high: z.number().optional() })
  .superRefine(({ low, high }, context) => {
    if (low !== undefined && high !== undefined && low > high) {
      context.addIssue({ code: 'custom', path: ['low'], message: 'must not be greater than high' });
    }
  });

/** What a service is, and its settings, from a time on. */
export const serviceFact = z
  .strictObject({
    kind: z.literal('service'),
    ...commonFields,
    service: id,
    team: text.optional(),
    repository: repository.optional(),
    tiers: mapOf(id).optional().describe('Environment to tier; an environment not in it is its own tier.'),
    attribution_window_seconds: count
      .optional()
      .describe('Time after a deployment in which an incident is attributed to it. Default: 14400.'),
    detect_rollbacks: z
      .boolean()
      .optional()
      .describe('A deploy of an earlier version is a rollback. Default: true.'),
    ranges: mapOf(range).optional().describe('Metric to its healthy range.'),
    trivial_lines: count.optional().describe('Changed lines up to which a deployment is trivial.'),
    severity_ranks: mapOf(count).optional().describe('Severity to rank, 1 the worst.'),
  })
  .meta({ title: 'service', description: 'What a service is, and its settings, from a time on.' });

/** A service fact as it is kept. */
export type ServiceFact = Kept<z.output<typeof serviceFact>>;
