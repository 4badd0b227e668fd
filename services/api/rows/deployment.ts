import { z } from 'zod';
import { sloCostRow } from './attribution.ts';
import { amount, count, flag, instant, oneOf, seconds, text } from './columns.ts';
import { incidentRow } from './incident.ts';

const failureReason = z
  .object({
    rule: oneOf(['review', 'aborted', 'incident', 'rollback', 'hotfix', 'attribution'], 'Rule that matched'),
    incident_id: text('Incident that matched').nullable(),
    rollback_id: text('Rollback that matched').nullable(),
    hotfix_id: text('Hotfix that matched').nullable(),
    review_id: text('Review that matched').nullable(),
  })
  .meta({ id: 'FailureReason' });

/** Row of `/v1/deployments`. */
export const deploymentRow = z
  .object({
    deployment_id: text('Id, unique within service and environment'),
    service: text('Service'),
    environment: text('Environment'),
    action: oneOf(['deploy', 'rollback', 'hotfix'], 'What the producer said it is'),
    version: text('Version').nullable(),
    commit: text('Commit').nullable(),
    started_at: instant('Started'),
    finished_at: instant('Finished').nullable(),
    outcome: oneOf(['succeeded', 'failed', 'cancelled'], 'Outcome; null while it runs').nullable(),
    counted: flag('It counts as a deployment'),
    detected: flag('It was found to be a rollback: it went back to an earlier version'),
    failed: flag('It failed by at least one rule'),
    reverted: flag('A rollback went back past it'),
    failure_reasons: z.array(failureReason).describe('Every match of every rule, by time and id'),
    rolled_back_by: text('First successful rollback that targets or reverts it').nullable(),
    restored_at: instant('The failure was over').nullable(),
    changes: count('Changes that it carries'),
    rework: flag('It is rework'),
    budget_minutes: amount('Error budget that it cost, in minutes, of its most affected SLO').nullable(),
  })
  .meta({ id: 'Deployment' });

/** The same without what it cost, as the views that others build on have it. */
export const uncostedDeploymentRow = deploymentRow.omit({ budget_minutes: true });

/** What a deployment cost; it has no row where no SLO watches it. */
export const deploymentBudgetRow = deploymentRow.pick({
  service: true,
  environment: true,
  deployment_id: true,
  budget_minutes: true,
});

/** A change that a deployment carries. */
export const carriedChangeRow = z
  .object({
    repository: text('Repository as host/owner/name'),
    change_id: text('Commit; empty: a pull request none of whose commits is known'),
    pull_request: text('Its pull request; empty: none known'),
    committed_at: instant('Committed').nullable(),
    opened_at: instant('Its pull request was opened').nullable(),
    first_review_at: instant('First review by someone else').nullable(),
    merged_at: instant('Merged').nullable(),
    lead_time_seconds: seconds('Commit to the finish of this deployment').nullable(),
  })
  .meta({ id: 'CarriedChange' });

/** An incident that is linked or attributed to a deployment. */
export const deploymentIncidentRow = incidentRow
  .pick({
    incident_id: true,
    severity: true,
    title: true,
    url: true,
    opened_at: true,
    restored_at: true,
    state: true,
  })
  .extend({
    linked_by: oneOf(['incident', 'attribution'], 'Somebody named the deployment, or it was inferred'),
  })
  .meta({ id: 'DeploymentIncident' });

/** The row of `/v1/deployments/{id}`. */
export const deploymentDetail = z
  .object({
    ...deploymentRow.shape,
    carried_changes: z.array(carriedChangeRow).describe('The changes that it carries'),
    incidents: z.array(deploymentIncidentRow).describe('Incidents linked or attributed to it'),
    slo_costs: z.array(sloCostRow).describe('What it cost in each SLO that watches it'),
  })
  .meta({ id: 'DeploymentDetail' });
