import { z } from 'zod';
import { normalizeRepository } from './repository.ts';

const MAX_CHARACTERS = 512;
const MAX_ENTRIES = 32;
const MAX_ATTRIBUTE_BYTES = 1024;
/** Longer than any repository's address; bounds the work of normalising. */
const MAX_REPOSITORY_INPUT = 2048;

/** Text for people: 1–512 characters. */
export const text = z.string().superRefine(checkText).meta({ minLength: 1, maxLength: MAX_CHARACTERS });

/** A name that other facts refer to: 1–512 characters, none of them a control character. */
export const id = z.string().superRefine(checkId).meta({ minLength: 1, maxLength: MAX_CHARACTERS });

/** An id that may be empty, which says the same as leaving it out. */
export const idOrEmpty = z
  .string()
  .superRefine((value, context) => {
    if (value !== '') checkId(value, context);
  })
  .meta({ maxLength: MAX_CHARACTERS });

/** A page for people: `http:` or `https:`, because the page and the reports make links of it. */
export const url = z
  .string()
  .superRefine((value, context) => {
    checkId(value, context);
    if (!/^https?:\/\/[^/\s]/i.test(value)) context.addIssue('must be an http or https address');
  })
  .meta({ minLength: 1, maxLength: MAX_CHARACTERS, format: 'uri' });

/** A repository in any of its spellings; comes out as `host/owner/name`. */
export const repository = z
  .string()
  .refine((value) => value.length <= MAX_REPOSITORY_INPUT, {
    error: `must be at most ${MAX_CHARACTERS} characters long`,
    abort: true,
  })
  .overwrite(normalizeRepository)
  .superRefine(checkId)
  .meta({ minLength: 1, maxLength: MAX_REPOSITORY_INPUT });

/** What has no field of its own: text to text, at most 32 entries of at most 1 KiB (UTF-8) each. */
export const attributes = mapOf(
  z
    .string()
    .superRefine((value, context) => {
      if (!value.isWellFormed()) context.addIssue('must be well-formed Unicode');
      else if (Buffer.byteLength(value) > MAX_ATTRIBUTE_BYTES) context.addIssue('must be at most 1 KiB long');
    })
    .meta({ maxLength: MAX_ATTRIBUTE_BYTES }),
);

/** An object that serves as a map from ids to values, at most 32 of them. */
export function mapOf<Value extends z.ZodType>(value: Value) {
  return z
    .record(id, value)
    .refine((map) => Object.keys(map).length <= MAX_ENTRIES, {
      error: `must have at most ${MAX_ENTRIES} entries`,
    })
    .meta({ maxProperties: MAX_ENTRIES });
}

function checkText(value: string, context: z.RefinementCtx<string>): void {
  // Characters are code points, as in JSON Schema; a text of so few code units needs no counting.
  const length = value.length <= MAX_CHARACTERS ? value.length : [...value].length;
  if (length === 0) context.addIssue('must not be empty');
  else if (length > MAX_CHARACTERS) context.addIssue(`must be at most ${MAX_CHARACTERS} characters long`);
  else if (!value.isWellFormed()) context.addIssue('must be well-formed Unicode');
}

function checkId(value: string, context: z.RefinementCtx<string>): void {
  checkText(value, context);
  if (/\p{Cc}/u.test(value)) context.addIssue('must not contain control characters');
}
