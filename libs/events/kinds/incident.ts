import { z } from 'zod';
import { commonFields, type Kept, requiredWhen } from '../common-fields.ts';
import { instant } from '../instant.ts';
import { id, text, url } from '../text.ts';

/** A step of an incident's life, or its link to a deployment. */
export const incidentFact = z
  .strictObject({
    kind: z.literal('incident'),
    ...commonFields,
    incident_id: id.describe('Prefixed by its tool, for example pagerduty:P1.'),
    transition: z.enum([
      'opened',
      'acknowledged',
      'mitigated',
      'resolved',
      'reopened',
      'updated',
      'cancelled',
      'linked',
      'unlinked',
    ]),
    service: id.optional(),
    environment: id.optional(),
    severity: id.optional().describe('In the words of the tool; its rank comes from settings.'),
    title: text.optional(),
    url: url.optional(),
    detected_by: z.enum(['monitoring', 'people', 'customer']).optional(),
    deployment_id: id.optional().describe('Required for linked and unlinked.'),
    opened_at: instant.optional().describe('When a later transition knows it.'),
    reason: text.optional(),
  })
  .superRefine(({ transition, deployment_id }, context) => {
    if ((transition === 'linked' || transition === 'unlinked') && deployment_id === undefined) {
      const message = `is required with transition ${transition}`;
      context.addIssue({ code: 'custom', path: ['deployment_id'], message });
    }
  })
  .meta({
    title: 'incident',
    description: 'A transition of an incident, or a link of it to a deployment.',
    ...requiredWhen('transition', ['linked', 'unlinked'], 'deployment_id'),
  });

/** An incident fact as it is kept. */
export type IncidentFact = Kept<z.output<typeof incidentFact>>;
