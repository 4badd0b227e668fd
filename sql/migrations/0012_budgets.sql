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

-- evenkeel_window_days: days that a window reaches back at the most, one more for the days that it cuts.
-- Parameters:
--   rolling_days: length of a rolling window in days; null: a calendar window
--   calendar: week, month, quarter or year; null: a rolling window
create function evenkeel_window_days as (rolling_days, calendar) ->
  multiIf(rolling_days is not null, toUInt16(ceil(rolling_days)) + 1, calendar = 'week', 8, calendar = 'month', 32, calendar = 'quarter', 93, 367);

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
  min(occurred_at) over definitions as first_at,
  leadInFrame(toNullable(occurred_at)) over definitions as next_at,
  -- of several at the first instant the last one is the first definition
  if(occurred_at = first_at, toDateTime64(0, 3, 'UTC'), occurred_at) as in_force_from,
  if(next_at = first_at, toDateTime64(0, 3, 'UTC'), next_at) as in_force_until
from
(
  select
    slo_id, service, environment, objective, window_rolling_days, window_calendar, window_timezone, method, title, slice_seconds, slice_target,
    no_data, minimum_events, retired, occurred_at, event_id
  from slo_facts
  order by slo_id, event_id, content_sha256
  limit 1 by slo_id, event_id
) as fact
window definitions as (partition by slo_id order by occurred_at, event_id rows between unbounded preceding and unbounded following);

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
  latest.1 as slo_id, latest.2 as starts_at, latest.3 as ends_at, latest.4 as category, latest.5 as reason, latest.6 as by,
  made_at
from
(
  select
    correction_id,
    argMax((slo_id, starts_at, ends_at, category, reason, by), (occurred_at, event_id)) as latest,
    max(occurred_at) as made_at,
    argMaxIf(void, (occurred_at, event_id), void is not null) as last_void
  from
  (
    select correction_id, slo_id, starts_at, ends_at, category, reason, by, void, occurred_at, event_id
    from correction_facts
    order by correction_id, event_id, content_sha256
    limit 1 by correction_id, event_id
  )
  group by correction_id
)
where not coalesce(last_void, false);

-- slo_moments: what a budget at an instant is about: the definition in force, its window W, and where W has to be cut.
-- Parameters:
--   slo_ids Array(String): SLOs asked for; empty: all
--   at DateTime64(3, 'UTC'): instant of asking, cut to the minute
-- Columns:
--   slo_id: id of the SLO
--   said: service, objective, window as JSON, method and minimum_events of the definition
--   kind: 0 occurrences, 2 and 3 timeslices, 4 and 5 ratio timeslices; odd: slices of 300 s
--   rolling: W is a rolling window
--   at_ms: the instant, milliseconds since 1970
--   start_ms: start of W, milliseconds since 1970
--   end_ms: end of W (rolling: the instant; calendar: end of the period), milliseconds since 1970
--   budget: 1 - objective
--   slice_ms: length of a slice, milliseconds; occurrences: a minute
--   target: timeslices: ratio from which a slice is good, in billionths
--   missing_until_ms: slices without data that start before this are bad: they ended 2 minutes before the instant; 0: none is, milliseconds since 1970
--   ranges: time that corrections exclude, merged, milliseconds since 1970
--   cut_quarters: quarter-hours that W, the last 24 hours, missing_until_ms or a correction cuts
--   cut_days: days that one of these cuts, or that a correction touches
create view slo_moments as
select
  slo_id, said, kind, rolling, at_ms, start_ms, end_ms, budget, slice_ms, target, missing_until_ms, ranges,
  arrayMap(cut -> toDateTime(intDiv(cut, 900000) * 900, 'UTC'), arrayFilter(cut -> cut % 900000 != 0, cuts)) as cut_quarters,
  arrayConcat(
    arrayMap(cut -> toDate(intDiv(cut, 86400000)), arrayFilter(cut -> cut % 86400000 != 0, cuts)),
    arrayMap(number -> toDate(number), arrayFlatten(arrayMap(range -> range(toUInt32(intDiv(greatest(range.1, least(start_ms, at_ms - 86400000)), 86400000)), toUInt32(intDiv(greatest(least(range.2, at_ms) - 1, 0), 86400000) + 1)), ranges)))) as cut_days
