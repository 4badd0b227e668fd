import type { FieldProblem } from '@evenkeel/runtime';
import type { FastifySchemaCompiler } from 'fastify';
import { z } from 'zod';
import { invalidParameter } from './problems.ts';

/**
 * Check what a request brought against its zod schema. Every parameter that is unknown or wrong is named.
 */
export const validateWithZod: FastifySchemaCompiler<z.ZodObject> =
  ({ schema, httpPart }) =>
  (data: unknown) => {
    const given = httpPart === 'querystring' ? listWhatRepeats(schema, data) : data;
    const result = schema.safeParse(given);
    if (result.success) return { value: result.data };
    return { error: invalidParameter(result.error.issues.flatMap((issue) => problemsOf(issue, given))) };
  };

/** A query string cannot tell a list of one from a single value; the schema can. */
function listWhatRepeats(schema: z.ZodObject, query: unknown): unknown {
  const fields: Record<string, unknown> = { ...Object(query) };
  for (const [name, field] of Object.entries(schema.shape)) {
    if (typeof fields[name] === 'string' && takesList(field)) fields[name] = [fields[name]];
  }
  return fields;
}

function takesList(field: unknown): boolean {
  return field instanceof z.ZodOptional ? takesList(field.unwrap()) : field instanceof z.ZodArray;
}

function problemsOf(issue: z.core.$ZodIssue, given: unknown): FieldProblem[] {
  if (issue.code === 'unrecognized_keys')
    return issue.keys.map((field) => ({ field, message: 'unknown parameter' }));
  const field = String(issue.path[0] ?? '');
  if (issue.code === 'invalid_type' && Array.isArray(Object(given)[field]))
    return [{ field, message: 'must be given once' }];
  if (issue.code === 'invalid_value')
    return [{ field, message: `must be one of ${issue.values.map(String).join(', ')}` }];
  return [{ field, message: issue.message }];
}
