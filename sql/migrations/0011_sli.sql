-- SLIs: how reports of events become the quarter-hours that error budgets, burn rates and costs read.
-- Every SLI fact marks its (SLO, hour), and a window that reaches beyond the hour of its start the later hours, too, because of `filled`.
-- sli_batch takes the newest dirty hours, recompute_sli_buckets puts them together again from their facts, writes the quarter-hours
-- that differ, and with each hour what of its marks that recompute had seen. recompute_sli_days adds the days of these hours up, and
-- only from what it then finds stored it takes what settles marks; settle_sli_marks subtracts it when the day is stored. So a kill
-- anywhere, and a second refresher, only mean that hours are done again. SLI facts never dirty a service.

create table sli_recompute_limits
(
  id UInt8 default 0 comment '0: as it was set; 1: what batches that did not bear it have narrowed it to',
  hours_per_refresh UInt32 comment 'hours of an SLO that a batch takes at the most',
  changed_at DateTime64(3, 'UTC') default now64(3) comment 'when it was set, UTC'
)
engine = ReplacingMergeTree(changed_at)
order by id
comment 'Bounds of one recompute of SLIs';

insert into sli_recompute_limits (hours_per_refresh) values (1500);

create table sli_marks
(
  hour DateTime('UTC') comment 'start of the hour, UTC',
  slo_id LowCardinality(String) comment 'id of the SLO',
  pending Int64 comment 'random; the hour is dirty while the sum is not 0'
)
engine = SummingMergeTree(pending)
order by (hour, slo_id)
settings non_replicated_deduplication_window = 10000
comment 'Hours of SLOs that new SLI facts touched and sli_buckets does not yet hold';

create table sli_long_windows
(
  hour DateTime('UTC') comment 'an hour that a window overlaps and does not start in, UTC',
  slo_id LowCardinality(String) comment 'id of the SLO',
  started_hour DateTime('UTC') comment 'hour in which it starts, UTC'
)
engine = ReplacingMergeTree
order by (hour, slo_id, started_hour)
settings non_replicated_deduplication_window = 10000
comment 'The way from an hour to the earlier hours whose windows reach into it';

create table quarantined_sli_hours
(
  slo_id LowCardinality(String) comment 'id of the SLO',
  hour DateTime('UTC') comment 'hour whose recompute fails alone, UTC',
  seen Int64 comment 'sum of its marks when it failed; other marks give it another try',
  reason String comment 'exception',
  quarantined_at DateTime64(3, 'UTC') default now64(3) comment 'when, UTC'
)
engine = ReplacingMergeTree(quarantined_at)
order by (slo_id, hour)
comment 'Hours of SLOs whose recompute failed alone: left out so that the others go on, until new facts arrive';

create table sli_buckets
(
  slo_id LowCardinality(String) comment 'id of the SLO',
  bucket DateTime('UTC') comment 'start of the quarter-hour, UTC' codec(Delta, ZSTD(1)),
  revision UInt64 comment 'greater is newer' codec(ZSTD(1)),
  digest UInt64 comment 'hash of the numbers; a row is written only when it differs, or to settle marks' codec(ZSTD(1)),
  settled Int64 comment 'on the first quarter-hour of an hour: sum of the hour''s marks that this recompute had seen' codec(ZSTD(1)),
  bad Float64 comment 'bad events of the windows that start in it, without corrections' codec(ZSTD(1)),
  total Float64 comment 'all events of the windows that start in it, without corrections' codec(ZSTD(1)),
  filled UInt16 comment 'bit m: a window with events overlaps minute m, wherever it starts' codec(ZSTD(1)),
  minutes UInt8 comment 'slices of 60 s with events' codec(ZSTD(1)),
  minute_badness Float64 comment 'sum of 1 - ratio over the slices of 60 s with events' codec(ZSTD(1)),
  imperfect_minutes Array(UInt32) comment 'ratios below 1 of the slices of 60 s, in billionths, ascending' codec(ZSTD(1)),
  fives UInt8 comment 'slices of 300 s with events' codec(ZSTD(1)),
  five_badness Float64 comment 'sum of 1 - ratio over the slices of 300 s with events' codec(ZSTD(1)),
  imperfect_fives Array(UInt32) comment 'ratios below 1 of the slices of 300 s, in billionths, ascending' codec(ZSTD(1)),
  starts Array(UInt32) comment 'starts of windows with events, milliseconds since the bucket''s start, ascending; one entry a (start, version)' codec(ZSTD(1)),
  versions Array(LowCardinality(String)) comment 'version of each entry; empty: unknown' codec(ZSTD(1)),
  bads Array(Float64) comment 'bad events of each entry, added up over series and window ends' codec(ZSTD(1)),
  totals Array(Float64) comment 'all events of each entry, added up over series and window ends' codec(ZSTD(1))
)
engine = ReplacingMergeTree(revision)
order by (toStartOfHour(bucket), slo_id, bucket)
settings index_granularity = 256, non_replicated_deduplication_window = 10000
comment 'SLIs in quarter-hours (UTC), recomputed an hour of an SLO at a time; read with final';