from
(
  select
    definition.slo_id as slo_id, said, kind, rolling, at_ms, bounds[1] as start_ms, bounds[2] as end_ms, budget, slice_ms, target,
    if(missing_is_bad, at_ms - 120000 - slice_ms + 1, 0) as missing_until_ms,
    excluded.ranges as ranges,
    arrayConcat([start_ms, at_ms, at_ms - 86400000], if(missing_is_bad, [missing_until_ms], []), ranges.1, ranges.2) as cuts
  from
  (
    select
      slo_id, said, kind, rolling, at_ms, budget, slice_ms, target, missing_is_bad,
      if(rolling, [at_ms - rolling_ms, at_ms], evenkeel_period(evenkeel_local_date(at_ms, zone), calendar, zone)) as bounds
    from
    (
      select
        slo_id,
        (service, objective, window, method, minimum_events) as said,
        toUInt8(multiIf(method = 'occurrences', 0, method = 'timeslices', 2, 4) + (method != 'occurrences' and fact.slice_seconds = 300)) as kind,
        fact.window_rolling_days is not null as rolling,
        toUnixTimestamp64Milli(toDateTime64(toStartOfMinute({at:DateTime64(3, 'UTC')}), 3, 'UTC')) as at_ms,
        toInt64(round(coalesce(fact.window_rolling_days, 0) * 86400000)) as rolling_ms,
        round(1 - objective, 12) as budget,
        if(method = 'occurrences', 60000, toInt64(fact.slice_seconds) * 1000) as slice_ms,
        toUInt32(round(coalesce(fact.slice_target, 1) * 1000000000)) as target,
        method != 'occurrences' and no_data = 'bad' as missing_is_bad,
        coalesce(fact.window_timezone, 'UTC') as zone,
        coalesce(toString(fact.window_calendar), 'year') as calendar
      from slo_definitions as fact
      where (empty({slo_ids:Array(String)}) or slo_id in {slo_ids:Array(String)})
        and in_force_from <= toStartOfMinute({at:DateTime64(3, 'UTC')}) and (in_force_until is null or in_force_until > toStartOfMinute({at:DateTime64(3, 'UTC')}))
        and not retired
    )
  ) as definition
  left join
  (
    select
      slo_id,
      arrayFold((merged, next) -> if(empty(merged) or next.1 > merged[-1].2, arrayPushBack(merged, next), arrayPushBack(arrayPopBack(merged), (merged[-1].1, greatest(merged[-1].2, next.2)))),
        arraySort(groupArray((toUnixTimestamp64Milli(starts_at), toUnixTimestamp64Milli(ends_at)))), CAST([], 'Array(Tuple(Int64, Int64))')) as ranges
    from corrections
    where ends_at > starts_at
    group by slo_id
  ) as excluded on excluded.slo_id = definition.slo_id
);

-- slo_standing: the budget of each SLO at an instant, and which days ahead a forecast has to look at.
-- A day ahead is one of 24 hours from the instant. What comes in it is known, what leaves W only by UTC days: so some days may reach the
-- budget, when of the bad leaves what surely does and of the good what may, and one is the first that ends beyond it for sure.
-- Parameters:
--   slo_ids Array(String): SLOs asked for; empty: all
--   at DateTime64(3, 'UTC'): instant of asking, cut to the minute
-- Columns:
--   slo_id: id of the SLO
--   answer: columns of slo_budget without the forecast, from service on, in their order
--   asked: what a forecast needs to know of the SLO: kind, rolling, at_ms, start_ms, slice_ms, target, missing_until_ms and ranges of slo_moments;
--     start of its first slice with data (the instant: none), length of W, last minute that a forecast looks at, milliseconds since 1970; and
--     factor: consumed = spent x factor; by occurrences: spent / weight x factor, calendar windows: x elapsed milliseconds
--   ahead: first and last day ahead that a forecast looks at, from 0 (-1: none); what is spent and what counts in W when the first one
--     begins, with all that is left of the UTC day on which W begins then
--   quarters: quarter-hours (900 s since 1970) that the forecast reads: the last 24 hours, and what leaves W meanwhile
create view slo_standing as
with
  -- as a scalar, so that it is read once
  (
    select groupArray(tuple(slo_id, said, kind, rolling, at_ms, start_ms, end_ms, budget, slice_ms, target, missing_until_ms, ranges, cut_quarters, cut_days))
    from slo_moments(slo_ids = {slo_ids:Array(String)}, at = {at:DateTime64(3, 'UTC')})
    settings enable_named_columns_in_function_tuple = 1
  ) as moments
