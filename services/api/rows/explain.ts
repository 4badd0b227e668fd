import { z } from 'zod';
import { amount, count, flag, instant, oneOf, seconds, text } from './columns.ts';

/** Metrics that `/v1/explain/{metric}` explains, and the view that has the rows behind each. */
export const EXPLAINED_METRICS = {
  deployments: 'explain_deliveries',
  attempts: 'explain_deliveries',
  rollbacks: 'explain_deliveries',
  changes: 'explain_changes',
  change_lead_time: 'explain_changes',
  lead_time_stages: 'explain_changes',
  change_fail_rate: 'explain_deliveries',
  change_fail_rate_linked: 'explain_deliveries',
  recovery_time: 'explain_deliveries',
  rework_rate: 'explain_deliveries',
  incidents_opened: 'explain_incidents',
  incidents_restored: 'explain_incidents',
  incidents_open: 'explain_incidents',
  time_to_restore: 'explain_incidents',
} as const;

/** A metric of {@link EXPLAINED_METRICS}. */
export type ExplainedMetric = keyof typeof EXPLAINED_METRICS;

/** Row of `/v1/explain/{metric}`. */
export const explainRow = z
  .object({
    at: instant('Instant by which the row belongs to the range'),
    service: text('Service; empty: not told'),
    environment: text('Environment; empty: not told'),
    id: text(
      'The deployment or incident; of a change repository@commit, of a pull request repository#number',
    ),
    subject: oneOf(
      ['deployment', 'failure_reason', 'change', 'incident'],
      'What the row is about; a failure_reason is a match of a rule and never counted itself',
    ),
    stage: text('Stage of the lead time; else empty'),
    counted: flag('Whether it is in the number (rates: in the denominator)'),
    numerator: flag('Rates: whether it is in the numerator'),
    value_seconds: seconds(
      'What it adds to the quantiles; of one that is left out, what it would',
    ).nullable(),
    rule: text('What decided: the rule by which it failed, why it is left out, else what it is'),
    reason: text('The same in words'),
    evidence: text('What the rule points at: an incident, rollback, hotfix, review, deployment, rollout …'),
  })
  .meta({ id: 'ExplainedRow' });

/** Row of `/v1/explain/error_budget`: a quarter-hour of an SLO's window, and a rule. */
export const explainBudgetRow = z
  .object({
    at: instant('First instant that the row tells of'),
    slo_id: text('SLO'),
    counted: flag('Whether it is in the budget'),
    good: amount('Good events (slices; ratio timeslices: sum of their ratios)'),
    total: amount('Events (slices with data)'),
    bad: amount('What it spends: bad events or slices (ratio timeslices: sum of 1 − ratio)'),
    no_data: count('Minutes without data (slice methods: slices)'),
    rule: oneOf(
      ['counted', 'corrected', 'no_data', 'no_data_is_bad', 'not_yet_over', 'before_first_datum'],
      'What decided',
    ),
    reason: text('The same in words'),
    evidence: text('The corrections that exclude it'),
  })
  .meta({ id: 'ExplainedBudget' });
