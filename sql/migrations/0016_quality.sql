-- How far the numbers can be trusted: the checks of data quality. Definitions: docs/definitions.md, Data quality.
-- Everything but lateness and watermarks looks at what the facts say, never at when they arrived. What SLI facts show is counted
-- when their hour is recomputed: a month of minutes of a thousand SLOs would be too much to read for a question.

create table sli_checks
(
  slo_id LowCardinality(String) comment 'id of the SLO',
  bucket DateTime('UTC') comment 'start of the quarter-hour, UTC' codec(Delta, ZSTD(1)),
  revision UInt64 comment 'greater is newer' codec(ZSTD(1)),
  digest UInt64 comment 'hash of the counts; a row is written only when it differs' codec(ZSTD(1)),
  windows UInt32 comment 'windows that start in it',
  windows_with_events UInt32 comment 'those that are complete, possible and have events',
  incomplete_windows UInt32 comment 'those of which only the total is known',
  impossible_windows UInt32 comment 'those whose facts together say good > total',
  overlapping_windows UInt32 comment 'those with events that begin before an earlier one of their series and version ended',
  windows_over_a_minute UInt32 comment 'those with events that are longer than 60 s',
  windows_over_five_minutes UInt32 comment 'those with events that are longer than 300 s',
  events UInt32 comment 'reports of those windows, each event_id once',
  conflicts UInt32 comment 'event_ids with several contents'
)
engine = ReplacingMergeTree(revision)
order by (toDate(bucket), slo_id, bucket)
settings index_granularity = 2048, non_replicated_deduplication_window = 10000
comment 'What is wrong with the SLI windows of a quarter-hour; read with final';

create materialized view recompute_sli_checks refresh every 100 year settings refresh_retries = 0 append to sli_checks
empty
comment 'Counts what is wrong with the SLI windows of the hours of sli_batch; runs beside recompute_sli_buckets and before recompute_sli_days, which settles the hours'' marks' as
select * except (stored_revision, stored_digest)
from
(
  select
    taken.slo_id as slo_id, taken.bucket as bucket,
    stored.revision as stored_revision, stored.digest as stored_digest,
    stored.revision + 1 as revision,
    sipHash64(found.windows, found.sound, found.incomplete, found.impossible, found.overlapping, found.over_a_minute, found.over_five_minutes, reported.events, reported.conflicts) as digest,
    toUInt32(found.windows) as windows,
    toUInt32(found.sound) as windows_with_events,
    toUInt32(found.incomplete) as incomplete_windows,
    toUInt32(found.impossible) as impossible_windows,
    toUInt32(found.overlapping) as overlapping_windows,
    toUInt32(found.over_a_minute) as windows_over_a_minute,
    toUInt32(found.over_five_minutes) as windows_over_five_minutes,
    toUInt32(reported.events) as events,
    toUInt32(reported.conflicts) as conflicts
  from (select slo_id, toDateTime(hour + quarter * 900, 'UTC') as bucket from sli_batch array join range(4) as quarter) as taken
  left join
  (
    select
      slo_id, toDateTime(toStartOfFifteenMinutes(window_start), 'UTC') as bucket,
      count() as windows,
      countIf(with_events) as sound,
      countIf(incomplete) as incomplete,
      countIf(impossible) as impossible,
      countIf(overlaps) as overlapping,
      countIf(with_events and length_ms > 60000) as over_a_minute,
      countIf(with_events and length_ms > 300000) as over_five_minutes
    from
    (
      select
        slo_id, window_start, incomplete, impossible, with_events,
        dateDiff('millisecond', window_start, window_end) as length_ms,
        with_events and window_start < max(if(with_events, window_end, toDateTime64(0, 3, 'UTC'))) over (partition by slo_id, series, version order by window_start, window_end rows between unbounded preceding and 1 preceding) as overlaps
      from
      (
        select
          slo_id, series, version, window_start, window_end,
          total_counts and last_good is null as incomplete,
          total_counts and coalesce(last_good > last_total, false) as impossible,
          not incomplete and not impossible and if(total_counts, coalesce(last_total, 0), coalesce(last_good, 0) + coalesce(last_bad, 0)) > 0 as with_events
        from
        (
          select
            slo_id, series, version, window_start, window_end,
            argMaxIf(fact.good, (occurred_at, event_id), fact.good is not null) as last_good,
            argMaxIf(fact.total, (occurred_at, event_id), fact.total is not null) as last_total,
            argMaxIf(fact.bad, (occurred_at, event_id), fact.bad is not null) as last_bad,
            last_total is not null and maxIf((occurred_at, event_id), fact.total is not null) >= maxIf((occurred_at, event_id), fact.bad is not null) as total_counts
          from
          (
            select * from sli_facts
            where (toStartOfHour(window_start), slo_id) in
              (
                select hour, slo_id from sli_batch
                union distinct
                select started_hour, slo_id from sli_long_windows where (hour, slo_id) in (select hour, slo_id from sli_batch)
              )
            order by slo_id, window_start, window_end, series, version, event_id, content_sha256
            limit 1 by slo_id, window_start, window_end, series, version, event_id
          ) as fact
          group by slo_id, series, version, window_start, window_end
        )
      )
    )
    where (toStartOfHour(window_start, 'UTC'), slo_id) in (select hour, slo_id from sli_batch)
    group by slo_id, bucket
  ) as found on found.slo_id = taken.slo_id and found.bucket = taken.bucket
  left join
  (
    select slo_id, bucket, count() as events, countIf(contents > 1) as conflicts
    from
    (
      select slo_id, toDateTime(toStartOfFifteenMinutes(window_start), 'UTC') as bucket, event_id, uniqExact(content_sha256) as contents
      from sli_facts
      where (toStartOfHour(window_start), slo_id) in (select hour, slo_id from sli_batch)
      group by slo_id, bucket, event_id
    )
    group by slo_id, bucket
  ) as reported on reported.slo_id = taken.slo_id and reported.bucket = taken.bucket
  left join
  (
    select slo_id, bucket, revision, digest from sli_checks final
    where (toDate(bucket), slo_id) in (select toDate(hour), slo_id from sli_batch)
  ) as stored on stored.slo_id = taken.slo_id and stored.bucket = taken.bucket
)
where stored_digest != digest and (stored_revision > 0 or windows > 0);

