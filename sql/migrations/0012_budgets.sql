-- Error budgets: definitions in force, corrections, and what is left of each SLO's budget at an instant.
-- Definitions: docs/definitions.md. What is computed from a value stands a level above it, and what is needed twice is a scalar named as seldom as
-- can be: ClickHouse analyses an alias again wherever it is named.

-- evenkeel_slices: how many slices start in [since, until), instants in milliseconds since 1970.
-- Parameters:
--   since: first instant
--   until: end, exclusive
--   slice: length of a slice, milliseconds
create function evenkeel_slices as (since, until, slice) ->
  greatest(intDiv(until + slice - 1, slice) - intDiv(since + slice - 1, slice), 0);

-- evenkeel_spent: what a day or quarter-hour of SLIs spends: bad events, bad slices, or the sum of 1 - ratio.
-- Parameters:
--   kind: 0 occurrences, 2 and 3 timeslices, 4 and 5 ratio timeslices; odd: slices of 300 s
--   target: timeslices: ratio from which a slice is good, in billionths
--   bad, minute_badness, imperfect_minutes, five_badness, imperfect_fives: columns of sli_buckets or sli_days
create function evenkeel_spent as (kind, target, bad, minute_badness, imperfect_minutes, five_badness, imperfect_fives) ->
  multiIf(kind < 2, bad, kind = 2, toFloat64(arrayCount(ratio -> ratio < target, imperfect_minutes)), kind = 3, toFloat64(arrayCount(ratio -> ratio < target, imperfect_fives)), kind = 4, minute_badness, five_badness);

-- evenkeel_units: what a quarter-hour consists of, as (start, spent, weight, events, filled): windows and filled minutes, or slices with data.
-- Parameters:
--   bucket_ms: start of the quarter-hour, milliseconds since 1970
--   at_ms: the instant of asking: a slice holds the windows that start before it, milliseconds since 1970
--   kind: 0 occurrences, 2 and 3 timeslices, 4 and 5 ratio timeslices; odd: slices of 300 s
--   slice_ms: length of a slice, milliseconds
--   target: timeslices: ratio from which a slice is good, in billionths
--   filled, starts, bads, totals: columns of sli_buckets
create function evenkeel_units as (bucket_ms, at_ms, kind, slice_ms, target, filled, starts, bads, totals) ->
  if(kind < 2,
    arrayConcat(
      arrayMap((start, bad, total) -> (bucket_ms + start, bad, total, total, toUInt16(0)), starts, bads, totals),
      arrayMap(minute -> (bucket_ms + minute * 60000, toFloat64(0), toFloat64(0), toFloat64(0), toUInt16(1)), arrayFilter(minute -> bitTest(filled, minute), range(15)))),
    arrayMap(slice -> (slice.1, if(kind < 4, toFloat64(round((slice.3 - slice.2) / slice.3 * 1000000000) < target), slice.2 / slice.3), toFloat64(1), slice.3, toUInt16(1)),
      arrayFilter(slice -> slice.3 > 0,
        arrayMap(number -> (
            bucket_ms + number * slice_ms,
            arraySum((start, bad) -> if(intDiv(start, slice_ms) = number and bucket_ms + start < at_ms, bad, 0), starts, bads),
            arraySum((start, total) -> if(intDiv(start, slice_ms) = number and bucket_ms + start < at_ms, total, 0), starts, totals)),
          range(15)))));

-- evenkeel_local_date: the date that clocks in a zone show.
-- Parameters:
--   at_ms: instant, milliseconds since 1970
--   zone: IANA name
create function evenkeel_local_date as (at_ms, zone) -> toDate32(formatDateTime(fromUnixTimestamp64Milli(at_ms, 'UTC'), '%F', zone));

-- evenkeel_first_instant: the first instant of a date in a zone, milliseconds since 1970.
-- Parameters:
--   date: the date, or a later one where the zone skips it
--   zone: IANA name
create function evenkeel_first_instant as (date, zone) ->
  arrayMap(
    midnight -> arrayFirst(at_ms -> evenkeel_local_date(at_ms, zone) >= date,
      -- clocks change by a few hours at most around it
      arrayMap(quarter -> 2 * midnight - toUnixTimestamp64Milli(toDateTime64(formatDateTime(fromUnixTimestamp64Milli(midnight, 'UTC'), '%F %T', zone), 3, 'UTC')) + quarter * 900000, range(-12, 13))),
    [toInt64(toInt32(date)) * 86400000])[1];

-- evenkeel_period: the calendar period that contains a date, as [start, end] in milliseconds since 1970.
-- Parameters:
--   date: the date in the zone
--   calendar: week, month, quarter or year
--   zone: IANA name
create function evenkeel_period as (date, calendar, zone) -> arrayMap(day -> evenkeel_first_instant(toDate32(day), zone), multiIf(
  calendar = 'week', [date - (toDayOfWeek(date) - 1), date + (8 - toDayOfWeek(date))],
  calendar = 'month', [toDate32(toStartOfMonth(date)), toDate32(toStartOfMonth(date) + toIntervalMonth(1))],
  calendar = 'quarter', [toDate32(toStartOfQuarter(date)), toDate32(toStartOfQuarter(date) + toIntervalMonth(3))],
  [toDate32(toStartOfYear(date)), toDate32(toStartOfYear(date) + toIntervalYear(1))]));

