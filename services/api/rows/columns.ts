import { z } from 'zod';

/** A name, an id, a word. */
export const text = (meaning: string) => z.string().describe(meaning);

/** One of a few words. */
export const oneOf = <const Words extends readonly [string, ...string[]]>(words: Words, meaning: string) =>
  z.enum(words).describe(meaning);

/** How many. */
export const count = (meaning: string) => z.number().int().min(0).describe(meaning);

/** A real number; its unit stands in the column's name. */
export const amount = (meaning: string) => z.number().describe(meaning);

/** Seconds, with fractions. */
export const seconds = (meaning: string) => z.number().describe(`${meaning}, in seconds`);

/** A share between 0 and 1. The bounds are told, not checked: a number is better shown than withheld. */
export const rate = (meaning: string) =>
  z.number().meta({ description: `${meaning}, between 0 and 1`, minimum: 0, maximum: 1 });

/** Yes or no. */
export const flag = (meaning: string) => z.boolean().describe(meaning);

/** RFC 3339 in UTC with milliseconds. */
export const instant = (meaning: string) =>
  z
    .string()
    .regex(/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z$/)
    .describe(`${meaning}, RFC 3339 in UTC`);

/** A column of a view that holds an object as JSON text; the answer holds the object. */
export const jsonText = <Schema extends z.ZodType>(schema: Schema, meaning: string) =>
  z
    .string()
    .transform((value, context): unknown => {
      try {
        return JSON.parse(value);
      } catch {
        context.addIssue({ code: 'custom', message: 'is no JSON text' });
        return z.NEVER;
      }
    })
    .pipe(schema)
    .describe(meaning);
