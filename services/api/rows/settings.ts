import { z } from 'zod';
import { count, flag, instant, jsonText, oneOf, text } from './columns.ts';

const ranges = z.record(z.string(), z.object({ low: z.number().optional(), high: z.number().optional() }));
const ranks = z.record(z.string(), z.number().int());

/** Row of `/v1/services`. */
export const serviceRow = z
  .object({
    service: text('Service'),
    team: text('Team that owns it').nullable(),
    repository: text('Repository as host/owner/name').nullable(),
    tiers: z
      .record(z.string(), z.string())
      .describe('Environment to tier; an environment that is not in it is its own tier'),
    attribution_window_seconds: count(
      'Time after a deployment in which an incident is attributed to it, in seconds',
    ),
    detect_rollbacks: flag('A deploy of an earlier version is a rollback'),
    ranges: jsonText(ranges, 'Metric to its healthy range').nullable(),
    trivial_lines: count('Changed lines up to which a deployment is trivial').nullable(),
    severity_ranks: jsonText(ranks, 'Severity to rank, 1 the worst').nullable(),
  })
  .meta({ id: 'Service' });

/** Row of `/v1/corrections`. */
export const correctionRow = z
  .object({
    correction_id: text('Correction'),
    slo_id: text('SLO whose budget it corrects'),
    starts_at: instant('First instant that is excluded'),
    ends_at: instant('First instant that is not excluded any more'),
    category: oneOf(['maintenance', 'false_positive', 'dependency', 'other'], 'Category'),
    reason: text('Why'),
    by: text('Who answers for it'),
    made_at: instant('When it was made, or changed last'),
  })
  .meta({ id: 'Correction' });
