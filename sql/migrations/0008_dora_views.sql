-- The five DORA metrics, time to restore and the stages of lead time, over the quarter-hour aggregates.
-- Definitions: docs/definitions.md. Quantiles interpolate linearly (quantilesExactInclusive, spreadsheets' PERCENTILE.INC).

-- dora_buckets_between: the metrics of each bucket of a range; dora_timeseries and dora_summary are its two faces.
-- Parameters:
--   services Array(String): services asked for; empty: all
--   team String: team asked for; empty: any
--   scope String: tier:<name>, or environment:<name>
--   since, until DateTime64(3, 'UTC'): the range [since, until), on quarter-hours
--   tz String: IANA zone of the days
--   now DateTime64(3, 'UTC'): instant of asking
--   interval String: day, week (ISO), month, or range for one bucket that is the range
-- Columns:
--   bucket_start: natural start of the bucket in tz
--   bucket_end: its end, exclusive
--   partial: it has not ended, or the range cuts it
--   deployments: counted deployments that finished in it
--   deployments_per_day: deployments / days; null without a day
--   deployment_days: local days with a counted deployment
--   days: local days that it touches, up to now
--   attempts: finished deploys and hotfixes of any outcome, detected rollbacks left out
--   rollbacks: finished rollbacks of any outcome, detected ones too
--   changes: changes first carried to users in it
--   lead_time_changes: those of them behind the quantiles: commit time known, lead time not negative
--   lead_time_p50_seconds: median change lead time, commit to finish of the first deployment that carried it, seconds
--   lead_time_p75_seconds: 75th percentile, seconds
--   lead_time_p90_seconds: 90th percentile, seconds
--   lead_time_p95_seconds: 95th percentile, seconds
--   failed_deployments: counted deployments that failed
--   change_fail_rate: failed / counted deployments, 0 to 1; null without a deployment
--   change_fail_rate_linked: the same without what was only inferred
--   recovered_deployments: failed deployments that are restored
--   unrecovered_deployments: failed deployments that are not restored yet
--   oldest_unrecovered_seconds: age of the oldest of those now, seconds; null: none
--   recovery_time_p50_seconds: median failed deployment recovery time, seconds
--   recovery_time_p90_seconds: 90th percentile, seconds
--   rework_deployments: counted hotfixes, or deployments that fix an incident or a deployment
--   rework_rate: rework / counted deployments, 0 to 1; null without a deployment
--   incidents_opened: incidents opened in it, cancelled ones left out
--   incidents_restored: incidents restored in it
--   incidents_open: incidents neither restored nor cancelled at its end (or now)
--   oldest_open_seconds: age of the oldest of those at that instant, seconds; null: none
--   time_to_restore_p50_seconds: median time to restore of the incidents restored in it, seconds
--   time_to_restore_p90_seconds: 90th percentile, seconds
create view dora_buckets_between as
with
  toDate32(toTimeZone({since:DateTime64(3, 'UTC')}, {tz:String})) as first_day,
  toDate32(toTimeZone({until:DateTime64(3, 'UTC')} - toIntervalMillisecond(1), {tz:String})) as last_day,
  multiIf({interval:String} = 'week', first_day - (toDayOfWeek(first_day) - 1), {interval:String} = 'month', first_day - (toDayOfMonth(first_day) - 1), first_day) as first_start,
  multiIf(
    {interval:String} = 'day', dateDiff('day', first_start, last_day),
    {interval:String} = 'week', intDiv(dateDiff('day', first_start, last_day), 7),
    {interval:String} = 'month', dateDiff('month', first_start, last_day),
    0) as last_bucket,
  least({until:DateTime64(3, 'UTC')}, {now:DateTime64(3, 'UTC')}) as seen_until,
  grid as
  (
    select
      toUInt32(number) as bucket_number,
      multiIf({interval:String} = 'range', {since:DateTime64(3, 'UTC')}, toTimeZone(toDateTime64(multiIf({interval:String} = 'week', addWeeks(first_start, number), {interval:String} = 'month', addMonths(first_start, number), addDays(first_start, number)), 3, {tz:String}), 'UTC')) as bucket_start,
      multiIf({interval:String} = 'range', {until:DateTime64(3, 'UTC')}, toTimeZone(toDateTime64(multiIf({interval:String} = 'week', addWeeks(first_start, number + 1), {interval:String} = 'month', addMonths(first_start, number + 1), addDays(first_start, number + 1)), 3, {tz:String}), 'UTC')) as bucket_end,
      greatest(bucket_start, {since:DateTime64(3, 'UTC')}) as content_start,
      least(bucket_end, seen_until) as content_end,
      if(content_end > content_start, dateDiff('day', toDate32(toTimeZone(content_start, {tz:String})), toDate32(toTimeZone(content_end - toIntervalMillisecond(1), {tz:String}))) + 1, 0) as days
    from numbers(assumeNotNull(last_bucket) + 1)
  ),
  summed as
  (
    select
      toUInt32(multiIf(
        {interval:String} = 'day', dateDiff('day', first_start, toDate32(toTimeZone(bucket, {tz:String}))),
        {interval:String} = 'week', intDiv(dateDiff('day', first_start, toDate32(toTimeZone(bucket, {tz:String}))), 7),
        {interval:String} = 'month', dateDiff('month', first_start, toDate32(toTimeZone(bucket, {tz:String}))),
        0)) as bucket_number,
      sum(part.deployments) as deployments,
      uniqExactIf(toDate32(toTimeZone(bucket, {tz:String})), part.deployments > 0) as deployment_days,
      sum(part.attempts) as attempts,
      sum(part.rollbacks) as rollbacks,
      sum(part.changes) as changes,
      sum(length(part.lead_times)) as lead_time_changes,
      quantilesExactInclusiveArray(0.5, 0.75, 0.9, 0.95)(part.lead_times) as lead_time,
      sum(part.failed_deployments) as failed_deployments,
      sum(part.failed_deployments_linked) as failed_deployments_linked,
      sum(part.recovered_deployments) as recovered_deployments,
      sum(part.unrecovered_deployments) as unrecovered_deployments,
      min(part.oldest_unrecovered_at) as oldest_unrecovered_at,
      quantilesExactInclusiveArray(0.5, 0.9)(part.recovery_times) as recovery_time,
      sum(part.rework_deployments) as rework_deployments,
      sum(part.incidents_opened) as incidents_opened,
      sum(part.incidents_restored) as incidents_restored,
      quantilesExactInclusiveArray(0.5, 0.9)(part.restore_times) as time_to_restore
    from dora_buckets as part final
    where scope = {scope:String}
      and (empty({services:Array(String)}) or service in {services:Array(String)})
      and ({team:String} = '' or team = {team:String})
      and bucket >= {since:DateTime64(3, 'UTC')} and bucket < {until:DateTime64(3, 'UTC')}
    group by bucket_number
  ),
  spans as
  (
    select fromUnixTimestamp64Milli(span.1, 'UTC') as opened_at, span.2 as restored_ms
    from dora_buckets as part final
    array join part.incident_spans as span
    where scope = {scope:String}
      and (empty({services:Array(String)}) or service in {services:Array(String)})
      and ({team:String} = '' or team = {team:String})
      and bucket < {until:DateTime64(3, 'UTC')}
      and notEmpty(part.incident_spans)
      and span.2 >= toUnixTimestamp64Milli(least({since:DateTime64(3, 'UTC')}, {now:DateTime64(3, 'UTC')}))
  ),
  open as
  (
    select grid.bucket_number as bucket_number, count() as incidents_open, min(spans.opened_at) as oldest_opened_at
    from grid
    cross join spans
    where spans.opened_at < grid.content_end and spans.restored_ms >= toUnixTimestamp64Milli(grid.content_end)
    group by bucket_number
  )
select
  grid.bucket_start as bucket_start,
  grid.bucket_end as bucket_end,
  CAST(grid.bucket_end > {now:DateTime64(3, 'UTC')} or grid.bucket_start < {since:DateTime64(3, 'UTC')} or grid.bucket_end > {until:DateTime64(3, 'UTC')}, 'Bool') as partial,
  summed.deployments as deployments,
  if(grid.days = 0, null, summed.deployments / grid.days) as deployments_per_day,
  summed.deployment_days as deployment_days,
  grid.days as days,
  summed.attempts as attempts,
  summed.rollbacks as rollbacks,
  summed.changes as changes,
  summed.lead_time_changes as lead_time_changes,
  if(lead_time_changes = 0, null, round(summed.lead_time[1] / 1000, 6)) as lead_time_p50_seconds,
  if(lead_time_changes = 0, null, round(summed.lead_time[2] / 1000, 6)) as lead_time_p75_seconds,
  if(lead_time_changes = 0, null, round(summed.lead_time[3] / 1000, 6)) as lead_time_p90_seconds,
  if(lead_time_changes = 0, null, round(summed.lead_time[4] / 1000, 6)) as lead_time_p95_seconds,
  summed.failed_deployments as failed_deployments,
  if(summed.deployments = 0, null, summed.failed_deployments / summed.deployments) as change_fail_rate,
  if(summed.deployments = 0, null, summed.failed_deployments_linked / summed.deployments) as change_fail_rate_linked,
  summed.recovered_deployments as recovered_deployments,
  summed.unrecovered_deployments as unrecovered_deployments,
  if(summed.unrecovered_deployments = 0, null, greatest(0, toUnixTimestamp64Milli({now:DateTime64(3, 'UTC')}) - toUnixTimestamp64Milli(assumeNotNull(summed.oldest_unrecovered_at))) / 1000) as oldest_unrecovered_seconds,
  if(summed.recovered_deployments = 0, null, round(summed.recovery_time[1] / 1000, 6)) as recovery_time_p50_seconds,
  if(summed.recovered_deployments = 0, null, round(summed.recovery_time[2] / 1000, 6)) as recovery_time_p90_seconds,
  summed.rework_deployments as rework_deployments,
  if(summed.deployments = 0, null, summed.rework_deployments / summed.deployments) as rework_rate,
  summed.incidents_opened as incidents_opened,
  summed.incidents_restored as incidents_restored,
  open.incidents_open as incidents_open,
  if(open.incidents_open = 0, null, (toUnixTimestamp64Milli(grid.content_end) - toUnixTimestamp64Milli(open.oldest_opened_at)) / 1000) as oldest_open_seconds,
  if(isNaN(summed.time_to_restore[1]) or summed.incidents_restored = 0, null, round(summed.time_to_restore[1] / 1000, 6)) as time_to_restore_p50_seconds,
  if(isNaN(summed.time_to_restore[2]) or summed.incidents_restored = 0, null, round(summed.time_to_restore[2] / 1000, 6)) as time_to_restore_p90_seconds
from grid
left join summed on summed.bucket_number = grid.bucket_number
left join open on open.bucket_number = grid.bucket_number
order by bucket_start;

-- dora_timeseries: the metrics of each bucket of a range; every bucket is present.
-- Parameters:
--   services Array(String): services asked for; empty: all
--   team String: team asked for; empty: any
--   scope String: tier:<name>, or environment:<name>
--   since, until DateTime64(3, 'UTC'): the range [since, until), on quarter-hours
--   tz String: IANA zone of the days
--   now DateTime64(3, 'UTC'): instant of asking
--   interval String: day, week (ISO) or month
-- Columns:
--   bucket_start: natural start of the bucket in tz
--   bucket_end: its end, exclusive
--   partial: it has not ended, or the range cuts it
--   deployments: counted deployments that finished in it
--   deployments_per_day: deployments / days; null without a day
--   deployment_days: local days with a counted deployment
--   days: local days that it touches, up to now
--   attempts: finished deploys and hotfixes of any outcome, detected rollbacks left out
--   rollbacks: finished rollbacks of any outcome, detected ones too
--   changes: changes first carried to users in it
--   lead_time_changes: those of them behind the quantiles: commit time known, lead time not negative
--   lead_time_p50_seconds: median change lead time, commit to finish of the first deployment that carried it, seconds
--   lead_time_p75_seconds: 75th percentile, seconds
--   lead_time_p90_seconds: 90th percentile, seconds
--   lead_time_p95_seconds: 95th percentile, seconds
--   failed_deployments: counted deployments that failed
--   change_fail_rate: failed / counted deployments, 0 to 1; null without a deployment
--   change_fail_rate_linked: the same without what was only inferred
--   recovered_deployments: failed deployments that are restored
--   unrecovered_deployments: failed deployments that are not restored yet
--   oldest_unrecovered_seconds: age of the oldest of those now, seconds; null: none
--   recovery_time_p50_seconds: median failed deployment recovery time, seconds
--   recovery_time_p90_seconds: 90th percentile, seconds
--   rework_deployments: counted hotfixes, or deployments that fix an incident or a deployment
--   rework_rate: rework / counted deployments, 0 to 1; null without a deployment
--   incidents_opened: incidents opened in it, cancelled ones left out
--   incidents_restored: incidents restored in it
--   incidents_open: incidents neither restored nor cancelled at its end (or now)
--   oldest_open_seconds: age of the oldest of those at that instant, seconds; null: none
--   time_to_restore_p50_seconds: median time to restore of the incidents restored in it, seconds
--   time_to_restore_p90_seconds: 90th percentile, seconds
create view dora_timeseries as
select
  bucket_start,
  bucket_end,
  partial,
  deployments,
  deployments_per_day,
  deployment_days,
  days,
  attempts,
  rollbacks,
  changes,
  lead_time_changes,
  lead_time_p50_seconds,
  lead_time_p75_seconds,
  lead_time_p90_seconds,
  lead_time_p95_seconds,
  failed_deployments,
  change_fail_rate,
  change_fail_rate_linked,
  recovered_deployments,
  unrecovered_deployments,
  oldest_unrecovered_seconds,
  recovery_time_p50_seconds,
  recovery_time_p90_seconds,
  rework_deployments,
  rework_rate,
  incidents_opened,
  incidents_restored,
  incidents_open,
  oldest_open_seconds,
  time_to_restore_p50_seconds,
  time_to_restore_p90_seconds
from dora_buckets_between(services = {services:Array(String)}, team = {team:String}, scope = {scope:String}, since = {since:DateTime64(3, 'UTC')}, until = {until:DateTime64(3, 'UTC')}, tz = {tz:String}, now = {now:DateTime64(3, 'UTC')}, interval = {interval:String})
order by bucket_start;

-- dora_summary: the metrics of a range, one row.
-- Parameters:
--   services Array(String): services asked for; empty: all
--   team String: team asked for; empty: any
--   scope String: tier:<name>, or environment:<name>
--   since, until DateTime64(3, 'UTC'): the range [since, until), on quarter-hours
--   tz String: IANA zone of the days
--   now DateTime64(3, 'UTC'): instant of asking
-- Columns:
--   deployments: counted deployments that finished in it
--   deployments_per_day: deployments / days; null without a day
--   deployment_days: local days with a counted deployment
--   days: local days that it touches, up to now
--   attempts: finished deploys and hotfixes of any outcome, detected rollbacks left out
--   rollbacks: finished rollbacks of any outcome, detected ones too
--   changes: changes first carried to users in it
--   lead_time_changes: those of them behind the quantiles: commit time known, lead time not negative
--   lead_time_p50_seconds: median change lead time, commit to finish of the first deployment that carried it, seconds
--   lead_time_p75_seconds: 75th percentile, seconds
--   lead_time_p90_seconds: 90th percentile, seconds
--   lead_time_p95_seconds: 95th percentile, seconds
--   failed_deployments: counted deployments that failed
--   change_fail_rate: failed / counted deployments, 0 to 1; null without a deployment
--   change_fail_rate_linked: the same without what was only inferred
--   recovered_deployments: failed deployments that are restored
--   unrecovered_deployments: failed deployments that are not restored yet
--   oldest_unrecovered_seconds: age of the oldest of those now, seconds; null: none
--   recovery_time_p50_seconds: median failed deployment recovery time, seconds
--   recovery_time_p90_seconds: 90th percentile, seconds
--   rework_deployments: counted hotfixes, or deployments that fix an incident or a deployment
--   rework_rate: rework / counted deployments, 0 to 1; null without a deployment
--   incidents_opened: incidents opened in it, cancelled ones left out
--   incidents_restored: incidents restored in it
--   incidents_open: incidents neither restored nor cancelled at its end (or now)
--   oldest_open_seconds: age of the oldest of those at that instant, seconds; null: none
--   time_to_restore_p50_seconds: median time to restore of the incidents restored in it, seconds
--   time_to_restore_p90_seconds: 90th percentile, seconds
create view dora_summary as
select
  deployments,
  deployments_per_day,
  deployment_days,
  days,
  attempts,
  rollbacks,
  changes,
  lead_time_changes,
  lead_time_p50_seconds,
  lead_time_p75_seconds,
  lead_time_p90_seconds,
  lead_time_p95_seconds,
  failed_deployments,
  change_fail_rate,
  change_fail_rate_linked,
  recovered_deployments,
  unrecovered_deployments,
  oldest_unrecovered_seconds,
  recovery_time_p50_seconds,
  recovery_time_p90_seconds,
  rework_deployments,
  rework_rate,
  incidents_opened,
  incidents_restored,
  incidents_open,
  oldest_open_seconds,
  time_to_restore_p50_seconds,
  time_to_restore_p90_seconds
from dora_buckets_between(services = {services:Array(String)}, team = {team:String}, scope = {scope:String}, since = {since:DateTime64(3, 'UTC')}, until = {until:DateTime64(3, 'UTC')}, tz = {tz:String}, now = {now:DateTime64(3, 'UTC')}, interval = 'range');

-- lead_time_stages: where the time from commit to users goes, a row a stage; the bottleneck has the largest median.
-- Parameters:
--   services Array(String): services asked for; empty: all
--   team String: team asked for; empty: any
--   scope String: tier:<name>, or environment:<name>
--   since, until DateTime64(3, 'UTC'): the range [since, until), on quarter-hours
-- Columns:
--   stage: coding (commit to pull request opened), pickup (to first review), review (to merged), queue (to deployment started), deploy (to finished)
--   changes: changes with both ends known and in order
--   p50_seconds: median, seconds; null without a change
--   p90_seconds: 90th percentile, seconds; null without a change
--   share: its median over the sum of the stages' medians, 0 to 1
--   bottleneck: it has the largest median (of equal ones the earliest); none where no stage takes time
create view lead_time_stages as
select
  stage,
  changes,
  p50_seconds,
  p90_seconds,
  if(sum(coalesce(p50_seconds, 0)) over () = 0, null, p50_seconds / sum(coalesce(p50_seconds, 0)) over ()) as share,
  CAST(changes > 0 and share is not null and position = argMin(position, (-coalesce(p50_seconds, -1), position)) over (), 'Bool') as bottleneck
from
(
  select
    entry.1 as position,
    entry.2 as stage,
    entry.3 as changes,
    if(changes = 0, null, round(entry.4[1] / 1000, 6)) as p50_seconds,
    if(changes = 0, null, round(entry.4[2] / 1000, 6)) as p90_seconds
  from
  (
    select arrayJoin([
      (1, 'coding', sum(length(part.coding_times)), quantilesExactInclusiveArray(0.5, 0.9)(part.coding_times)),
      (2, 'pickup', sum(length(part.pickup_times)), quantilesExactInclusiveArray(0.5, 0.9)(part.pickup_times)),
      (3, 'review', sum(length(part.review_times)), quantilesExactInclusiveArray(0.5, 0.9)(part.review_times)),
      (4, 'queue', sum(length(part.queue_times)), quantilesExactInclusiveArray(0.5, 0.9)(part.queue_times)),
      (5, 'deploy', sum(length(part.deploy_times)), quantilesExactInclusiveArray(0.5, 0.9)(part.deploy_times))
    ]) as entry
    from dora_buckets as part final
    where scope = {scope:String}
      and (empty({services:Array(String)}) or service in {services:Array(String)})
      and ({team:String} = '' or team = {team:String})
      and bucket >= {since:DateTime64(3, 'UTC')} and bucket < {until:DateTime64(3, 'UTC')}
  )
)
order by position;