-- quality: one row a check and service: how many of how many are affected.
-- Parameters:
--   services Array(String): services asked for; empty: all
--   team String: team asked for; empty: any
--   since, until DateTime64(3, 'UTC'): the range [since, until)
--   now DateTime64(3, 'UTC'): instant of asking
-- Columns:
--   check: what is looked at
--   service: the service; null: not about one
--   affected: how many show it
--   of: out of how many
--   share: affected / of, 0 to 1; null: of nothing
--   example: one that shows it, or a figure in words
create view quality as
select check, service, affected, of, if(of = 0, null, affected / of) as share, example
from
(
  -- what the aggregates of the service's environments know
  select
    line.1 as check, toNullable(toString(service)) as service, line.2 as affected, line.3 as of, line.4 as example
  from
  (
    select
      service,
      arrayJoin([
        ('deployments_without_changes', sum(part.deployments_without_changes), sum(part.deployments), minIf(part.without_changes_example, part.without_changes_example != '')),
        ('changes_without_commit_time', sum(part.changes_without_commit_time), sum(part.changes), minIf(part.without_commit_time_example, part.without_commit_time_example != '')),
        ('negative_lead_times', sum(part.negative_lead_times), sum(part.changes), minIf(part.negative_lead_time_example, part.negative_lead_time_example != ''))
      ]) as line
    from dora_buckets as part final
    where startsWith(scope, 'environment:')
      and (empty({services:Array(String)}) or service in {services:Array(String)}) and ({team:String} = '' or team = {team:String})
      and period >= toStartOfQuarter({since:DateTime64(3, 'UTC')}) and period <= toStartOfQuarter({until:DateTime64(3, 'UTC')})
      and period >= toStartOfQuarter({since:DateTime64(3, 'UTC')}) and period <= toStartOfQuarter({until:DateTime64(3, 'UTC')})
      and bucket >= {since:DateTime64(3, 'UTC')} and bucket < {until:DateTime64(3, 'UTC')}
      and part.deployments + part.changes > 0
    group by service
  )
  where of > 0
  union all
  select
    line.1, toNullable(toString(service)), line.2, line.3, line.4
  from
  (
    select
      service,
      arrayJoin(arrayConcat(
        [('versions_reused', toUInt64(uniqExactIf((environment, version), again > 1)), toUInt64(uniqExactIf((environment, version), again > 0)), minIf(coalesce(version, ''), again > 1))],
        arrayMap((rule, failures, example) -> (concat('links_by_rule_', rule), failures, countIf(failed), example),
          ['review', 'aborted', 'incident', 'rollback', 'hotfix', 'attribution'],
          sumForEach(arrayMap(rule -> toUInt64(failed and has(rules, rule)), ['review', 'aborted', 'incident', 'rollback', 'hotfix', 'attribution'])),
          maxForEach(arrayMap(rule -> if(failed and has(rules, rule), deployment_id, ''), ['review', 'aborted', 'incident', 'rollback', 'hotfix', 'attribution']))))) as line
    from
    (
      select
        service, environment, deployment_id, version, failed, failure_reasons.rule as rules,
        if(version is not null and outcome = 'succeeded', count() over (partition by service, environment, version, outcome), 0) as again
      from deployments_recomputed as judged final
      where counted and judged.finished_at >= {since:DateTime64(3, 'UTC')} and judged.finished_at < {until:DateTime64(3, 'UTC')}
        and (empty({services:Array(String)}) or service in {services:Array(String)}) and ({team:String} = '' or team = {team:String})
    )
    group by service
  )
  where line.3 > 0
  union all
  select 'incidents_without_service', null, countIf(nowhere), count(), minIf(incident_id, nowhere)
  from
  (
    select incident_id, service is null as nowhere
    from incidents
    where not cancelled and opened_at >= {since:DateTime64(3, 'UTC')} and opened_at < {until:DateTime64(3, 'UTC')}
  )
  having count() > 0
  union all
  -- windows of SLIs, by what was counted in their hours
  select
    line.1, toNullable(toString(service)), line.2, line.3, line.4
  from
  (
    select
      definition.service as service,
      arrayJoin([
        ('sli_windows_overlapping', sum(hours.overlapping), sum(hours.sound), minIf(hours.slo_id, hours.overlapping > 0)),
        ('sli_windows_longer_than_slice', sumIf(if(definition.slice_seconds = 300, hours.over_five_minutes, hours.over_a_minute), definition.method != 'occurrences'), sumIf(hours.sound, definition.method != 'occurrences'),
          minIf(hours.slo_id, definition.method != 'occurrences' and if(definition.slice_seconds = 300, hours.over_five_minutes, hours.over_a_minute) > 0)),
        ('sli_windows_incomplete', sum(hours.incomplete), sum(hours.windows), minIf(hours.slo_id, hours.incomplete > 0)),
        ('sli_windows_impossible', sum(hours.impossible), sum(hours.windows), minIf(hours.slo_id, hours.impossible > 0)),
        ('slos_without_data', countIf(hours.sound = 0), count(), minIf(definition.slo_id, hours.sound = 0))
      ]) as line
    from
    (
      select slo_id, service, method, slice_seconds
      from slo_definitions
      where in_force_from <= {until:DateTime64(3, 'UTC')} and (in_force_until is null or in_force_until > {until:DateTime64(3, 'UTC')})
        and not retired
        and (empty({services:Array(String)}) or service in {services:Array(String)})
        and ({team:String} = '' or service in (select service from service_history where evenkeel_in_force(teams, {until:DateTime64(3, 'UTC')}, '') = {team:String}))
    ) as definition
    left join
    (
      select
        slo_id,
        sum(part.windows) as windows, sum(part.incomplete_windows) as incomplete, sum(part.impossible_windows) as impossible, sum(part.overlapping_windows) as overlapping,
        sum(part.windows_over_a_minute) as over_a_minute, sum(part.windows_over_five_minutes) as over_five_minutes,
        sum(part.windows_with_events) as sound
      from sli_checks as part final
      where toDate(bucket) >= toDate({since:DateTime64(3, 'UTC')}) and toDate(bucket) <= toDate({until:DateTime64(3, 'UTC')})
        and bucket >= {since:DateTime64(3, 'UTC')} and bucket < {until:DateTime64(3, 'UTC')}
      group by slo_id
    ) as hours on hours.slo_id = definition.slo_id
    group by service
  )
  where line.3 > 0
  union all
  select 'conflicting_facts_sli', null, sum(part.conflicts), sum(part.events), minIf(toString(slo_id), part.conflicts > 0)
  from sli_checks as part final
  where toDate(bucket) >= toDate({since:DateTime64(3, 'UTC')}) and toDate(bucket) <= toDate({until:DateTime64(3, 'UTC')})
    and bucket >= {since:DateTime64(3, 'UTC')} and bucket < {until:DateTime64(3, 'UTC')}
  having sum(part.events) > 0
  union all
  select concat('conflicting_facts_', kind), null, countIf(contents > 1), count(), minIf(event_id, contents > 1)
  from
  (
    select kind, event_id, uniqExact(content_sha256) as contents
    from
    (
      select 'deployment' as kind, event_id, content_sha256, occurred_at from deployment_facts
      union all select 'change', event_id, content_sha256, occurred_at from change_facts
      union all select 'incident', event_id, content_sha256, occurred_at from incident_facts
      union all select 'slo', event_id, content_sha256, occurred_at from slo_facts
      union all select 'slo_alert', event_id, content_sha256, occurred_at from slo_alert_facts
      union all select 'correction', event_id, content_sha256, occurred_at from correction_facts
      union all select 'service', event_id, content_sha256, occurred_at from service_facts
      union all select 'review', event_id, content_sha256, occurred_at from review_facts
      union all select 'gate_decision', event_id, content_sha256, occurred_at from gate_decision_facts
      union all select 'drill', event_id, content_sha256, occurred_at from drill_facts
    )
    where occurred_at >= {since:DateTime64(3, 'UTC')} and occurred_at < {until:DateTime64(3, 'UTC')}
    group by kind, event_id
  )
  group by kind
  union all
  select concat('rejected_messages_', source), null, count(), toUInt64(0), min(concat(code, if(field = '', '', ': '), field))
  from (select source, rejected_id, any(code) as code, any(field) as field from rejected_messages where received_at >= {since:DateTime64(3, 'UTC')} and received_at < {until:DateTime64(3, 'UTC')} group by source, rejected_id)
  group by source
  union all
  -- of SLIs the last day is enough: they come every minute
  select concat('lateness_', source), null, countIf(late_ms > 3600000), count(), concat('p50 ', toString(round(quantileExact(0.5)(late_ms) / 1000, 3)), ' s, p99 ', toString(round(quantileExact(0.99)(late_ms) / 1000, 3)), ' s')
  from
  (
    select any(source) as source, toUnixTimestamp64Milli(min(observed_at)) - toUnixTimestamp64Milli(min(occurred_at)) as late_ms
    from
    (
      select 'deployment' as kind, source, event_id, content_sha256, occurred_at, observed_at from deployment_facts
      union all select 'change', source, event_id, content_sha256, occurred_at, observed_at from change_facts
      union all select 'incident', source, event_id, content_sha256, occurred_at, observed_at from incident_facts
    )
    where occurred_at >= {since:DateTime64(3, 'UTC')} and occurred_at < {until:DateTime64(3, 'UTC')}
    group by kind, event_id, content_sha256
    union all
    select source, toUnixTimestamp64Milli(observed_at) - toUnixTimestamp64Milli(occurred_at)
    from sli_facts
    where toStartOfHour(window_start) >= toStartOfHour(greatest({since:DateTime64(3, 'UTC')}, least({until:DateTime64(3, 'UTC')}, {now:DateTime64(3, 'UTC')}) - toIntervalDay(1)))
      and toStartOfHour(window_start) < {until:DateTime64(3, 'UTC')}
      and occurred_at >= {since:DateTime64(3, 'UTC')} and occurred_at < {until:DateTime64(3, 'UTC')}
  )
  group by source
  union all
  select concat('watermark_', source), null, toUInt64(max(toUnixTimestamp64Milli(mark.occurred_at)) < toUnixTimestamp64Milli({now:DateTime64(3, 'UTC')}) - 86400000), 1, formatDateTime(max(mark.occurred_at), '%Y-%m-%dT%H:%i:%S.000Z')
  from watermarks as mark
  group by source
  union all
  select line.1, null, line.2, line.3, line.4
  from
  (
    select arrayJoin([
      ('not_yet_in_the_numbers', pending_services, (select count() from recompute_state), concat(toString(oldest_pending_seconds), ' s')),
      ('quarantined_services', toUInt64(length(quarantined)), (select count() from recompute_state), if(empty(quarantined), '', quarantined[1]))
    ]) as line
    from recompute_status
  )
)
order by check, service;