create table sli_days
(
  day Date comment 'UTC day' codec(ZSTD(1)),
  slo_id LowCardinality(String) comment 'id of the SLO',
  revision UInt64 comment 'greater is newer' codec(ZSTD(1)),
  settled_hours Array(DateTime('UTC')) comment 'hours of the day whose marks this recompute settles' codec(ZSTD(1)),
  settled Array(Int64) comment 'what it settles of each' codec(ZSTD(1)),
  bad Float64 comment 'bad events of the windows that start in it, without corrections' codec(ZSTD(1)),
  total Float64 comment 'all events of the windows that start in it, without corrections' codec(ZSTD(1)),
  filled_minutes UInt16 comment 'minutes that windows with events overlap' codec(ZSTD(1)),
  minutes UInt16 comment 'slices of 60 s with events' codec(ZSTD(1)),
  minute_badness Float64 comment 'sum of 1 - ratio over the slices of 60 s with events' codec(ZSTD(1)),
  imperfect_minutes Array(UInt32) comment 'ratios below 1 of the slices of 60 s, in billionths, ascending' codec(ZSTD(1)),
  fives UInt16 comment 'slices of 300 s with events' codec(ZSTD(1)),
  five_badness Float64 comment 'sum of 1 - ratio over the slices of 300 s with events' codec(ZSTD(1)),
  imperfect_fives Array(UInt32) comment 'ratios below 1 of the slices of 300 s, in billionths, ascending' codec(ZSTD(1))
)
engine = ReplacingMergeTree(revision)
order by (toStartOfMonth(day), slo_id, day)
settings index_granularity = 64, non_replicated_deduplication_window = 10000
comment 'The quarter-hours of sli_buckets added up to UTC days; read with final';

create table sli_recompute_state
(
  id UInt8 comment 'always 0',
  recomputed_at SimpleAggregateFunction(max, DateTime64(3, 'UTC')) comment 'when SLIs were last recomputed, UTC; bounds what is marked again on start'
)
engine = AggregatingMergeTree
order by id
comment 'When SLIs were last recomputed';

create materialized view mark_sli_facts to sli_marks
comment 'An SLI fact marks the hour in which its window starts' as
select toStartOfHour(window_start, 'UTC') as hour, slo_id, sum(reinterpretAsInt64(rand64())) as pending
from sli_facts
where window_start >= toDateTime64('1971-01-01 00:00:00', 3, 'UTC') and window_start < toDateTime64('2105-01-01 00:00:00', 3, 'UTC')
group by hour, slo_id;

create materialized view link_long_windows to sli_long_windows
comment 'Keeps which hours a window overlaps beside the one in which it starts' as
select
  toStartOfHour(window_start, 'UTC') as started_hour,
  slo_id,
  arrayJoin(arrayMap(later -> started_hour + later * 3600, range(1, toUInt32(intDiv(dateDiff('millisecond', toDateTime64(started_hour, 3, 'UTC'), window_end) + 3599999, 3600000))))) as hour
from sli_facts
where window_start >= toDateTime64('1971-01-01 00:00:00', 3, 'UTC') and window_start < toDateTime64('2105-01-01 00:00:00', 3, 'UTC')
group by started_hour, slo_id, hour;

create materialized view mark_long_windows to sli_marks
comment 'A window that reaches beyond the hour of its start marks the later hours' as
select hour, slo_id, sum(reinterpretAsInt64(rand64())) as pending
from sli_long_windows
group by hour, slo_id;

create materialized view settle_sli_marks to sli_marks
comment 'What is stored is no longer dirty; runs after the part that holds it was committed' as
select settled_hour as hour, slo_id, -sum(settled_mark) as pending
from sli_days
array join settled_hours as settled_hour, settled as settled_mark
group by settled_hour, slo_id;

create materialized view note_sli_recompute to sli_recompute_state
comment 'Keeps when SLIs were last recomputed' as
select toUInt8(0) as id, max(now64(3, 'UTC')) as recomputed_at
from sli_days
group by id;

