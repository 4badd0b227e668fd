import { type FieldError, fieldErrors, normalizeRepository } from '@evenkeel/events';
import { z } from 'zod';
import { matchesWildcard } from './wildcard.ts';

const MAX_RULES = 1000;
const name = z.string().min(1).max(512);
const pattern = name.describe('Text in which * stands for any characters.');

const ruleSchema = z.strictObject({
  when: z
    .strictObject({
      source: pattern.optional().describe('gitlab, github, jenkins, circleci, buildkite, flux, or otlp.'),
      repository: pattern.optional().describe('As host/owner/name.'),
      pipeline: pattern.optional(),
      task: pattern.optional(),
      environment: pattern.optional().describe('As the producer names it.'),
    })
    .describe('All that are given must match; what the producer does not say matches nothing but *.'),
  service: name.optional().describe('The deployed service, unless the span has evenkeel.service.'),
  environment: name.optional(),
  is_deployment: z.boolean().optional().describe('True makes it a deployment, false makes it none.'),
});

/** The mapping file of an installation, as JSON or as what a YAML parser gives. */
export const mappingFileSchema = z.strictObject({
  default_environment: name
    .optional()
    .describe('Environment of what names none. Default: a deployment without one is rejected.'),
  rules: z.array(ruleSchema).max(MAX_RULES).default([]).describe('In order; the first that matches counts.'),
});

/** One rule of an installation. */
export type MappingRule = z.output<typeof ruleSchema>;

/** How an installation maps what producers do not say. */
export interface MappingOptions {
  /** Environment of what names none. @default undefined: it is rejected */
  readonly defaultEnvironment?: string | undefined;
  /** In order; the first that matches counts. @default none */
  readonly rules?: readonly MappingRule[] | undefined;
}

/** What a rule can look at. */
export interface Circumstances {
  readonly source: string;
  readonly repository?: string | undefined;
  readonly pipeline?: string | undefined;
  readonly task?: string | undefined;
  readonly environment?: string | undefined;
}

/** Reads the mapping file of an installation. */
export function parseMapping(
  file: unknown,
): { outcome: 'ok'; options: MappingOptions } | { outcome: 'rejected'; errors: FieldError[] } {
  const parsed = mappingFileSchema.safeParse(file);
  if (!parsed.success) return { outcome: 'rejected', errors: fieldErrors(parsed.error.issues, file) };
  const { default_environment, rules } = parsed.data;
  return { outcome: 'ok', options: { defaultEnvironment: default_environment, rules } };
}

/** The first rule that matches. */
export function ruleFor(
  circumstances: Circumstances,
  rules: readonly MappingRule[] | undefined,
): MappingRule | undefined {
  return rules?.find(({ when }) => {
    const repository = circumstances.repository && normalizeRepository(circumstances.repository);
    const given: Circumstances = { ...circumstances, repository };
    return Object.entries(when).every(
      ([field, wanted]) =>
        wanted === undefined || matchesWildcard(wanted, given[field as keyof Circumstances] ?? ''),
    );
  });
}
