import { z } from 'zod';
import { INTERVALS, MAX_BUCKETS } from './buckets.ts';

/** Rows of one page of a list when the caller does not say. */
export const DEFAULT_LIMIT = 100;

/** Most rows of one page of a list. */
const MAX_LIMIT = 1000;

const text = z.string().min(1, 'must not be empty').max(512, 'must have at most 512 characters');

const service = z
  .array(text)
  .max(500, 'must name at most 500 services')
  .optional()
  .describe('Service; repeat it for several. None: every service.');
const team = text.optional().describe('Services that this team owns. With `service`: those of both.');
const environment = text.optional().describe('One environment, literally. Not together with `tier`.');
const tier = text
  .optional()
  .describe('Every environment that the services map to this tier. Default `production`.');
const from = z
  .string()
  .optional()
  .describe(
    'Start of the range, inside it: a date (midnight in `tz`) or RFC 3339, on a quarter-hour. Default: midnight in `tz`, so that the range touches 28 days.',
  );
const to = z
  .string()
  .optional()
  .describe(
    'End of the range, outside it: a date (midnight in `tz`) or RFC 3339, on a quarter-hour. Default: the end of the current quarter-hour.',
  );
const tz = z.string().optional().describe('IANA time zone of dates and of buckets. Default `UTC`.');

/** Which services. */
export const subjectQuery = { service, team };
/** Which environments. */
const placeQuery = { environment, tier };
/** Which time. */
export const rangeQuery = { from, to, tz };
/** Services, place and time: what nearly every number is asked for. */
export const commonQuery = { ...subjectQuery, ...placeQuery, ...rangeQuery };

/** Length of a bucket. */
export const intervalQuery = {
  interval: z
    .enum(INTERVALS)
    .optional()
    .describe(
      `Length of a bucket, in \`tz\`; weeks are ISO weeks. Default \`day\`. At most ${MAX_BUCKETS} buckets.`,
    ),
};

/** Page of a list. */
export const pageQuery = {
  limit: z
    .string()
    .regex(/^[1-9]\d*$/, `must be a whole number from 1 to ${MAX_LIMIT}`)
    .refine((digits) => Number(digits) <= MAX_LIMIT, `must be a whole number from 1 to ${MAX_LIMIT}`)
    .optional()
    .describe(`Most rows of a page, 1 to ${MAX_LIMIT}. Default ${DEFAULT_LIMIT}.`),
  cursor: z
    .string()
    .max(8192)
    .optional()
    .describe(
      'Where the next page starts: `meta.next_cursor` of the page before. It carries the parameters of the first page; those that are sent again must be the same.',
    ),
};

/** Which of several things with one id. */
export const oneQuery = {
  service: text.optional().describe('Its service.'),
  environment: text.optional().describe('Its environment.'),
};

/** SLOs of a list. */
export const sloQuery = {
  slo: z
    .array(text)
    .max(500, 'must name at most 500 SLOs')
    .optional()
    .describe('SLO; repeat it for several. None: every SLO.'),
};

/** Instant at which a budget or a burn rate is asked. */
export const atQuery = {
  at: z
    .string()
    .optional()
    .describe(
      'End of the SLO’s window: a date (midnight in `tz`) or RFC 3339; cut to the minute. Default: now.',
    ),
  tz,
};

/** What the common parameters are before they are resolved. */
export interface CommonQuery {
  service?: string[] | undefined;
  team?: string | undefined;
  environment?: string | undefined;
  tier?: string | undefined;
  from?: string | undefined;
  to?: string | undefined;
  tz?: string | undefined;
  interval?: (typeof INTERVALS)[number] | undefined;
}