-- sli_windows: one row an SLI window, put together from its facts attribute by attribute; incomplete and impossible ones are left out.
-- Columns:
--   slo_id: id of the SLO
--   series: source series
--   version: version of the service; empty: unknown
--   window_start: start, UTC
--   window_end: end, UTC, exclusive
--   good: good events
--   total: all events
--   bad: bad events
create view sli_windows as
select
  slo_id, series, version, window_start, window_end,
  coalesce(last_good, 0) as good,
  if(total_counts, coalesce(last_total, 0), coalesce(last_good, 0) + coalesce(last_bad, 0)) as total,
  if(total_counts, total - good, coalesce(last_bad, 0)) as bad
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
    order by slo_id, window_start, window_end, series, version, event_id, content_sha256
    limit 1 by slo_id, window_start, window_end, series, version, event_id
  ) as fact
  group by slo_id, series, version, window_start, window_end
)
where not (total_counts and last_good is null) and total >= good;

create materialized view sli_batch refresh every 100 year settings refresh_retries = 0
(
  batch UInt64 comment 'random id of the batch',
  slo_id LowCardinality(String) comment 'id of the SLO',
  hour DateTime('UTC') comment 'a dirty hour, UTC',
  seen Int64 comment 'sum of its marks when the batch was taken'
)
engine = Memory
empty
comment 'The dirty hours that the recompute of SLIs at hand takes, the newest first: what people look at now waits for no import' as
with (select rand64()) as batch
select batch, slo_id, hour, sum(mark.pending) as seen
from sli_marks as mark
group by hour, slo_id
having seen != 0 and (slo_id, hour, seen) not in (select slo_id, hour, seen from quarantined_sli_hours final)
order by hour desc, slo_id
limit (select min(hours_per_refresh) from sli_recompute_limits final);

-- The batch is read several times. Two refreshers may swap it meanwhile: the reading that stands first settles marks, and nothing
-- is written unless the last reading is the same batch; so every fact behind a settled mark was there when the facts were read.
create materialized view recompute_sli_buckets refresh every 100 year settings refresh_retries = 0 append to sli_buckets
empty
comment 'Puts the hours of the batch together from their facts; writes the quarter-hours that differ, and what settles the hours'' marks' as
select
  slo_id, bucket,
  stored_revision + 1 as revision,
  new_digest as digest,
  settled, bad, total, filled,
  toUInt8(arrayCount(events -> events > 0, minute_totals)) as minutes,
  arraySum((spoilt, events) -> if(events > 0, spoilt / events, 0), minute_bads, minute_totals) as minute_badness,
  arraySort(arrayFilter(ratio -> ratio < 1000000000, arrayMap((spoilt, events) -> if(events > 0, toUInt32(round((events - spoilt) / events * 1000000000)), 1000000000), minute_bads, minute_totals))) as imperfect_minutes,
  toUInt8(arrayCount(events -> events > 0, five_totals)) as fives,
  arraySum((spoilt, events) -> if(events > 0, spoilt / events, 0), five_bads, five_totals) as five_badness,
  arraySort(arrayFilter(ratio -> ratio < 1000000000, arrayMap((spoilt, events) -> if(events > 0, toUInt32(round((events - spoilt) / events * 1000000000)), 1000000000), five_bads, five_totals))) as imperfect_fives,
  starts, versions, bads, totals
