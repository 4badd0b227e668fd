import { z } from 'zod';

/** What an error answer holds, for the API's description. */
export const problemSchema = z
  .object({
    type: z.string().describe('URN of the code'),
    title: z.string().describe('The same for every occurrence of the code'),
    status: z.number().int().describe('HTTP status'),
    detail: z.string().describe('What is special about this occurrence'),
    code: z.string().describe('Stable code; docs/errors.md lists all'),
    errors: z
      .array(z.object({ field: z.string(), message: z.string() }))
      .describe('What is wrong, field by field'),
  })
  .meta({ id: 'Problem' });