-- slo_definitions: every definition that an SLO ever had, with the time in which it was in force.
-- Columns:
--   slo_id: id of the SLO
--   service: service that it watches
--   environment: environment that it watches; null: all of tier production
--   objective: target ratio
--   window_rolling_days: length of a rolling window in days; null: a calendar window
--   window_calendar: week, month, quarter or year; null: a rolling window
--   window_timezone: IANA zone of a calendar window
--   window: the window as JSON
--   method: occurrences, timeslices or ratio_timeslices
--   title: title
--   slice_seconds: length of a slice, seconds
--   slice_target: ratio from which a slice is good
--   no_data: ignored or bad
--   minimum_events: fewer events than this in a window: insufficient_data
--   retired: the SLO has ended
--   first_at: instant of the SLO's first definition, UTC
--   next_at: instant of its next definition, UTC; null: none
--   in_force_from: first instant, UTC; the first definition is in force before it, too
--   in_force_until: first instant at which another is, UTC; null: still in force
create view slo_definitions as
select
  slo_id, service, environment, objective, window_rolling_days, window_calendar, window_timezone,
  if(window_rolling_days is not null, concat('{"rolling_days":', toString(window_rolling_days), '}'), concat('{"calendar":"', coalesce(toString(window_calendar), ''), '","timezone":"', coalesce(window_timezone, ''), '"}')) as window,
  method, title,
  coalesce(fact.slice_seconds, 60) as slice_seconds,
  slice_target,
  coalesce(fact.no_data, 'ignored') as no_data,
  coalesce(fact.minimum_events, 0) as minimum_events,
  coalesce(fact.retired, false) as retired,
  min(occurred_at) over (partition by slo_id) as first_at,
  leadInFrame(toNullable(occurred_at)) over (partition by slo_id order by occurred_at, event_id rows between unbounded preceding and unbounded following) as next_at,
  -- of several at the first instant the last one is the first definition
  if(occurred_at = first_at, toDateTime64(0, 3, 'UTC'), occurred_at) as in_force_from,
  if(next_at = first_at, toDateTime64(0, 3, 'UTC'), next_at) as in_force_until
from
(
  select * from slo_facts
  order by slo_id, event_id, content_sha256
  limit 1 by slo_id, event_id
) as fact;

-- corrections: the time ranges excluded from budgets; those taken back are left out.
-- Columns:
--   correction_id: id of the correction
--   slo_id: id of the SLO
--   starts_at: start, UTC
--   ends_at: end, UTC, exclusive
--   category: maintenance, false_positive, dependency or other
--   reason: why
--   by: who answers for it
--   made_at: when it was made, UTC
create view corrections as
select
  correction_id,
  argMax(fact.slo_id, (occurred_at, event_id)) as slo_id,
  argMax(fact.starts_at, (occurred_at, event_id)) as starts_at,
  argMax(fact.ends_at, (occurred_at, event_id)) as ends_at,
  argMax(fact.category, (occurred_at, event_id)) as category,
  argMax(fact.reason, (occurred_at, event_id)) as reason,
  argMax(fact.by, (occurred_at, event_id)) as by,
  max(occurred_at) as made_at
from
(
  select * from correction_facts
  order by correction_id, event_id, content_sha256
  limit 1 by correction_id, event_id
) as fact
group by correction_id
having not coalesce(argMaxIf(fact.void, (occurred_at, event_id), fact.void is not null), false);

-- slo_moments: what a budget at an instant is about: the definition in force, its window W, and where W has to be cut.
-- Parameters:
--   slo_ids Array(String): SLOs asked for; empty: all
--   at DateTime64(3, 'UTC'): instant of asking, cut to the minute
-- Columns:
--   slo_id: id of the SLO
--   service: service that it watches
--   objective: target ratio
--   window: the window as JSON
--   method: occurrences, timeslices or ratio_timeslices
--   kind: 0 occurrences, 2 and 3 timeslices, 4 and 5 ratio timeslices; odd: slices of 300 s
--   rolling: W is a rolling window
--   at_ms: the instant, milliseconds since 1970
--   start_ms: start of W, milliseconds since 1970
--   end_ms: end of W (rolling: the instant; calendar: end of the period), milliseconds since 1970
--   budget: 1 - objective
--   slice_ms: length of a slice, milliseconds; occurrences: a minute
--   target: timeslices: ratio from which a slice is good, in billionths
--   missing_is_bad: a slice without data is bad
--   missing_until_ms: slices without data that start before this ended 2 minutes before the instant, milliseconds since 1970
--   minimum_events: fewer events than this in W: insufficient_data
--   ranges: time that corrections exclude, merged, milliseconds since 1970
--   cut_quarters: quarter-hours that W, the last 24 hours, missing_until_ms or a correction cuts
--   cut_days: days that one of these cuts, or that a correction touches
create view slo_moments as
select
  slo_id, service, objective, window, method, kind, rolling, at_ms, start_ms, end_ms, round(1 - objective, 12) as budget, slice_ms, target, missing_is_bad,
  missing_until_ms, minimum_events, ranges,
  arrayMap(cut -> toDateTime(intDiv(cut, 900000) * 900, 'UTC'), arrayFilter(cut -> cut % 900000 != 0, cuts)) as cut_quarters,
  arrayConcat(
    arrayMap(cut -> toDate(intDiv(cut, 86400000)), arrayFilter(cut -> cut % 86400000 != 0, cuts)),
    arrayMap(number -> toDate(number), arrayFlatten(arrayMap(range -> range(toUInt32(intDiv(greatest(range.1, least(start_ms, at_ms - 86400000)), 86400000)), toUInt32(intDiv(greatest(least(range.2, at_ms) - 1, 0), 86400000) + 1)), ranges)))) as cut_days
