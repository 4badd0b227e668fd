import { z } from 'zod';
import { instant } from './instant.ts';
import { attributes, id } from './text.ts';

/** What a fact of any kind carries beside its `kind`. */
export const commonFields = {
  occurred_at: instant.describe(
    'When it happened by the clock of the producer: from 2000-01-01 to one day after receipt.',
  ),
  event_id: id
    .optional()
    .describe('The same report, delivered again, has the same id. Default: SHA-256 of the canonical JSON.'),
  source: id.default('api').describe('Kind of producer, for example otlp, github, import.'),
  attributes: attributes.optional().describe('What has no field of its own; no secrets.'),
  observed_at: instant
    .optional()
    .describe('When it was first received. Default, and at the latest: the receipt of this delivery.'),
};

/** A schema's output as it is kept: nothing left to fill in, and `observed_at` beside the fact, not in it. */
export type Kept<Parsed> = Omit<Parsed, 'event_id' | 'observed_at'> & { event_id: string };

/** JSON Schema for "with one of these values in `field`, `required` must be there", which zod cannot export. */
export function requiredWhen(field: string, values: readonly string[], required: string) {
  return { anyOf: [{ properties: { [field]: { not: { enum: values } } } }, { required: [required] }] };
}

/** A whole number that fits the store's unsigned 32 bits. */
export const count = z.number().int().min(0).max(4_294_967_295);