from
(
  select
    slo_id, bucket,
    max(part.revision) as stored_revision,
    max(part.digest) as stored_digest,
    max(part.batch) as taken,
    sum(part.seen) as settled,
    groupBitOr(part.filled) as filled,
    arraySort(groupArrayIf((part.start, part.version, part.bad, part.total), part.total > 0)) as entries,
    tupleElement(entries, 1) as starts,
    tupleElement(entries, 2) as versions,
    tupleElement(entries, 3) as bads,
    tupleElement(entries, 4) as totals,
    arraySum(bads) as bad,
    arraySum(totals) as total,
    arrayMap(minute -> arraySum((start, events) -> if(intDiv(start, 60000) = minute, events, 0), starts, bads), range(15)) as minute_bads,
    arrayMap(minute -> arraySum((start, events) -> if(intDiv(start, 60000) = minute, events, 0), starts, totals), range(15)) as minute_totals,
    arrayMap(five -> arraySum((start, events) -> if(intDiv(start, 300000) = five, events, 0), starts, bads), range(3)) as five_bads,
    arrayMap(five -> arraySum((start, events) -> if(intDiv(start, 300000) = five, events, 0), starts, totals), range(3)) as five_totals,
    sipHash64(filled, starts, versions, bads, totals) as new_digest
  from
  (
    select
      taken.slo_id as slo_id, toDateTime(taken.hour + quarter * 900, 'UTC') as bucket, taken.batch as batch, if(quarter = 0, taken.seen, 0) as seen,
      toUInt64(0) as revision, toUInt64(0) as digest, toUInt16(0) as filled, toUInt32(0) as start, '' as version, toFloat64(0) as bad, toFloat64(0) as total
    from sli_batch as taken
    array join range(4) as quarter
    union all
    select stored.slo_id, stored.bucket, 0, 0, stored.revision, stored.digest, 0, 0, '', 0, 0
    from sli_buckets as stored final
    where (toStartOfHour(stored.bucket), stored.slo_id) in (select hour, slo_id from sli_batch)
    union all
    select slo_id, toDateTime(quarter * 900, 'UTC') as bucket, 0, 0, 0, 0, groupBitOr(mask), start, version, arraySum(arraySort(groupArray(started_bad))), arraySum(arraySort(groupArray(started_total)))
    from
    (
      select
        slo_id,
        arrayJoin(range(first_quarter, toUInt32(intDiv(end_minute, 15) + 1))) as quarter,
        quarter = first_quarter as starts_here,
        toUInt16(bitShiftLeft(toUInt32(2), toUInt8(least(end_minute - quarter * 15, 14))) - bitShiftLeft(toUInt32(1), toUInt8(greatest(start_minute - quarter * 15, 0)))) as mask,
        if(starts_here, toUInt32(start_ms - quarter * 900000), 0) as start,
        if(starts_here, window_version, '') as version,
        if(starts_here, window_bad, 0) as started_bad,
        if(starts_here, window_total, 0) as started_total
      from
      (
        select
          slo_id, version as window_version, bad as window_bad, total as window_total,
          toUnixTimestamp64Milli(window_start) as start_ms,
          intDiv(start_ms, 60000) as start_minute,
          intDiv(toUnixTimestamp64Milli(window_end) - 1, 60000) as end_minute,
          toUInt32(intDiv(start_minute, 15)) as first_quarter
        from sli_windows
        where (toStartOfHour(window_start), slo_id) in
          (
            select hour, slo_id from sli_batch
            union distinct
            select started_hour, slo_id from sli_long_windows where (hour, slo_id) in (select hour, slo_id from sli_batch)
          )
          and window_start >= toDateTime64('1971-01-01 00:00:00', 3, 'UTC') and window_start < toDateTime64('2105-01-01 00:00:00', 3, 'UTC')
          and total > 0
      )
    )
    where (toStartOfHour(bucket), slo_id) in (select hour, slo_id from sli_batch)
    group by slo_id, quarter, start, version
  ) as part
  group by slo_id, bucket
)
where (settled != 0 or (stored_digest != new_digest and (stored_revision > 0 or filled != 0)))
  and taken = (select any(batch) from sli_batch)
settings min_insert_block_size_rows = 100000000, min_insert_block_size_bytes = 0, max_insert_threads = 1, wait_for_part_commit_in_dependent_materialized_views = 1;

create materialized view recompute_sli_days refresh every 100 year settings refresh_retries = 0 append to sli_days
empty
comment 'Adds up the days of the batch; settles the marks of those hours whose recompute it finds stored in the very rows that it adds up' as
select
  slo_id, day,
  max(part.revision) + 1 as revision,
  arrayMap(mark -> mark.1, arraySort(groupArrayIf((part.bucket, part.settled), part.settles))) as settled_hours,
  arrayMap(mark -> mark.2, arraySort(groupArrayIf((part.bucket, part.settled), part.settles))) as settled,
  arraySum(arraySort(groupArray(part.bad))) as bad,
  arraySum(arraySort(groupArray(part.total))) as total,
  toUInt16(sum(bitCount(part.filled))) as filled_minutes,
  toUInt16(sum(part.minutes)) as minutes,
  arraySum(arraySort(groupArray(part.minute_badness))) as minute_badness,
  arraySort(groupArrayArray(part.imperfect_minutes)) as imperfect_minutes,
  toUInt16(sum(part.fives)) as fives,
  arraySum(arraySort(groupArray(part.five_badness))) as five_badness,
  arraySort(groupArrayArray(part.imperfect_fives)) as imperfect_fives
from
(
  select
    slo_id, toDate(bucket) as day, 0 as revision, bucket, settled, (slo_id, bucket, settled) in (select slo_id, hour, seen from sli_batch) as settles,
    bad, total, filled, minutes, minute_badness, imperfect_minutes, fives, five_badness, imperfect_fives
  from sli_buckets final
  where (toStartOfHour(bucket), slo_id) in (select distinct toStartOfDay(hour) + arrayJoin(range(24)) * 3600, slo_id from sli_batch)
  union all
  select slo_id, day, revision, toDateTime(0, 'UTC'), 0, false, 0, 0, 0, 0, 0, [], 0, 0, []
  from sli_days final
  where (toStartOfMonth(day), slo_id, day) in (select toStartOfMonth(hour), slo_id, toDate(hour) from sli_batch)
) as part
group by slo_id, day
having notEmpty(settled_hours)
settings min_insert_block_size_rows = 100000000, min_insert_block_size_bytes = 0, max_insert_threads = 1, wait_for_part_commit_in_dependent_materialized_views = 1;