from
(
  select
    * except (ranges_found), ranges_found as ranges,
    arrayConcat([start_ms, at_ms, at_ms - 86400000], if(missing_is_bad, [missing_until_ms], []), ranges_found.1, ranges_found.2) as cuts
  from
  (
    select
      definition.slo_id as slo_id, service, objective, window, method, kind, rolling, at_ms, slice_ms, target, missing_is_bad, minimum_events,
      at_ms - 120000 - slice_ms + 1 as missing_until_ms,
      if(rolling, at_ms - rolling_ms, period[1]) as start_ms,
      if(rolling, at_ms, period[2]) as end_ms,
      arrayFold((merged, next) -> if(empty(merged) or next.1 > merged[-1].2, arrayPushBack(merged, next), arrayPushBack(arrayPopBack(merged), (merged[-1].1, greatest(merged[-1].2, next.2)))),
        excluded.sorted, CAST([], 'Array(Tuple(Int64, Int64))')) as ranges_found
    from
    (
      select
        slo_id, service, objective, window, method, minimum_events,
        toUnixTimestamp64Milli(toDateTime64(toStartOfMinute({at:DateTime64(3, 'UTC')}), 3, 'UTC')) as at_ms,
        fact.window_rolling_days is not null as rolling,
        toInt64(round(coalesce(fact.window_rolling_days, 0) * 86400000)) as rolling_ms,
        toUInt8(multiIf(method = 'occurrences', 0, method = 'timeslices', 2, 4) + (method != 'occurrences' and fact.slice_seconds = 300)) as kind,
        if(method = 'occurrences', 60000, toInt64(fact.slice_seconds) * 1000) as slice_ms,
        toUInt32(round(coalesce(fact.slice_target, 1) * 1000000000)) as target,
        method != 'occurrences' and no_data = 'bad' as missing_is_bad,
        if(rolling, CAST([], 'Array(Int64)'), evenkeel_period(evenkeel_local_date(at_ms, coalesce(fact.window_timezone, 'UTC')), coalesce(toString(fact.window_calendar), 'year'), coalesce(fact.window_timezone, 'UTC'))) as period
      from slo_definitions as fact
      where (empty({slo_ids:Array(String)}) or slo_id in {slo_ids:Array(String)})
        and in_force_from <= toStartOfMinute({at:DateTime64(3, 'UTC')}) and (in_force_until is null or in_force_until > toStartOfMinute({at:DateTime64(3, 'UTC')}))
        and not retired
    ) as definition
    left join
    (
      select slo_id, arraySort(groupArray((toUnixTimestamp64Milli(starts_at), toUnixTimestamp64Milli(ends_at)))) as sorted
      from corrections
      where ends_at > starts_at
      group by slo_id
    ) as excluded on excluded.slo_id = definition.slo_id
  )
);

-- slo_standing: what of each SLO's W is spent at an instant; slo_budget, without words and without a forecast.
-- Parameters:
--   slo_ids Array(String): SLOs asked for; empty: all
--   at DateTime64(3, 'UTC'): instant of asking, cut to the minute
-- Columns:
--   slo_id: id of the SLO
--   service: service that it watches
--   objective: target ratio
--   window: the window as JSON
--   method: occurrences, timeslices or ratio_timeslices
--   kind, rolling, at_ms, start_ms, budget, slice_ms, target, missing_is_bad, ranges, cut_quarters, minimum_events: see slo_moments
--   first_slice_ms: where missing is bad: start of the SLO's first slice with data (the instant: none), milliseconds since 1970
--   missing_since_ms: start of the first slice of W that can be missing, milliseconds since 1970
--   missing_until_ms: see slo_moments
--   length_ms: length of W, milliseconds
--   until_ms: last minute that a forecast looks at, milliseconds since 1970
--   slices: slices of W
--   elapsed: slices of W that have started
--   factor: consumed = spent x factor; by occurrences: spent / weight x factor, calendar windows: x elapsed milliseconds
--   near: some day ahead may reach the budget, counting all the bad that it brings and nothing good, so a forecast looks closer
--   spent, weight, events: what is in W, without what corrections exclude; missing slices that are bad are spent
--   good: weight - spent, without missing slices
--   raw_spent, raw_weight, raw_good: the same without corrections
--   missing, raw_missing: slices without data that are bad
--   filled, last_day_filled: minutes that windows with events overlap, or slices with data, in W and in the last 24 hours
--   day_spent, day_weight: what is in the last 24 hours, without what corrections exclude
--   consumed: share of W's budget that is spent; null: nothing in W
--   raw_consumed: consumed without corrections
--   days: spent and weight of the UTC days of W as (day since 1970, spent, weight)
create view slo_standing as
with
  -- as a scalar, so that it is read once
  (
    select groupArray(tuple(slo_id, service, objective, window, method, kind, rolling, at_ms, start_ms, end_ms, budget, slice_ms, target, missing_is_bad, missing_until_ms, minimum_events, ranges, cut_quarters, cut_days))
    from slo_moments(slo_ids = {slo_ids:Array(String)}, at = {at:DateTime64(3, 'UTC')})
    settings enable_named_columns_in_function_tuple = 1
  ) as moments
select
  * except (ahead, spent_share, raw_spent_share, w_spent, w_raw_spent),
  w_spent + missing as spent, weight - w_spent as good,
  w_raw_spent + raw_missing as raw_spent, raw_weight - w_raw_spent as raw_good,
  spent_share as consumed,
  raw_spent_share as raw_consumed,
  day_weight > 0 and coalesce(spent_share, 0) < 1 and (missing_is_bad or arrayExists(
    (begin_ms, end_ms) ->
      (w_spent + day_spent * intDiv(end_ms - at_ms + 86399999, 86400000) - if(rolling, arraySum(day -> if((day.1 + 1) * 86400000 <= begin_ms - length_ms, day.2, 0), days), 0))
        * factor * if(kind < 2 and not rolling, end_ms - start_ms, 1)
      >= 0.999999 * if(kind < 2, weight + day_weight * intDiv(begin_ms - at_ms, 86400000) - if(rolling, arraySum(day -> if(day.1 * 86400000 < end_ms - length_ms, day.3, 0), days), 0), 1),
    arrayMap(day -> greatest(at_ms, day * 86400000), ahead), arrayMap(day -> least(until_ms, (day + 1) * 86400000), ahead))) as near
