import { z } from 'zod';
import { correctionFact } from './kinds/correction.ts';
import { reviewFact } from './kinds/review.ts';

const filledIn = { kind: true, source: true, observed_at: true } as const;

/** Body of `POST /v1/reviews`: a review fact without what the endpoint fills in. */
export const reviewBody = z
  .strictObject(reviewFact.shape)
  .omit(filledIn)
  .partial({ occurred_at: true, review_id: true })
  .meta({ title: 'review', description: reviewFact.description ?? '' });

/** Body of `POST /v1/corrections`: a correction fact without what the endpoint fills in. */
export const correctionBody = z
  .strictObject(correctionFact.shape)
  .omit(filledIn)
  .partial({ occurred_at: true, correction_id: true })
  .meta({ title: 'correction', description: correctionFact.description ?? '' });
