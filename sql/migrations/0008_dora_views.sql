-- The five DORA metrics, time to restore and the stages of lead time, over the quarter-hour aggregates.
-- Definitions: docs/definitions.md. Quantiles interpolate linearly (quantilesExactInclusive, spreadsheets' PERCENTILE.INC).

-- What an answer for one service costs is the analysis of its query more than its data: so bounds are arithmetic instead of
-- branches (of which each is analysed), a rate or a quantile is made where it is summed, and a table is read once where it can be.

-- evenkeel_bucket_number: in which bucket of a range an instant falls, counted from 0.
-- Parameters:
--   interval: day, week (ISO) or month
--   since: start of the range
--   at: the instant
--   tz: IANA zone of the days
create or replace function evenkeel_bucket_number as (interval, since, at, tz) ->
  dateDiff(interval, since, at, tz);

-- evenkeel_bucket_or_range: the same, and for the interval range: 0 in the range and -1 before it.
-- Parameters:
--   interval: day, week (ISO), month, or range for one bucket that is the range
--   since: start of the range
--   at: the instant
--   tz: IANA zone of the days
create or replace function evenkeel_bucket_or_range as (interval, since, at, tz) ->
  if(interval = 'range', (at >= since) - 1, evenkeel_bucket_number(if(interval = 'range', 'day', interval), since, at, tz));

-- evenkeel_bucket_bound: where a bucket of days, weeks or months begins.
-- Parameters:
--   interval: day, week (ISO) or month
--   first_start: local day on which the first bucket begins
--   number: the bucket, counted from 0
--   tz: IANA zone of the days
create or replace function evenkeel_bucket_bound as (interval, first_start, number, tz) ->
  toTimeZone(toDateTime64(addMonths(addDays(first_start, number * transform(interval, ['day', 'week'], [1, 7], 0)), number * (interval = 'month')), 3, tz), 'UTC');

-- evenkeel_local_days: how many local days a range touches, counted by their first instants: a date that the zone skips is no day.
-- Parameters:
--   since: its start
--   until: its end, exclusive
--   tz: IANA zone of the days
create or replace function evenkeel_local_days as (since, until, tz) ->
  if(until > since, intDiv(dateDiff('second', toStartOfDay(since, tz), toStartOfDay(until - toIntervalMillisecond(1), tz)) + 43200, 86400) + 1, 0);

-- dora_sums: what the quarter-hours of each bucket of a range come to; dora_timeseries and dora_summary put it into words.
-- Parameters:
--   services Array(String): services asked for; empty: all
--   team String: team asked for; empty: any
--   scope String: tier:<name>, or environment:<name>
--   since, until DateTime64(3, 'UTC'): the range [since, until), on quarter-hours
--   tz String: IANA zone of the days
--   now DateTime64(3, 'UTC'): instant of asking
--   interval String: day, week (ISO), month, or range for one bucket that is the range
-- Columns:
--   bucket_number: the bucket, counted from 0, every one; range: -1 is what incidents still open in the range leave from before it
--   deployments: counted deployments that finished in it
--   counted: the same; null: none
--   deployment_days: local days with a counted deployment
--   attempts: finished deploys and hotfixes of any outcome, detected rollbacks left out
--   rollbacks: finished rollbacks of any outcome, detected ones too
--   changes: changes first carried to users in it
--   lead_time_changes: those of them behind the quantiles
--   quantiles: seconds: lead time 50, 75, 90 and 95, recovery time 50 and 90, time to restore 50 and 90 %; null: of nothing
--   failed_deployments: counted deployments that failed
--   change_fail_rate: failed / counted deployments, 0 to 1; null without a deployment
--   failed_deployments_linked: those of them that somebody named, or that failed by themselves
--   change_fail_rate_linked: the same without what was only inferred
--   recovered_deployments: failed deployments that are restored
--   unrecovered_deployments: failed deployments that are not restored yet
--   oldest_unrecovered_seconds: age of the oldest of those now, seconds; null: none
--   rework_deployments: counted hotfixes, or deployments that fix an incident or a deployment
--   rework_rate: rework / counted deployments, 0 to 1; null without a deployment
--   incidents_opened: incidents opened in it, cancelled ones left out
--   incidents_restored: incidents restored in it
--   deployments_without_changes: counted deployments for which no change is known
--   time_to_restore_incidents: incidents behind the quantiles: restored, and not before they opened
--   incident_spans: opened and restored of the incidents opened in it, milliseconds since 1970; an open one ends at 9223372036854775807
create view dora_sums as
-- what a bucket without a row is filled with is what is true of it: counts are 0, rates and quantiles are null
select
  evenkeel_bucket_or_range({interval:String}, {since:DateTime64(3, 'UTC')}, part.bucket, {tz:String}) as bucket_number,
  sum(part.deployments) as deployments,
  nullIf(deployments, 0) as counted,
  uniqExactIf(toDate32(part.bucket, {tz:String}), part.deployments > 0) as deployment_days,
  sum(part.attempts) as attempts,
  sum(part.rollbacks) as rollbacks,
  sum(part.changes) as changes,
  sum(length(part.lead_times)) as lead_time_changes,
  arrayMap(ms -> if(isNaN(ms), null, round(ms / 1000, 6)), arrayConcat(
    quantilesExactInclusiveArray(0.5, 0.75, 0.9, 0.95)(part.lead_times),
    quantilesExactInclusiveArray(0.5, 0.9)(part.recovery_times),
    quantilesExactInclusiveArray(0.5, 0.9)(part.restore_times))) as quantiles,
  sum(part.failed_deployments) as failed_deployments,
  failed_deployments / counted as change_fail_rate,
  sum(part.failed_deployments_linked) as failed_deployments_linked,
  failed_deployments_linked / counted as change_fail_rate_linked,
  sum(part.recovered_deployments) as recovered_deployments,
  sum(part.unrecovered_deployments) as unrecovered_deployments,
  if(unrecovered_deployments = 0, null, greatest(0, dateDiff('millisecond', min(part.oldest_unrecovered_at), {now:DateTime64(3, 'UTC')})) / 1000) as oldest_unrecovered_seconds,
  sum(part.rework_deployments) as rework_deployments,
  rework_deployments / counted as rework_rate,
  sum(part.incidents_opened) as incidents_opened,
  sum(part.incidents_restored) as incidents_restored,
  sum(part.deployments_without_changes) as deployments_without_changes,
  sum(length(part.restore_times)) as time_to_restore_incidents,
  groupArrayArray(part.incident_spans) as incident_spans
from dora_buckets as part final
where scope = {scope:String}
  and (empty({services:Array(String)}) or service in {services:Array(String)})
  and ({team:String} = '' or team = {team:String})
  and period >= if({interval:String} = 'range', toDate(0), toStartOfQuarter({since:DateTime64(3, 'UTC')})) and period <= toStartOfQuarter({until:DateTime64(3, 'UTC')})
  and bucket < {until:DateTime64(3, 'UTC')}
  and if({interval:String} = 'range',
    bucket >= {since:DateTime64(3, 'UTC')} or last_restored_ms >= toUnixTimestamp64Milli(least({since:DateTime64(3, 'UTC')}, {now:DateTime64(3, 'UTC')})),
    bucket >= {since:DateTime64(3, 'UTC')})
group by bucket_number
order by bucket_number with fill
  from -({interval:String} = 'range')
  to evenkeel_bucket_or_range({interval:String}, {since:DateTime64(3, 'UTC')}, {until:DateTime64(3, 'UTC')} - toIntervalMillisecond(1), {tz:String}) + 1;

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
--   failed_deployments_linked: those of them that somebody named, or that failed by themselves
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
--   deployments_without_changes: counted deployments for which no change is known
--   time_to_restore_incidents: incidents behind the next quantiles: restored, and not before they opened
--   time_to_restore_p50_seconds: median time to restore of the incidents restored in it, seconds
--   time_to_restore_p90_seconds: 90th percentile, seconds
create view dora_timeseries as
with
  toDate32({since:DateTime64(3, 'UTC')}, {tz:String}) as first_day,
  first_day - if({interval:String} = 'week', toDayOfWeek(first_day, 1), if({interval:String} = 'month', toDayOfMonth(first_day) - 1, 0)) as first_start,
  evenkeel_bucket_number({interval:String}, {since:DateTime64(3, 'UTC')}, {until:DateTime64(3, 'UTC')} - toIntervalMillisecond(1), {tz:String}) + 1 as bucket_count,
  least({until:DateTime64(3, 'UTC')}, {now:DateTime64(3, 'UTC')}) as seen_until,
  toUnixTimestamp64Milli(seen_until) as seen_until_ms,
  toUnixTimestamp64Milli({since:DateTime64(3, 'UTC')}) as since_ms,
  (
    -- the buckets at whose ends an incident is open: from the one it opened in to the last that ends before it is restored
    select (groupArray(bucket_number), groupArray((incidents_open, oldest_opened_ms)))
    from
    (
      select
        arrayJoin(range(
          evenkeel_bucket_number({interval:String}, {since:DateTime64(3, 'UTC')}, fromUnixTimestamp64Milli(greatest(span.1, since_ms)), {tz:String}),
          if(span.2 >= seen_until_ms, bucket_count, evenkeel_bucket_number({interval:String}, {since:DateTime64(3, 'UTC')}, fromUnixTimestamp64Milli(least(span.2, seen_until_ms)), {tz:String})))) as bucket_number,
        count() as incidents_open,
        min(span.1) as oldest_opened_ms
      from dora_buckets as part final
      array join part.incident_spans as span
      where scope = {scope:String}
        and (empty({services:Array(String)}) or service in {services:Array(String)})
        and ({team:String} = '' or team = {team:String})
        and period <= toStartOfQuarter({until:DateTime64(3, 'UTC')}) and bucket < {until:DateTime64(3, 'UTC')}
        and part.last_restored_ms >= least(since_ms, seen_until_ms) and span.2 >= least(since_ms, seen_until_ms) and span.1 < seen_until_ms
      group by bucket_number
    )
  ) as open_at,
  evenkeel_bucket_bound({interval:String}, first_start, summed.bucket_number, {tz:String}) as bucket_start,
  evenkeel_bucket_bound({interval:String}, first_start, summed.bucket_number + 1, {tz:String}) as bucket_end,
  greatest(bucket_start, {since:DateTime64(3, 'UTC')}) as content_start,
  least(bucket_end, seen_until) as content_end,
  open_at.2[indexOf(open_at.1, summed.bucket_number)] as open
select
  bucket_start,
  bucket_end,
  CAST(bucket_start < {since:DateTime64(3, 'UTC')} or bucket_end > seen_until, 'Bool') as partial,
  deployments,
  deployments / nullIf(days, 0) as deployments_per_day,
  deployment_days,
  evenkeel_local_days(content_start, content_end, {tz:String}) as days,
  attempts,
  rollbacks,
  changes,
  lead_time_changes,
  quantiles[1] as lead_time_p50_seconds,
  quantiles[2] as lead_time_p75_seconds,
  quantiles[3] as lead_time_p90_seconds,
  quantiles[4] as lead_time_p95_seconds,
  failed_deployments,
  change_fail_rate,
  failed_deployments_linked,
  change_fail_rate_linked,
  recovered_deployments,
  unrecovered_deployments,
  oldest_unrecovered_seconds,
  quantiles[5] as recovery_time_p50_seconds,
  quantiles[6] as recovery_time_p90_seconds,
  rework_deployments,
  rework_rate,
  incidents_opened,
  incidents_restored,
  open.1 as incidents_open,
  if(incidents_open = 0, null, (toUnixTimestamp64Milli(content_end) - open.2) / 1000) as oldest_open_seconds,
  deployments_without_changes,
  time_to_restore_incidents,
  quantiles[7] as time_to_restore_p50_seconds,
  quantiles[8] as time_to_restore_p90_seconds
from dora_sums(services = {services:Array(String)}, team = {team:String}, scope = {scope:String}, since = {since:DateTime64(3, 'UTC')}, until = {until:DateTime64(3, 'UTC')}, tz = {tz:String}, now = {now:DateTime64(3, 'UTC')}, interval = {interval:String}) as summed
-- a date that the zone skips is no bucket
where bucket_start < bucket_end;

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
--   failed_deployments_linked: those of them that somebody named, or that failed by themselves
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
--   deployments_without_changes: counted deployments for which no change is known
--   time_to_restore_incidents: incidents behind the next quantiles: restored, and not before they opened
--   time_to_restore_p50_seconds: median time to restore of the incidents restored in it, seconds
--   time_to_restore_p90_seconds: 90th percentile, seconds
create view dora_summary as
select
  deployments,
  deployments / nullIf(days, 0) as deployments_per_day,
  deployment_days,
  evenkeel_local_days({since:DateTime64(3, 'UTC')}, seen_until, {tz:String}) as days,
  attempts,
  rollbacks,
  changes,
  lead_time_changes,
  quantiles[1] as lead_time_p50_seconds,
  quantiles[2] as lead_time_p75_seconds,
  quantiles[3] as lead_time_p90_seconds,
  quantiles[4] as lead_time_p95_seconds,
  failed_deployments,
  change_fail_rate,
  failed_deployments_linked,
  change_fail_rate_linked,
  recovered_deployments,
  unrecovered_deployments,
  oldest_unrecovered_seconds,
  quantiles[5] as recovery_time_p50_seconds,
  quantiles[6] as recovery_time_p90_seconds,
  rework_deployments,
  rework_rate,
  incidents_opened,
  incidents_restored,
  length(open_since_ms) as incidents_open,
  if(incidents_open = 0, null, (toUnixTimestamp64Milli(seen_until) - arrayMin(open_since_ms)) / 1000) as oldest_open_seconds,
  deployments_without_changes,
  time_to_restore_incidents,
  quantiles[7] as time_to_restore_p50_seconds,
  quantiles[8] as time_to_restore_p90_seconds
from
(
  select
    *,
    least({until:DateTime64(3, 'UTC')}, {now:DateTime64(3, 'UTC')}) as seen_until,
    toUnixTimestamp64Milli(seen_until) as seen_until_ms,
    arrayMap(span -> span.1, arrayFilter(span -> span.1 < seen_until_ms and span.2 >= seen_until_ms, groupArrayArray(incident_spans) over ())) as open_since_ms
  from dora_sums(services = {services:Array(String)}, team = {team:String}, scope = {scope:String}, since = {since:DateTime64(3, 'UTC')}, until = {until:DateTime64(3, 'UTC')}, tz = {tz:String}, now = {now:DateTime64(3, 'UTC')}, interval = 'range')
  qualify bucket_number = 0
);

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
      and period >= toStartOfQuarter({since:DateTime64(3, 'UTC')}) and period <= toStartOfQuarter({until:DateTime64(3, 'UTC')})
      and bucket >= {since:DateTime64(3, 'UTC')} and bucket < {until:DateTime64(3, 'UTC')}
  )
)
order by position;