from
(
  select
    * except (scale),
    if(weight > 0 or missing > 0, if(kind < 2, w_spent / weight, w_spent + missing) * scale, null) as spent_share,
    if(raw_weight > 0 or raw_missing > 0, if(kind < 2, w_raw_spent / raw_weight, w_raw_spent + raw_missing) * scale, null) as raw_spent_share,
    range(toUInt32(intDiv(at_ms, 86400000)), toUInt32(intDiv(greatest(until_ms - 1, at_ms), 86400000) + 1)) as ahead
  from
  (
    select
      * except (may_miss, raw_may_miss, could_miss, corrected_could_miss),
      if(kind < 2, if(rolling, 1, 1 / length_ms), 1 / slices) / budget as factor,
      factor * if(kind < 2 and not rolling, at_ms - start_ms, 1) as scale,
      if(missing_is_bad, greatest(toInt64(could_miss) - raw_may_miss, 0), 0) as raw_missing,
      if(missing_is_bad, greatest(toInt64(could_miss) - corrected_could_miss - may_miss, 0), 0) as missing
    from
    (
      select
        moment.slo_id as slo_id, service, objective, window, method, kind, rolling, at_ms, start_ms, budget, slice_ms, target, missing_is_bad, ranges, cut_quarters, minimum_events,
        if(datum.first_ms = 0, at_ms, intDiv(datum.first_ms, slice_ms) * slice_ms) as first_slice_ms,
      greatest(start_ms, first_slice_ms) as missing_since_ms,
      missing_until_ms,
        if(rolling, at_ms - start_ms, end_ms - start_ms) as length_ms,
        if(rolling, at_ms + at_ms - start_ms, end_ms - 60000) as until_ms,
        evenkeel_slices(start_ms, end_ms, slice_ms) as slices,
        evenkeel_slices(start_ms, at_ms, slice_ms) as elapsed,
        evenkeel_slices(missing_since_ms, missing_until_ms, slice_ms) as could_miss,
        arraySum(range -> evenkeel_slices(greatest(range.1, missing_since_ms), least(range.2, missing_until_ms), slice_ms), ranges) as corrected_could_miss,
        sums.* except (slo_id)
      from (select moment.slo_id as slo_id, moment.service as service, moment.objective as objective, moment.window as window, moment.method as method, moment.kind as kind, moment.rolling as rolling, moment.at_ms as at_ms, moment.start_ms as start_ms, moment.end_ms as end_ms, moment.budget as budget, moment.slice_ms as slice_ms, moment.target as target, moment.missing_is_bad as missing_is_bad, moment.missing_until_ms as missing_until_ms, moment.minimum_events as minimum_events, moment.ranges as ranges, moment.cut_quarters as cut_quarters, moment.cut_days as cut_days from (select arrayJoin(moments) as moment)) as moment
      left join
      (
        select
          slo_id,
          sum(day.spent) as w_spent, sum(day.weight) as weight, sum(day.events) as events, sum(day.raw_spent) as w_raw_spent, sum(day.raw_weight) as raw_weight,
          sum(day.filled) as filled, sum(day.last_day_filled) as last_day_filled, sum(day.last_spent) as day_spent, sum(day.last_weight) as day_weight,
          sum(day.may_miss) as may_miss, sum(day.raw_may_miss) as raw_may_miss,
          groupArrayIf((day.number, day.spent, day.weight), day.weight > 0) as days
        from
        (
          select
            slo_id, number,
            sumIf(piece.spent, in_w and not corrected) as spent, sumIf(piece.weight, in_w and not corrected) as weight, sumIf(piece.events, in_w and not corrected) as events,
            sumIf(piece.spent, in_w) as raw_spent, sumIf(piece.weight, in_w) as raw_weight,
            sumIf(piece.filled, in_w) as filled, sumIf(piece.filled, in_last_day) as last_day_filled,
            sumIf(piece.spent, in_last_day and not corrected) as last_spent, sumIf(piece.weight, in_last_day and not corrected) as last_weight,
            sumIf(piece.filled, piece.may_miss and not corrected) as may_miss, sumIf(piece.filled, piece.may_miss) as raw_may_miss
          from
          (
            select
              slo_id, intDiv(unit.1, 86400000) as number, unit.2 as spent, unit.3 as weight, unit.4 as events, unit.5 as filled,
              unit.1 >= start_ms as in_w,
              unit.1 >= at_ms - 86400000 as in_last_day,
              in_w and unit.1 < missing_until_ms as may_miss,
              arrayExists(range -> unit.1 >= range.1 and unit.1 < range.2, ranges) as corrected
            from
            (
              select
                sli.slo_id as slo_id, start_ms, at_ms, missing_until_ms, ranges,
                arrayJoin(if(size = 1,
                  evenkeel_units(block_ms, at_ms, kind, slice_ms, target, bits, starts, bads, totals),
                  [(block_ms, evenkeel_spent(kind, target, bad, minute_badness, imperfect_minutes, five_badness, imperfect_fives), toFloat64(multiIf(kind < 2, total, kind % 2 = 0, minutes, fives)), total, toUInt16(multiIf(kind < 2, bits, kind % 2 = 0, minutes, fives)))])) as unit
              from
              (
                -- days; quarter-hours of the days that something cuts; windows of the quarter-hours that something cuts
                select
                  slo_id, 96 as size, toInt64(toUInt32(day)) * 86400000 as block_ms, bad, total, filled_minutes as bits, toUInt16(minutes) as minutes, minute_badness, imperfect_minutes, toUInt16(fives) as fives, five_badness, imperfect_fives,
                  CAST([], 'Array(UInt32)') as starts, CAST([], 'Array(Float64)') as bads, CAST([], 'Array(Float64)') as totals
                from sli_days final
                where (empty({slo_ids:Array(String)}) or slo_id in {slo_ids:Array(String)}) and day >= toDate({at:DateTime64(3, 'UTC')}) - 367 and day < toDate({at:DateTime64(3, 'UTC')})
                union all
                select slo_id, 0, toInt64(toUnixTimestamp(bucket)) * 1000, bad, total, bitCount(filled), minutes, minute_badness, imperfect_minutes, fives, five_badness, imperfect_fives, [], [], []
                from sli_buckets final
                where (empty({slo_ids:Array(String)}) or slo_id in {slo_ids:Array(String)}) and toStartOfHour(bucket) in (select toDateTime(arrayJoin(arrayDistinct(arrayFlatten(moments.cut_days))), 'UTC') + 3600 * arrayJoin(range(24)))
                union all
                select slo_id, 1, toInt64(toUnixTimestamp(bucket)) * 1000, 0, 0, filled, 0, 0, [], 0, 0, [], starts, bads, totals
                from sli_buckets final
                where (empty({slo_ids:Array(String)}) or slo_id in {slo_ids:Array(String)}) and toStartOfHour(bucket) in (select toStartOfHour(arrayJoin(arrayDistinct(arrayFlatten(moments.cut_quarters)))))
              ) as sli
              inner join
              (
                select moment.slo_id as slo_id, moment.kind as kind, moment.target as target, moment.slice_ms as slice_ms, moment.start_ms as start_ms, moment.at_ms as at_ms, moment.missing_until_ms as missing_until_ms, moment.ranges as ranges, moment.cut_quarters as cut_quarters, moment.cut_days as cut_days
                from (select arrayJoin(moments) as moment)
              ) as asked on asked.slo_id = sli.slo_id
              where multiIf(size = 96, not has(cut_days, toDate(intDiv(block_ms, 86400000))), size = 0, has(cut_days, toDate(intDiv(block_ms, 86400000))) and not has(cut_quarters, toDateTime(intDiv(block_ms, 1000), 'UTC')), has(cut_quarters, toDateTime(intDiv(block_ms, 1000), 'UTC')))
            )
            where unit.1 < at_ms and (unit.1 >= start_ms or unit.1 >= at_ms - 86400000)
          ) as piece
          group by slo_id, number
        ) as day
        group by slo_id
      ) as sums on sums.slo_id = moment.slo_id
      left join
      (
        select sli.slo_id as slo_id, min(toInt64(toUnixTimestamp(bucket)) * 1000 + starts[1]) as first_ms
        from sli_buckets as sli final
        where total > 0 and (toDate(bucket), slo_id) in
        (
          select min(day), slo_id
          from sli_days final
          where total > 0 and slo_id in (select slo_id from slo_facts where no_data = 'bad' and (empty({slo_ids:Array(String)}) or slo_id in {slo_ids:Array(String)}))
          group by slo_id
        )
        group by slo_id
      ) as datum on datum.slo_id = moment.slo_id
    )
  )
);