select
  slo_id, answer, asked,
  (first_ahead, last_ahead, spent + first_ahead * day_spent - gone[first_ahead + 1].1, weight + first_ahead * day_weight - gone[first_ahead + 1].2) as ahead,
  if(first_ahead < 0, [], arrayDistinct(arrayConcat(
    range(intDiv(at_ms, 900000) - 96, intDiv(at_ms, 900000) + 1),
    if(rolling, range(intDiv(start_ms + first_ahead * 86400000, 86400000) * 96, least(intDiv(start_ms + (last_ahead + 1) * 86400000, 900000), intDiv(at_ms, 900000)) + 1), [])))) as quarters
from
(
  select
    *,
    toInt64(arrayFirstIndex(day -> day.1, judged)) - 1 as first_ahead,
    toInt64(if(has(judged.2, 1), indexOf(judged.2, 1), arrayLastIndex(day -> day.1, judged))) - 1 as last_ahead
  from
  (
    select
      slo_id, answer, asked, rolling, at_ms, start_ms, spent, weight, day_spent, day_weight, gone,
      -- (may reach the budget, ends beyond it for sure)
      arrayMap(
        (ahead, gone_then, gone_later, touched_later) -> (
          (spent + (ahead + 1) * day_spent - gone_then.1) * growth[ahead + 1] >= 0.999999 * if(kind < 2, weight + ahead * day_weight - touched_later.2, 1),
          at_ms + (ahead + 1) * 86400000 <= until_ms and spent + (ahead + 1) * day_spent > touched_later.1
            and (spent + (ahead + 1) * day_spent - touched_later.1) * growth[ahead + 1] >= 1.000001 * if(kind < 2, weight + (ahead + 1) * day_weight - gone_later.2, 1)),
        arrayPopBack(aheads), arrayPopBack(gone), arrayPopFront(gone), arrayPopFront(touched)) as judged
    from
    (
      select
        *,
        -- of the UTC days of W, in (bad, all): what has left when a day ahead begins, and what may have
        arrayMap(ahead -> (
          arraySum(day -> if((day.1 + 1) * 86400000 <= start_ms + ahead * 86400000, day.2, 0), days),
          arraySum(day -> if((day.1 + 1) * 86400000 <= start_ms + ahead * 86400000, day.3, 0), days)), aheads) as gone,
        arrayMap(ahead -> (
          arraySum(day -> if(day.1 * 86400000 < start_ms + ahead * 86400000, day.2, 0), days),
          arraySum(day -> if(day.1 * 86400000 < start_ms + ahead * 86400000, day.3, 0), days)), aheads) as touched,
        arrayMap(ahead -> factor * if(kind < 2 and not rolling, least(until_ms, at_ms + (ahead + 1) * 86400000) - start_ms, 1), aheads) as growth
      from
      (
        select
          slo_id, kind, rolling, at_ms, start_ms, until_ms, factor, weight,
          tuple(kind, rolling, at_ms, start_ms, slice_ms, target, missing_until_ms, ranges, first_slice_ms, length_ms, until_ms, factor) as asked,
          w_spent + missing as spent,
          spent_of_day + missing_of_day as day_spent,
          day_weight,
          if(rolling, arrayConcat(w_days, missing_days), []) as days,
          if(day_weight > 0 and coalesce(consumed_now, 0) < 1, range(0, intDiv(until_ms - at_ms + 86399999, 86400000) + 1), []) as aheads,
          if(weight > 0 or missing > 0, if(kind < 2, w_spent / weight, spent) * scale, null) as consumed_now,
          if(raw_weight > 0 or raw_missing > 0, if(kind < 2, w_raw_spent / raw_weight, w_raw_spent + raw_missing) * scale, null) as raw_consumed_now,
          tuple(
            said.1 as service, said.2 as objective, said.3 as window, said.4 as method,
            round(weight - w_spent, 9) as good,
            round(weight, 9) as total,
            if(weight > 0, round((weight - w_spent) / weight, 9), null) as sli,
            round(consumed_now, 9) as consumed,
            round(if(rolling, consumed_now, consumed_now * length_ms / (at_ms - start_ms)), 9) as consumed_so_far,
            round(1 - consumed_now, 9) as remaining,
            round(length_ms / 60000 * budget, 9) as budget_minutes,
            round((1 - consumed_now) * length_ms / 60000 * budget, 9) as remaining_minutes,
            if(raw_weight > 0, round((raw_weight - w_raw_spent) / raw_weight, 9), null) as raw_sli,
            round(raw_consumed_now, 9) as raw_consumed,
            if(elapsed > 0, round(1 - filled / elapsed, 9), null) as no_data_share,
            multiIf(
              weight = 0, 'no_data',
              round(events, 9) < round(said.5, 9) or round(1 - last_day_filled * slice_ms / 86400000, 9) > 0.5, 'insufficient_data',
              consumed >= 1, 'exhausted',
              'ok') as state) as answer
        from
        (
          select
            moment.slo_id as slo_id, moment.said as said, moment.kind as kind, moment.rolling as rolling, moment.at_ms as at_ms, moment.start_ms as start_ms, moment.budget as budget, moment.slice_ms as slice_ms,
            moment.target as target, moment.missing_until_ms as missing_until_ms, moment.ranges as ranges,
            if(datum.first_ms = 0, at_ms, intDiv(datum.first_ms, slice_ms) * slice_ms) as first_slice_ms,
            if(rolling, at_ms - start_ms, moment.end_ms - start_ms) as length_ms,
            if(rolling, at_ms + at_ms - start_ms, moment.end_ms - 60000) as until_ms,
            evenkeel_slices(start_ms, at_ms, slice_ms) as elapsed,
            if(kind < 2, if(rolling, 1, 1 / length_ms), 1 / evenkeel_slices(start_ms, moment.end_ms, slice_ms)) / budget as factor,
            factor * if(kind < 2 and not rolling, at_ms - start_ms, 1) as scale,
            sums.weight as weight, sums.events as events, sums.filled as filled, sums.last_day_filled as last_day_filled, sums.raw_weight as raw_weight,
            sums.w_spent as w_spent, sums.w_raw_spent as w_raw_spent, sums.w_days as w_days, sums.spent_of_day as spent_of_day, sums.day_weight as day_weight,
            greatest(toInt64(evenkeel_slices(greatest(start_ms, first_slice_ms), missing_until_ms, slice_ms)) - sums.raw_may_miss, 0) as raw_missing,
            -- slices that may be missing, in W by UTC day and then in the last 24 hours, without what corrections exclude
            if(missing_until_ms = 0, [], range(intDiv(start_ms, 86400000), intDiv(at_ms, 86400000) + 1)) as numbers,
            arrayMap(
              (number, since) -> (number, toFloat64(evenkeel_slices(since, least(missing_until_ms, (number + 1) * 86400000), slice_ms)
                - arraySum(range -> evenkeel_slices(greatest(range.1, since), least(range.2, missing_until_ms, (number + 1) * 86400000), slice_ms), ranges)), toFloat64(0)),
              arrayPushBack(numbers, intDiv(at_ms, 86400000)), arrayPushBack(arrayMap(number -> greatest(number * 86400000, start_ms, first_slice_ms), numbers), greatest(at_ms - 86400000, first_slice_ms))) as may_be_missing,
            arrayPopBack(may_be_missing) as missing_days,
            greatest(arraySum(missing_days.2) - sums.may_miss, 0) as missing,
            may_be_missing[-1].2 - sums.may_miss_of_day as missing_of_day
          from (select arrayJoin(moments) as moment) as each
          left join
          (
            select
              slo_id,
              sum(day.spent) as w_spent, sum(day.weight) as weight, sum(day.events) as events, sum(day.raw_spent) as w_raw_spent, sum(day.raw_weight) as raw_weight,
              sum(day.filled) as filled, sum(day.last_day_filled) as last_day_filled, sum(day.last_spent) as spent_of_day, sum(day.last_weight) as day_weight,
              sum(day.may_miss) as may_miss, sum(day.raw_may_miss) as raw_may_miss, sum(day.may_miss_of_day) as may_miss_of_day,
              groupArrayIf((day.number, day.spent - day.may_miss, day.weight), day.weight > 0) as w_days
            from
            (
              select
                slo_id, number,
                sumIf(piece.spent, in_w and not corrected) as spent, sumIf(piece.weight, in_w and not corrected) as weight, sumIf(piece.events, in_w and not corrected) as events,
                sumIf(piece.spent, in_w) as raw_spent, sumIf(piece.weight, in_w) as raw_weight,
                sumIf(piece.filled, in_w) as filled, sumIf(piece.filled, in_last_day) as last_day_filled,
                sumIf(piece.spent, in_last_day and not corrected) as last_spent, sumIf(piece.weight, in_last_day and not corrected) as last_weight,
                sumIf(piece.filled, in_w and piece.may_miss and not corrected) as may_miss, sumIf(piece.filled, in_w and piece.may_miss) as raw_may_miss,
                sumIf(piece.filled, in_last_day and piece.may_miss and not corrected) as may_miss_of_day
              from
              (
                select
                  slo_id, intDiv(unit.1, 86400000) as number, unit.2 as spent, unit.3 as weight, unit.4 as events, unit.5 as filled,
                  unit.1 >= start_ms as in_w,
                  unit.1 >= at_ms - 86400000 as in_last_day,
                  unit.1 < missing_until_ms as may_miss,
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
                    where (empty({slo_ids:Array(String)}) or slo_id in {slo_ids:Array(String)}) and toStartOfMonth(day) >= toStartOfMonth(toDate({at:DateTime64(3, 'UTC')}) - (
                      -- no window is longer
                      select toUInt16(max(evenkeel_window_days(slo.window_rolling_days, slo.window_calendar)) + 1)
                      from slo_facts as slo
                      where empty({slo_ids:Array(String)}) or slo.slo_id in {slo_ids:Array(String)}
                    ))
                      and day < toDate({at:DateTime64(3, 'UTC')})
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
            where total > 0 and (toStartOfHour(bucket), slo_id) in
            (
              select arrayJoin(arrayMap(hour -> toDateTime(first_day, 'UTC') + 3600 * hour, range(24))), slo_id
              from
              (
                select slo_id, min(day) as first_day
                from sli_days final
                where total > 0 and slo_id in (select slo_id from slo_facts where no_data = 'bad' and (empty({slo_ids:Array(String)}) or slo_id in {slo_ids:Array(String)}))
                group by slo_id
              )
            )
            group by slo_id
          ) as datum on datum.slo_id = moment.slo_id
        )
        settings enable_named_columns_in_function_tuple = 1
      )
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
  -- as a scalar that is named once: what each SLO's row needs, and the hours of SLOs that forecasts read
  (
    select (
      groupArray((slo_id, answer, asked, ahead, quarters)),
      groupArrayArray(arrayMap(hour -> (toDateTime(hour * 3600, 'UTC'), slo_id), arrayDistinct(arrayMap(quarter -> intDiv(quarter, 4), quarters)))))
    from slo_standing(slo_ids = {slo_ids:Array(String)}, at = {at:DateTime64(3, 'UTC')})
  ) as standing
select
  slo_id, answer.1 as service, answer.2 as objective, answer.3 as window, answer.4 as method,
  answer.5 as good,
  answer.6 as total,
  answer.7 as sli,
  answer.8 as consumed,
  answer.9 as consumed_so_far,
  answer.10 as remaining,
  answer.11 as budget_minutes,
  answer.12 as remaining_minutes,
  answer.13 as raw_sli,
  answer.14 as raw_consumed,
  answer.15 as no_data_share,
  multiIf(
    coalesce(consumed >= 1, false), fromUnixTimestamp64Milli(at_ms, 'UTC'),
    reached_ms = 0, null,
    fromUnixTimestamp64Milli(reached_ms, 'UTC')) as exhausts_at,
  answer.16 as state
from
(
  select
    slo_id, answer, at_ms,
    -- joined, because what stands in a branch would be computed again for each mention
    arrayJoin([arrayFirst(
      (minute, spent, weight, next) -> next != minute and minute >= first_ms and minute <= last_ms and (kind >= 2 or weight > 0)
        and round(if(kind < 2, spent / weight, spent) * factor * if(grows, minute - start_ms, 1), 9) >= 1,
      steps.1, arrayCumSum(steps.2), arrayCumSum(steps.3), arrayShiftLeft(steps.1, 1))]) as reached_ms
  from
  (
    select
      slo_id, answer, kind, at_ms, start_ms, factor, grows, first_ms, last_ms,
      -- what comes and leaves, as (first minute that shows it, bad, all)
      if(first_ahead < 0, [], arraySort(step -> step.1, arrayConcat(
        [(toInt64(0), before.1, before.2)],
        -- a calendar window's share grows from minute to minute
        arrayMap(number -> (first_ms + number * 60000, toFloat64(0), toFloat64(0)), range(toUInt32(if(grows, greatest(intDiv(last_ms - first_ms, 60000) + 1, 0), 1)))),
        arrayMap(unit -> (intDiv(unit.1 + leaves_after_ms, 60000) * 60000 + 60000, -unit.2, -unit.3), arrayFilter(unit -> rolling and unit.1 >= leaves_from_ms, units)),
        arrayFlatten(arrayFlatten(arrayMap(
          coming -> arrayMap(day -> arrayMap(unit -> (intDiv(unit.1 + day * 86400000, 60000) * 60000 + 60000, unit.2, unit.3), coming), range(first_ahead + 1, last_ahead + 2)),
          [arrayFilter(unit -> unit.1 >= at_ms - 86400000, units)])))))) as steps
    from
    (
      select
        slo_id, answer, kind, rolling, at_ms, start_ms, factor, leaves_after_ms, first_ahead, last_ahead, before,
        kind < 2 and not rolling as grows,
        at_ms + first_ahead * 86400000 + 60000 as first_ms,
        least(until_ms, at_ms + (last_ahead + 1) * 86400000) as last_ms,
        greatest(start_ms, intDiv(start_ms + first_ahead * 86400000, 86400000) * 86400000) as leaves_from_ms,
        -- windows and slices, and slices that are missing
        arrayFilter(unit -> unit.1 < at_ms and not arrayExists(range -> unit.1 >= range.1 and unit.1 < range.2, ranges), arrayConcat(
          found,
          arrayMap(slot -> (slot, toFloat64(1), toFloat64(0)), arrayExcept(
            if(missing_until_ms = 0, [], arrayFilter(slot -> slot >= first_slice_ms and slot < missing_until_ms,
              arrayFlatten(arrayMap(quarter -> range(quarter * 900000, quarter * 900000 + 900000, slice_ms), quarters)))),
            found.1)))) as units
      from
      (
        select
          slo_id, answer, quarters, kind, rolling, at_ms, start_ms, missing_until_ms, ranges, first_slice_ms, leaves_after_ms, until_ms, slice_ms, factor,
          ahead.1 as first_ahead, ahead.2 as last_ahead, (ahead.3, ahead.4) as before,
          arrayFlatten(arrayMap(
            (bucket_ms, filled, starts, bads, totals) -> arrayMap(unit -> (unit.1, unit.2, unit.3), evenkeel_units(bucket_ms, at_ms, kind, slice_ms, target, filled, starts, bads, totals)),
            stored.2, stored.3, stored.4, stored.5, stored.6)) as found
        from
        (
          select
            slo_id, stored, row.2 as answer, row.4 as ahead, row.5 as quarters,
            row.3.1 as kind, row.3.2 as rolling, row.3.3 as at_ms, row.3.4 as start_ms, row.3.5 as slice_ms, row.3.6 as target, row.3.7 as missing_until_ms, row.3.8 as ranges,
            row.3.9 as first_slice_ms, row.3.10 as leaves_after_ms, row.3.11 as until_ms, row.3.12 as factor
          from
          (
            select piece.1 as slo_id, groupArrayArray(piece.2)[1] as row, groupArrayArray(piece.3) as stored
            from
            (
              -- each row beside what is stored for its forecast
              select arrayJoin(arrayConcat(
                arrayMap(row -> (row.1, [row], arrayResize(stored, 0)), rows),
                arrayMap(entry -> (entry.1, arrayResize(rows, 0), [entry]), stored))) as piece
              from
              (
                select materialize(standing).1 as rows, groupArray((toString(slo_id), toInt64(toUnixTimestamp(bucket)) * 1000, filled, starts, bads, totals)) as stored
                from sli_buckets final
                where (toStartOfHour(bucket), slo_id) in standing.2
              )
            )
            group by slo_id
          )
        )
      )
    )
  )
)
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
