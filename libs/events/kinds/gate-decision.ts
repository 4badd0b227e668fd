import { z } from 'zod';
import { commonFields, type Kept } from '../common-fields.ts';
import { id, text } from '../text.ts';

const MAX_RULES = 100;

/** What the gate answered, and whether somebody went on all the same. */
export const gateDecisionFact = z
  .strictObject({
    kind: z.literal('gate_decision'),
    ...commonFields,
    decision_id: id,
    service: id,
    environment: id,
    outcome: z.enum(['allow', 'caution', 'block']),
    rules: z.array(text).max(MAX_RULES).optional().describe('Rules that decided.'),
    policy: text.optional(),
    deployment_id: id.optional(),
    overridden: z.boolean().optional().describe('True needs by and reason.'),
    by: text.optional(),
    reason: text.optional(),
  })
  .superRefine((fact, context) => {
    if (fact.overridden !== true) return;
    for (const field of ['by', 'reason'] as const) {
      if (fact[field] !== undefined) continue;
      context.addIssue({ code: 'custom', path: [field], message: 'is required when overridden is true' });
    }
  })
  .meta({ title: 'gate_decision', description: 'What the gate answered, and whether it was overridden.' });

/** A gate decision fact as it is kept. */
export type GateDecisionFact = Kept<z.output<typeof gateDecisionFact>>;