-- slo_budget: the error budget of each SLO at an instant. Retired SLOs have no row.
-- Parameters:
--   slo_ids Array(String): SLOs asked for; empty: all
--   at DateTime64(3, 'UTC'): end of the window, or an instant of the calendar period; cut to the minute
-- Columns:
--   slo_id: id of the SLO
--   service: service that it watches
--   objective: target ratio
--   window: the window as JSON
--   method: occurrences, timeslices or ratio_timeslices
--   good: good events in W, corrected ones left out; slice methods: good slices, or the sum of their ratios
--   total: all events in W, corrected ones left out; slice methods: slices with data
--   sli: good / total, 0 to 1; null: nothing in W
--   consumed: share of all of W's budget that is spent, never clamped; calendar windows by occurrences: projected at the pace so far; null: nothing in W
--   consumed_so_far: calendar windows: consumed x length / elapsed; rolling windows: the same as consumed
--   remaining: 1 - consumed
--   budget_minutes: length of W x (1 - objective), minutes
--   remaining_minutes: remaining x budget_minutes, minutes
--   raw_sli: SLI without corrections
--   raw_consumed: consumed without corrections
--   no_data_share: share of W's elapsed minutes that no window with events overlaps; slice methods: of its elapsed slices without data; null: nothing has elapsed
--   exhausts_at: first minute with consumed >= 1 if the last 24 h repeat, UTC: it assumes that yesterday goes on; null: not within one W, or not before the period's end
--   state: ok, exhausted, no_data or insufficient_data
create view slo_budget as
with
  -- as scalars, so that each is read once
  (
    select groupArray(tuple(slo_id, service, objective, window, method, kind, rolling, at_ms, start_ms, length_ms, until_ms, budget, slice_ms, target, elapsed, missing_is_bad, first_slice_ms, missing_since_ms, missing_until_ms, ranges, cut_quarters, minimum_events,
      good, weight, events, raw_good, raw_weight, filled, last_day_filled, consumed, raw_consumed, factor, near))
    from slo_standing(slo_ids = {slo_ids:Array(String)}, at = {at:DateTime64(3, 'UTC')})
    settings enable_named_columns_in_function_tuple = 1
  ) as standing,
  -- For those, by quarter-hours: what comes and what leaves, and so between which of them minutes decide, as (SLO, first, last, spent and weight before the one before the first).
  (
    select groupArray(tuple(slo_id, first_quarter, last_quarter, spent_before, weight_before))
    from
    (
      select
        slo_id, first_quarter, last_quarter,
        arraySum(entry -> if(entry.1 < first_quarter - 1, entry.2, 0), entries) as spent_before,
        arraySum(entry -> if(entry.1 < first_quarter - 1, entry.3, 0), entries) as weight_before
      from
    (
      select
        slo_id, minIf(quarter, may) as first_quarter, if(countIf(sure) > 0, minIf(quarter, sure), maxIf(quarter, may)) as last_quarter,
        groupArray((quarter, spent_in - spent_out, weight_in - weight_out)) as entries
      from
      (
        select
          slo_id, quarter, spent_in, spent_out, weight_in, weight_out,
          quarter >= intDiv(at_ms, 900000)
            and (all_spent_in - all_spent_out_late + spent_out_late) * factor >= 0.999999 * if(kind < 2, all_weight_in - weight_in - all_weight_out, 1) as may,
          quarter >= intDiv(at_ms, 900000) and (not rolling or length_ms % 900000 = 0) and quarter * 900000 + 900000 <= until_ms
            and (all_spent_in - all_spent_out) * factor >= 1.000001 * if(kind < 2, all_weight_in - all_weight_out, 1) and all_spent_in - all_spent_out > 0 as sure
        from
        (
          select
            slo_id, kind, rolling, at_ms, length_ms, until_ms, missing_is_bad, quarter, spent_in, weight_in, spent_out, spent_out_late, weight_out,
            scale * if(kind < 2 and not rolling, least(until_ms, quarter * 900000 + 900000) - w_start_ms, 1) as factor,
            sum(spent_in) over so_far as all_spent_in, sum(weight_in) over so_far as all_weight_in, sum(spent_out) over so_far as all_spent_out, sum(spent_out_late) over so_far as all_spent_out_late, sum(weight_out) over so_far as all_weight_out
          from
          (
            select
              slo_id, kind, rolling, at_ms, w_start_ms, length_ms, until_ms, missing_is_bad, scale, change.1 as quarter,
              sum(change.2) as spent_in, sum(change.3) as weight_in, sum(change.4) as spent_out, sum(change.5) as spent_out_late, sum(change.6) as weight_out
            from
            (
              select
                slo_id, kind, rolling, at_ms, w_start_ms, length_ms, until_ms, missing_is_bad, scale,
                arrayJoin(arrayConcat(
                  [(quarter, w_spent, w_weight, toFloat64(0), toFloat64(0), toFloat64(0))],
                  if(rolling, [(intDiv(quarter * 900000 + length_ms, 900000), toFloat64(0), toFloat64(0), w_spent, toFloat64(0), w_weight), (intDiv(quarter * 900000 + length_ms + 899999, 900000), toFloat64(0), toFloat64(0), toFloat64(0), w_spent, toFloat64(0))], []),
                  if(d_spent > 0 or d_weight > 0,
                    arrayMap(day -> (quarter + day * 96, d_spent, d_weight, toFloat64(0), toFloat64(0), toFloat64(0)), range(1, toUInt32(intDiv(greatest(until_ms - quarter * 900000, 0), 86400000) + 1))),
                    []))) as change
              from
              (
                select
                  slo_id, kind, rolling, at_ms, w_start_ms, length_ms, until_ms, missing_is_bad, scale, quarter,
                  sum(part.w_weight) as w_weight, sum(part.d_weight) as d_weight,
                  sum(part.w_spent) + if(missing_is_bad,
                    greatest(toInt64(evenkeel_slices(greatest(missing_since_ms, quarter * 900000), least(missing_until_ms, quarter * 900000 + 900000), slice_ms)) - sum(part.w_filled)
                      - arraySum(range -> evenkeel_slices(greatest(range.1, missing_since_ms, quarter * 900000), least(range.2, missing_until_ms, quarter * 900000 + 900000), slice_ms), ranges), 0), 0) as w_spent,
                  sum(part.d_spent) + if(missing_is_bad,
                    greatest(toInt64(evenkeel_slices(greatest(at_ms - 86400000, first_slice_ms, quarter * 900000), least(missing_until_ms, quarter * 900000 + 900000), slice_ms)) - sum(part.d_filled)
                      - arraySum(range -> evenkeel_slices(greatest(range.1, at_ms - 86400000, first_slice_ms, quarter * 900000), least(range.2, missing_until_ms, quarter * 900000 + 900000), slice_ms), ranges), 0), 0) as d_spent
                from
                (
                  select
                    slo_id, kind, rolling, at_ms, w_start_ms, length_ms, until_ms, missing_is_bad, scale, quarter, target, slice_ms, first_slice_ms, missing_since_ms, missing_until_ms, ranges, cut_quarters,
                    unit.1 < at_ms and unit.3 >= 0 and not arrayExists(range -> unit.1 >= range.1 and unit.1 < range.2, ranges) as counts,
                    unit.1 >= w_start_ms and counts as in_w, unit.1 >= at_ms - 86400000 and counts as in_day,
                    if(in_w, unit.2, 0) as w_spent, if(in_w, unit.3, 0) as w_weight, if(in_w and unit.1 < missing_until_ms, toFloat64(unit.5), 0) as w_filled,
                    if(in_day, unit.2, 0) as d_spent, if(in_day, unit.3, 0) as d_weight, if(in_day and unit.1 < missing_until_ms, toFloat64(unit.5), 0) as d_filled
                  from
                  (
                    select
                      grid.* except (slo_id), grid.slo_id as slo_id,
                      -- a quarter-hour without data has one empty unit: time passes in it, and slices may be missing
                      arrayJoin(if(has(cut_quarters, toDateTime(quarter * 900, 'UTC')),
                        arrayPushBack(evenkeel_units(quarter * 900000, at_ms, kind, slice_ms, target, sli.filled, sli.starts, sli.bads, sli.totals), (quarter * 900000, toFloat64(0), toFloat64(0), toFloat64(0), toUInt16(0))),
                        [(quarter * 900000, evenkeel_spent(kind, target, sli.bad, sli.minute_badness, sli.imperfect_minutes, sli.five_badness, sli.imperfect_fives), toFloat64(multiIf(kind < 2, sli.total, kind % 2 = 0, sli.minutes, sli.fives)), sli.total, toUInt16(if(kind % 2 = 0, sli.minutes, sli.fives)))])) as unit
                    from
                    (
                      select *, arrayJoin(arrayMap(number -> toInt64(number), range(toUInt32(intDiv(least(w_start_ms, at_ms - 86400000), 900000)), toUInt32(intDiv(if(rolling, at_ms, greatest(until_ms, at_ms)), 900000) + 1)))) as quarter
                      from (
                        select
                          row.slo_id as slo_id, row.kind as kind, row.rolling as rolling, row.target as target, row.slice_ms as slice_ms, row.at_ms as at_ms, row.start_ms as w_start_ms, row.length_ms as length_ms, row.until_ms as until_ms,
                          row.factor as scale, row.missing_is_bad as missing_is_bad, row.first_slice_ms as first_slice_ms, row.missing_since_ms as missing_since_ms, row.missing_until_ms as missing_until_ms, row.ranges as ranges, row.cut_quarters as cut_quarters
                        from (select arrayJoin(standing) as row)
                        where row.near
                      )
                    ) as grid
                    left join
                    (
                      select slo_id, toInt64(intDiv(toUnixTimestamp(bucket), 900)) as quarter, bad, total, minutes, minute_badness, imperfect_minutes, fives, five_badness, imperfect_fives, filled, starts, bads, totals
                      from sli_buckets final
                      where slo_id in (select row.slo_id from (select arrayJoin(standing) as row) where row.near) and bucket >= toDateTime(toStartOfMinute({at:DateTime64(3, 'UTC')})) - 367 * 86400 and bucket < {at:DateTime64(3, 'UTC')}
                    ) as sli on sli.slo_id = grid.slo_id and sli.quarter = grid.quarter
                  )
                ) as part
                group by slo_id, kind, rolling, at_ms, w_start_ms, length_ms, until_ms, missing_is_bad, scale, quarter, slice_ms, first_slice_ms, missing_since_ms, missing_until_ms, ranges
              )
            )
            group by slo_id, kind, rolling, at_ms, w_start_ms, length_ms, until_ms, missing_is_bad, scale, quarter
          )
          window so_far as (partition by slo_id order by quarter rows between unbounded preceding and current row)
        )
      )
      group by slo_id
      having countIf(may) > 0
      )
    )
    settings enable_named_columns_in_function_tuple = 1
  ) as spans
