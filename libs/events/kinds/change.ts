import { z } from 'zod';
import { commonFields, count, type Kept } from '../common-fields.ts';
import { instant } from '../instant.ts';
import { id, repository, url } from '../text.ts';

const CARRIER = ['service', 'environment', 'deployment_id'] as const;

/** What is known of a commit, or of every commit of a pull request. */
export const changeFact = z
  .strictObject({
    kind: z.literal('change'),
    ...commonFields,
    repository,
    change_id: id.optional().describe('Commit SHA.'),
    pull_request: id
      .optional()
      .describe('Without change_id the fact says something of every change of that pull request.'),
    service: id.optional().describe('With environment and deployment_id: the deployment that carried it.'),
    environment: id.optional(),
    deployment_id: id.optional(),
    merge_commit: z.boolean().optional().describe('True: it stands for its pull request.'),
    committed_at: instant.optional(),
    opened_at: instant.optional(),
    first_review_at: instant.optional().describe('First review by someone other than the author.'),
    approved_at: instant.optional(),
    merged_at: instant.optional(),
    lines_changed: count.optional(),
    files_changed: count.optional(),
    url: url.optional(),
  })
  .superRefine((fact, context) => {
    if (fact.change_id === undefined && fact.pull_request === undefined) {
      const message = 'is required, or pull_request is';
      context.addIssue({ code: 'custom', path: ['change_id'], message });
    }
    const missing = CARRIER.filter((field) => fact[field] === undefined);
    if (missing.length === 0 || missing.length === CARRIER.length) return;
    const message = 'is required: service, environment and deployment_id come all three or not at all';
    for (const field of missing) context.addIssue({ code: 'custom', path: [field], message });
  })
  .meta({
    title: 'change',
    description: 'A commit, or what is known of every commit of a pull request.',
    anyOf: [{ required: ['change_id'] }, { required: ['pull_request'] }],
    dependentRequired: {
      service: ['environment', 'deployment_id'],
      environment: ['service', 'deployment_id'],
      deployment_id: ['service', 'environment'],
    },
  });

/** A change fact as it is kept. */
export type ChangeFact = Kept<z.output<typeof changeFact>>;
