import { z } from 'zod';
import { commonFields, type Kept } from '../common-fields.ts';
import { instant } from '../instant.ts';
import { id, repository, text, url } from '../text.ts';

/** A deploy, rollback or hotfix was queued, started, reached users step by step, or finished. */
export const deploymentFact = z
  .strictObject({
    kind: z.literal('deployment'),
    ...commonFields,
    service: id.describe('The deployed service.'),
    environment: id.describe('The place it was deployed to, as the producer names it.'),
    deployment_id: id.describe('Unique within service and environment.'),
    phase: z
      .enum(['queued', 'started', 'advanced', 'finished'])
      .describe('advanced: users have it (a canary, ring or traffic step).'),
    outcome: z
      .enum(['succeeded', 'failed', 'cancelled'])
      .optional()
      .describe('With finished, and only then.'),
    action: z.enum(['deploy', 'rollback', 'hotfix']).optional().describe('Default: deploy.'),
    version: id.optional(),
    commit: id.optional().describe('Commit deployed (SHA).'),
    commit_at: instant.optional().describe('Commit time of that commit.'),
    repository: repository.optional(),
    strategy: z.enum(['all_at_once', 'rolling', 'canary', 'blue_green', 'ring']).optional(),
    step: text.optional().describe('Text of an advance.'),
    rollout_id: id.optional().describe('One rollout over several environments.'),
    rolls_back_deployment: id.optional(),
    rolls_back_to_version: id.optional(),
    fixes_deployment: id.optional(),
    fixes_incident: id.optional(),
    automatic: z.boolean().optional().describe('True: no person started it.'),
    artifact_digest: id.optional(),
    url: url.optional().describe('Page of the run.'),
    trace_id: id.optional().describe('Trace that reported it.'),
  })
  .superRefine(({ phase, outcome }, context) => {
    if (phase === 'finished' && outcome === undefined) {
      context.addIssue({ code: 'custom', path: ['outcome'], message: 'is required with phase finished' });
    }
    if (phase !== 'finished' && outcome !== undefined) {
      context.addIssue({ code: 'custom', path: ['outcome'], message: 'is allowed with phase finished only' });
    }
  })
  .meta({
    title: 'deployment',
    description: 'A deploy, rollback or hotfix was queued, started, advanced or finished.',
    oneOf: [
      { properties: { phase: { const: 'finished' } }, required: ['outcome'] },
      { properties: { phase: { not: { const: 'finished' } } }, not: { required: ['outcome'] } },
    ],
  });

/** A deployment fact as it is kept. */
export type DeploymentFact = Kept<z.output<typeof deploymentFact>>;