select
  slo_id, service, objective, window, method,
  round(good_found, 9) as good,
  round(weight, 9) as total,
  if(weight > 0, round(good_found / weight, 9), null) as sli,
  round(spent_share, 9) as consumed,
  round(if(rolling, spent_share, spent_share * length_ms / (at_ms - start_ms)), 9) as consumed_so_far,
  round(1 - spent_share, 9) as remaining,
  round(length_ms / 60000 * budget, 9) as budget_minutes,
  round((1 - spent_share) * length_ms / 60000 * budget, 9) as remaining_minutes,
  if(raw_weight > 0, round(raw_good / raw_weight, 9), null) as raw_sli,
  round(raw_spent_share, 9) as raw_consumed,
  if(elapsed > 0, round(1 - filled / elapsed, 9), null) as no_data_share,
  multiIf(
    coalesce(round(spent_share, 9) >= 1, false), fromUnixTimestamp64Milli(at_ms, 'UTC'),
    first_minute_ms = 0, null,
    fromUnixTimestamp64Milli(first_minute_ms, 'UTC')) as exhausts_at,
  multiIf(
    weight = 0, 'no_data',
    events < minimum_events or round(1 - last_day_filled * slice_ms / 86400000, 9) > 0.5, 'insufficient_data',
    round(spent_share, 9) >= 1, 'exhausted',
    'ok') as state
