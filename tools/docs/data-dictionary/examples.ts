/** A query to begin with. */
export type Example = string;

const march = "since = '2026-03-01 00:00:00', until = '2026-04-01 00:00:00'";
const everything = `services = [], team = '', scope = 'tier:production', ${march}`;

/** One query a public view; the views in the order in which an analyst meets them. */
export const examples: Readonly<Record<string, Example>> = {
  dora_summary: `select deployments, lead_time_p50_seconds, change_fail_rate, recovery_time_p50_seconds, rework_rate
from dora_summary(${everything}, tz = 'UTC', now = now64(3))`,
  dora_timeseries: `select bucket_start, partial, deployments, change_fail_rate
from dora_timeseries(${everything}, tz = 'Europe/Berlin', now = now64(3), interval = 'week')`,
  lead_time_stages: `select stage, changes, p50_seconds, share, bottleneck
from lead_time_stages(${everything})`,
  deployments: `select service, count() as deployments, countIf(failed) as failures
from deployments
where counted and finished_at >= '2026-03-01 00:00:00'
group by service`,
  deployment_list: `select at, service, deployment_id, version, outcome, failed
from deployment_list(${everything})
order by at desc
limit 20`,
  deployment_changes: `select repository, change_id, lead_time_seconds
from deployment_changes(service = 'checkout', environment = 'production', deployment_id = '42')`,
  deployment_incidents: `select incident_id, opened_at, restored_at, linked_by
from deployment_incidents(service = 'checkout', environment = 'production', deployment_id = '42')`,
  deployment_costs: `select slo_id, bad, expected_bad, excess, share, budget_minutes
from deployment_costs(service = 'checkout', environment = 'production', deployment_id = '42')`,
  incident_list: `select opened_at, incident_id, severity, state, deployment_id, linked_by
from incident_list(${everything})`,
  slo_list: `select slo_id, service, objective, consumed, remaining_minutes, state
from slo_list(now = now64(3))
order by consumed desc`,
  slo_budget: `select consumed, remaining_minutes, exhausts_at, state
from slo_budget(slo_ids = ['checkout-availability'], at = now64(3))`,
  slo_burn: `select slo_id, alert, long_window_seconds, long_burn_rate, factor
from slo_burn(slo_ids = [], at = now64(3))
where firing`,
  slo_budget_history: `select day_start, consumed, remaining_minutes, state
from slo_budget_history(slo_ids = ['checkout-availability'], since = now64(3) - interval 28 day, until = now64(3), tz = 'UTC', now = now64(3))
order by day_start`,
  slo_burn_history: `select slo_id, alert, fired_at, resolved_at, peak_long_burn_rate
from slo_burn_history(slo_ids = [], since = now64(3) - interval 7 day, until = now64(3), now = now64(3))
order by fired_at`,
  attribution: `select kind, deployment_id, bad, excess, share, budget_minutes
from attribution(${everything}, slo_ids = ['checkout-availability'])`,
  explain: `select at, subject, id, counted, numerator, rule, reason, evidence
from explain(metric = 'change_fail_rate', ${everything}, now = now64(3))`,
  explain_deliveries: `select rule, count() as left_out
from explain_deliveries(metric = 'deployments', ${everything}, now = now64(3))
where not counted
group by rule`,
  explain_changes: `select id, stage, value_seconds, evidence
from explain_changes(metric = 'lead_time_stages', ${everything})
where counted
order by value_seconds desc
limit 20`,
  explain_incidents: `select id, value_seconds, rule, reason
from explain_incidents(metric = 'incidents_open', ${everything}, now = now64(3))`,
  explain_error_budget: `select at, counted, good, total, rule, evidence
from explain_error_budget(slo_id = 'checkout-availability', at = now64(3))
where rule != 'no_data'`,
  thin_data: `select check, affected, of, message
from thin_data(${everything})`,
  quality: `select check, service, affected, of, example
from quality(services = [], team = '', ${march}, now = now64(3))
where affected > 0`,
};
