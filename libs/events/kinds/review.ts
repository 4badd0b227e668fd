import { z } from 'zod';
import { commonFields, type Kept } from '../common-fields.ts';
import { id, text, url } from '../text.ts';

/** What people said. Reviews merge attribute by attribute, so one fact of a review may hold only a part of it. */
export const reviewFact = z
  .strictObject({
    kind: z.literal('review'),
    ...commonFields,
    review_id: id,
    subject: z.enum(['deployment', 'incident', 'metric', 'friction']),
    verdict: z.enum(['failed', 'cleared', 'reviewed', 'hides_something', 'chosen', 'removed', 'dropped']),
    by: text.describe('Who answers for it.'),
    service: id.optional(),
    environment: id.optional(),
    deployment_id: id.optional(),
    incident_id: id.optional(),
    metric: id.optional(),
    friction: text.optional(),
    owner: text.optional(),
    reason: text.optional(),
    url: url.optional(),
  })
  .meta({
    title: 'review',
    description: 'What people said of a deployment, an incident, a metric, a friction.',
  });

/** A review fact as it is kept. */
export type ReviewFact = Kept<z.output<typeof reviewFact>>;