from
(
  select
    row.slo_id as slo_id, row.service as service, row.objective as objective, row.window as window, row.method as method, row.rolling as rolling, row.at_ms as at_ms, row.start_ms as start_ms, row.length_ms as length_ms, row.budget as budget,
    row.slice_ms as slice_ms, row.elapsed as elapsed, row.minimum_events as minimum_events, row.good as good_found, row.weight as weight, row.events as events, row.raw_good as raw_good, row.raw_weight as raw_weight, row.filled as filled,
    row.last_day_filled as last_day_filled, row.consumed as spent_share, row.raw_consumed as raw_spent_share
  from (select arrayJoin(standing) as row)
) as each
left join (
  -- minute by minute, from the windows, slices and missing slices that come and leave
  select slo_id, min(minute_ms) as first_minute_ms
  from
  (
    select
      slo_id, minute_ms, kind, first_ms, last_ms,
      scale * if(kind < 2 and not rolling, minute_ms - w_start_ms, 1) as factor,
      spent_before + sum(step_spent) over so_far as then_spent,
      weight_before + sum(step_weight) over so_far as then_weight
    from
    (
      select slo_id, kind, rolling, scale, w_start_ms, first_ms, last_ms, spent_before, weight_before, step.1 as minute_ms, sum(step.2) as step_spent, sum(step.3) as step_weight
      from
      (
        select
          *,
          arrayJoin(if(source = 0,
            arrayMap(number -> (first_ms + number * 60000, toFloat64(0), toFloat64(0)), range(toUInt32(greatest(intDiv(last_ms - first_ms, 60000) + 1, 0)))),
            arrayConcat(
              if(source >= first_quarter - 1 and source <= last_quarter, arrayMap(unit -> (intDiv(unit.1, 60000) * 60000 + 60000, unit.2, unit.3), w_units), []),
              if(rolling and intDiv(source * 900000 + length_ms, 900000) >= first_quarter - 1 and intDiv(source * 900000 + length_ms, 900000) <= last_quarter,
                arrayMap(unit -> (intDiv(unit.1 + length_ms, 60000) * 60000 + 60000, -unit.2, -unit.3), w_units), []),
              arrayFlatten(arrayMap(day -> arrayMap(unit -> (intDiv(unit.1 + day * 86400000, 60000) * 60000 + 60000, unit.2, unit.3), d_units),
                arrayFilter(day -> source + day * 96 >= first_quarter - 1 and source + day * 96 <= last_quarter, range(1, toUInt32(intDiv(length_ms, 86400000) + 3)))))))) as step
        from
        (
          select
            * except (units, slots),
            arrayFilter(unit -> unit.1 >= w_start_ms, arrayConcat(units, slots)) as w_units,
            arrayFilter(unit -> unit.1 >= at_ms - 86400000, arrayConcat(units, slots)) as d_units
          from
          (
            select
              * except (found),
              arrayMap(unit -> (unit.1, unit.2, unit.3), arrayFilter(unit -> unit.1 < at_ms and not arrayExists(range -> unit.1 >= range.1 and unit.1 < range.2, ranges), found)) as units,
              if(missing_is_bad,
                arrayMap(slot -> (slot, toFloat64(1), toFloat64(0)), arrayFilter(slot -> slot >= first_slice_ms and slot < missing_until_ms and not has(found.1, slot) and not arrayExists(range -> slot >= range.1 and slot < range.2, ranges),
                  arrayMap(number -> source * 900000 + number * slice_ms, range(toUInt32(intDiv(900000, slice_ms)))))),
                []) as slots
            from
            (
              select request.* except (slo_id), request.slo_id as slo_id, evenkeel_units(source * 900000, at_ms, kind, slice_ms, target, sli.filled, sli.starts, sli.bads, sli.totals) as found
              from
              (
                select
                  asked.* except (slo_id), asked.slo_id as slo_id, first_quarter, last_quarter, spent_before, weight_before,
                  greatest(at_ms, first_quarter * 900000) + 60000 as first_ms, least(until_ms, last_quarter * 900000 + 900000) as last_ms,
                  arrayJoin(arrayPushBack(arrayFilter(quarter -> quarter <= intDiv(at_ms, 900000), arrayDistinct(arrayFlatten(arrayMap(
                      quarter -> [quarter, intDiv(at_ms, 900000) - 96 + (quarter - intDiv(at_ms, 900000) + 96) % 96, intDiv(at_ms, 900000), intDiv(quarter * 900000 - length_ms, 900000), intDiv(quarter * 900000 - length_ms, 900000) + 1],
                    range(toUInt32(first_quarter - 1), toUInt32(last_quarter + 1)))))), 0)) as source
                from (select span.slo_id as slo_id, span.first_quarter as first_quarter, span.last_quarter as last_quarter, span.spent_before as spent_before, span.weight_before as weight_before from (select arrayJoin(spans) as span)) as known
                inner join (
                        select
                          row.slo_id as slo_id, row.kind as kind, row.rolling as rolling, row.target as target, row.slice_ms as slice_ms, row.at_ms as at_ms, row.start_ms as w_start_ms, row.length_ms as length_ms, row.until_ms as until_ms,
                          row.factor as scale, row.missing_is_bad as missing_is_bad, row.first_slice_ms as first_slice_ms, row.missing_since_ms as missing_since_ms, row.missing_until_ms as missing_until_ms, row.ranges as ranges, row.cut_quarters as cut_quarters
                        from (select arrayJoin(standing) as row)
                        where row.near
                      ) as asked on asked.slo_id = known.slo_id
              ) as request
              left join
              (
                select slo_id, toInt64(intDiv(toUnixTimestamp(bucket), 900)) as quarter, filled, starts, bads, totals
                from sli_buckets final
                where slo_id in (select span.slo_id from (select arrayJoin(spans) as span))
                  and bucket >= toDateTime(toStartOfMinute({at:DateTime64(3, 'UTC')})) - 367 * 86400 and bucket < {at:DateTime64(3, 'UTC')}
              ) as sli on sli.slo_id = request.slo_id and sli.quarter = request.source
            )
          )
        )
      )
      group by slo_id, kind, rolling, scale, w_start_ms, first_ms, last_ms, spent_before, weight_before, minute_ms
    )
    window so_far as (partition by slo_id order by minute_ms rows between unbounded preceding and current row)
  )
  where minute_ms >= first_ms and minute_ms <= last_ms and then_weight > 0
    and round(if(kind < 2, then_spent / then_weight, then_spent) * factor, 9) >= 1
  group by slo_id
) as forecast on forecast.slo_id = each.slo_id
order by slo_id;

