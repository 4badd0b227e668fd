import { z } from 'zod';
import { amount, oneOf, text } from './columns.ts';

/** Row of `/v1/attribution`. */
export const attributionRow = z
  .object({
    deployment_id: text('Deployment; null: an ambiguous or background row').nullable(),
    service: text('Service of the deployment, else of the SLO'),
    environment: text(
      'Environment of the deployment, else of the SLO; null: all of tier production',
    ).nullable(),
    slo_id: text('SLO'),
    kind: oneOf(
      ['attributed', 'ambiguous', 'background'],
      'Bad events of one deployment, of one of several, or of none',
    ),
    bad: amount('Bad events (slice methods: slices) that start in the range'),
    expected_bad: amount('Bad events to be expected by what went on before; null: background').nullable(),
    excess: amount(
      'Bad events beyond that, 0 unless more than noise; background: all that is in no other row of the SLO',
    ),
    share: amount(
      'Of the budget of the window that ends with the deployment’s interval; null: not one deployment, or nothing measured',
    ).nullable(),
    budget_minutes: amount('The same in minutes').nullable(),
  })
  .meta({ id: 'Attribution' });

/** What a deployment cost in one SLO. */
export const sloCostRow = attributionRow
  .pick({ slo_id: true, bad: true, expected_bad: true, excess: true, share: true, budget_minutes: true })
  .extend({ expected_bad: amount('Bad events to be expected by what went on before') })
  .meta({ id: 'SloCost' });
