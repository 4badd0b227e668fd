-- How far the numbers can be trusted: the checks of data quality.

-- quality: one row a check and service: how many of how many are affected.
-- Parameters:
--   services Array(String): services asked for; empty: all
--   team String: team asked for; empty: any
--   since, until DateTime64(3, 'UTC'): the range [since, until)
--   now DateTime64(3, 'UTC'): instant of asking
-- Columns:
--   check: what is looked at
--   service: the service; empty: not about one
--   affected: how many show it
--   of: out of how many
--   share: affected / of, 0 to 1; null: of nothing
--   example: one that shows it, or a figure in words
create view quality as
with
  finished as
  (
    select * from deployments_recomputed final
    where counted and finished_at >= {since:DateTime64(3, 'UTC')} and finished_at < {until:DateTime64(3, 'UTC')}
      and (empty({services:Array(String)}) or service in {services:Array(String)}) and ({team:String} = '' or team = {team:String})
  ),
  carried_first as
  (
    select * from first_carried_changes
    where startsWith(scope, 'environment:') and finished_at >= {since:DateTime64(3, 'UTC')} and finished_at < {until:DateTime64(3, 'UTC')}
      and (empty({services:Array(String)}) or service in {services:Array(String)}) and ({team:String} = '' or team = {team:String})
  )
select check, service, affected, of, if(of = 0, null, affected / of) as share, example
from
(
  select 'deployments_without_changes' as check, service, countIf(empty(finished.carried)) as affected, count() as of, anyIf(deployment_id, empty(finished.carried)) as example from finished group by service
  union all
  select 'changes_without_commit_time', service, countIf(carried_first.committed_at is null), count(), anyIf(concat(repository, ' ', change_id), carried_first.committed_at is null) from carried_first group by service
  union all
  select 'negative_lead_times', service, countIf(coalesce(carried_first.committed_at > carried_first.finished_at, false)), count(), anyIf(concat(repository, ' ', change_id), coalesce(carried_first.committed_at > carried_first.finished_at, false)) from carried_first group by service
  union all
  select concat('failures_by_rule_', rule), service, uniqExactIf((environment, deployment_id), has(arrayMap(reason -> reason.1, failure_reasons), rule)), count(), anyIf(deployment_id, has(arrayMap(reason -> reason.1, failure_reasons), rule))
  from (select service, environment, deployment_id, failure_reasons, arrayJoin(['review', 'aborted', 'incident', 'rollback', 'hotfix', 'attribution']) as rule from finished where failed)
  group by service, rule
  union all
  select 'versions_reused', service, countIf(times > 1), count(), anyIf(assumeNotNull(version), times > 1)
  from (select service, environment, version, count() as times from finished where version is not null and outcome = 'succeeded' group by service, environment, version)
  group by service
  union all
  select 'incidents_without_service', '', countIf(incidents.service is null), count(), anyIf(incident_id, incidents.service is null)
  from incidents
  where opened_at >= {since:DateTime64(3, 'UTC')} and opened_at < {until:DateTime64(3, 'UTC')} and empty({services:Array(String)}) and {team:String} = ''
  having count() > 0
  union all
  select 'conflicting_facts', '', countIf(contents > 1), count(), anyIf(event_id, contents > 1)
  from
  (
    select event_id, uniqExact(content_sha256) as contents from deployment_facts group by service, environment, deployment_id, event_id
    union all
    select event_id, uniqExact(content_sha256) as contents from incident_facts group by incident_id, event_id
    union all
    select event_id, uniqExact(content_sha256) as contents from change_facts group by repository, change_id, pull_request, event_id
    union all
    select event_id, uniqExact(content_sha256) as contents from sli_facts group by slo_id, window_start, window_end, series, version, event_id
  )
  having count() > 0
  union all
  select concat('rejected_messages_', source), '', count(), count(), any(concat(field, ': ', reason))
  from rejected_messages final
  where received_at >= {since:DateTime64(3, 'UTC')} and received_at < {until:DateTime64(3, 'UTC')}
  group by source
  union all
  select concat('lateness_', source), '', countIf(late_ms > 3600000), count(), concat('p50 ', toString(round(quantileExact(0.5)(late_ms) / 1000, 3)), ' s, p99 ', toString(round(quantileExact(0.99)(late_ms) / 1000, 3)), ' s')
  from
  (
    select any(source) as source, toUnixTimestamp64Milli(min(observed_at)) - toUnixTimestamp64Milli(min(occurred_at)) as late_ms
    from deployment_facts
    where occurred_at >= {since:DateTime64(3, 'UTC')} and occurred_at < {until:DateTime64(3, 'UTC')}
      and (empty({services:Array(String)}) or service in {services:Array(String)})
    group by service, environment, deployment_id, event_id, content_sha256
  )
  group by source
  union all
  select concat('watermark_', source), '', toUInt64(max(toUnixTimestamp64Milli(mark.occurred_at)) < toUnixTimestamp64Milli({now:DateTime64(3, 'UTC')}) - 86400000), 1, toString(max(mark.occurred_at))
  from watermarks as mark
  group by source
  union all
  select 'not_yet_in_the_numbers', '', pending_services, toUInt64(1) * pending_services, concat(toString(oldest_pending_seconds), ' s') from recompute_status where pending_services > 0
  union all
  select 'quarantined_services', '', length(quarantined), length(quarantined), quarantined[1] from recompute_status where notEmpty(quarantined)
)
order by check, service;