-- slo_list: the definition of each SLO in force, with its budget; its numbers are null in the minute in which an SLO that had ended begins again.
-- Parameters:
--   now DateTime64(3, 'UTC'): instant of asking
-- Columns:
--   slo_id: id of the SLO
--   title: title
--   service: service that it watches
--   environment: environment that it watches; null: all of tier production
--   objective: target ratio
--   window: the window as JSON
--   method: occurrences, timeslices or ratio_timeslices
--   slice_seconds: length of a slice, seconds
--   slice_target: ratio from which a slice is good
--   no_data: ignored or bad
--   minimum_events: fewer events than this in a window: insufficient_data
--   good: good events in W, corrected ones left out; slice methods: good slices, or the sum of their ratios
--   total: all events in W, corrected ones left out; slice methods: slices with data
--   sli: good / total, 0 to 1
--   consumed: share of W's budget that is spent, never clamped
--   consumed_so_far: calendar windows: consumed x length / elapsed; rolling windows: the same as consumed
--   remaining: 1 - consumed
--   budget_minutes: length of W x (1 - objective), minutes
--   remaining_minutes: remaining x budget_minutes, minutes
--   raw_sli: SLI without corrections
--   raw_consumed: consumed without corrections
--   no_data_share: share of W's elapsed minutes that no window with events overlaps; slice methods: of its elapsed slices without data
--   exhausts_at: first minute with consumed >= 1 if the last 24 h repeat, UTC
--   state: ok, exhausted, no_data or insufficient_data
create view slo_list as
select
  definition.slo_id as slo_id, definition.title as title, definition.service as service, definition.environment as environment, definition.objective as objective,
  definition.window as window, definition.method as method, definition.slice_seconds as slice_seconds, definition.slice_target as slice_target, definition.no_data as no_data, definition.minimum_events as minimum_events,
  if(known, budget.good, null) as good, if(known, budget.total, null) as total, budget.sli as sli, budget.consumed as consumed, budget.consumed_so_far as consumed_so_far,
  budget.remaining as remaining, if(known, budget.budget_minutes, null) as budget_minutes, budget.remaining_minutes as remaining_minutes, budget.raw_sli as raw_sli, budget.raw_consumed as raw_consumed,
  if(known, budget.no_data_share, null) as no_data_share, budget.exhausts_at as exhausts_at, nullIf(budget.state, '') as state
from
(
  select * from slo_definitions
  where in_force_from <= {now:DateTime64(3, 'UTC')} and (in_force_until is null or in_force_until > {now:DateTime64(3, 'UTC')}) and not retired
) as definition
left join (select *, true as known from slo_budget(slo_ids = [], at = {now:DateTime64(3, 'UTC')})) as budget on budget.slo_id = definition.slo_id
order by slo_id;
