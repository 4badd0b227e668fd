-- Burn alerts at an instant, and when they fired: multiwindow, multi-burn-rate alerts after the SRE workbook. Definitions: docs/definitions.md.
-- Judged a whole minute at a time, from running sums over minutes: a window's sum is a difference of two of them.

-- slo_burn_segments: stretches of minutes in which one definition of an SLO, and one of its calendar periods, is in force.
-- Parameters:
--   slo_ids Array(String): SLOs asked for; empty: all
--   since, until DateTime64(3, 'UTC'): first and last minute, both cut to the minute and judged
-- Columns:
--   slo_id: id of the SLO
--   method: occurrences, timeslices or ratio_timeslices
--   budget: 1 - objective
--   minimum_events: fewer events than this in the long window: insufficient_data
--   slice_minutes: length of a slice, minutes; occurrences: 1
--   slice_target: timeslices: ratio from which a slice is good; else 0
--   missing_is_bad: a slice without data is bad
--   length_minutes: length of W (calendar: of the period), minutes
--   first_minute: first judged minute, minutes since 1970
--   last_minute: last judged minute, minutes since 1970
--   base_minute: first minute whose events matter, minutes since 1970; slices start on it
create view slo_burn_segments as
select
  slo_id, method, budget, minimum_events, slice_minutes, slice_target, missing_is_bad,
  period.3 as length_minutes,
  greatest(from_minute, period.1) as first_minute,
  least(to_minute, period.2) as last_minute,
  intDiv(first_minute - 4330, 5) * 5 as base_minute
from
(
  select
    *,
    arrayJoin(if(window_rolling_days is not null,
      [(from_minute, to_minute, assumeNotNull(window_rolling_days) * 1440)],
      arrayMap(period -> (intDiv(period[1] + 59999, 60000), intDiv(period[2] + 59999, 60000) - 1, (period[2] - period[1]) / 60000),
        arrayMap(day -> evenkeel_period(toDate32(day), window_calendar, zone), arrayDistinct(arrayMap(
          day -> toInt32(multiIf(window_calendar = 'week', toDate32(toMonday(toDate32(day))), window_calendar = 'month', toDate32(toStartOfMonth(toDate32(day))), window_calendar = 'quarter', toDate32(toStartOfQuarter(toDate32(day))), toDate32(toStartOfYear(toDate32(day))))),
          range(toInt32(evenkeel_local_date(from_minute * 60000, zone)), toInt32(evenkeel_local_date(to_minute * 60000, zone)) + 1))))))) as period
  from
  (
    select
      definition.slo_id as slo_id,
      toString(definition.method) as method,
      round(1 - objective, 12) as budget,
      minimum_events,
      if(method = 'occurrences', 1, toInt64(intDiv(slice_seconds, 60))) as slice_minutes,
      if(method = 'timeslices', round(coalesce(definition.slice_target, 0), 9), 0) as slice_target,
      method != 'occurrences' and no_data = 'bad' as missing_is_bad,
      window_rolling_days, window_calendar, coalesce(window_timezone, 'UTC') as zone,
      greatest(intDiv(toUnixTimestamp64Milli({since:DateTime64(3, 'UTC')}), 60000), intDiv(toUnixTimestamp64Milli(in_force_from) + 59999, 60000)) as from_minute,
      least(intDiv(toUnixTimestamp64Milli({until:DateTime64(3, 'UTC')}), 60000), if(in_force_until is null, 9223372036854775807, intDiv(toUnixTimestamp64Milli(assumeNotNull(in_force_until)) + 59999, 60000) - 1)) as to_minute
    from slo_definitions as definition
    where (empty({slo_ids:Array(String)}) or slo_id in {slo_ids:Array(String)}) and not retired
  )
  where from_minute <= to_minute
)
where greatest(from_minute, period.1) <= least(to_minute, period.2);

-- slo_burn_minutes: the burn alerts of SLOs, judged at every minute of a range.
-- Parameters:
--   slo_ids Array(String): SLOs asked for; empty: all
--   since, until DateTime64(3, 'UTC'): first and last minute, both cut to the minute and judged
-- Columns:
--   slo_id: id of the SLO
--   alert: page or ticket
--   long_window_seconds: length of the long window, seconds
--   short_window_seconds: length of the short window, seconds
--   minute: minutes since 1970
--   factor: burn rate from which it fires
--   long_burn_rate: share of bad over the long window / (1 - objective); null: nothing in it
--   short_burn_rate: the same over the short window
--   state: ok, firing, no_data, insufficient_data or cannot_fire
create view slo_burn_minutes as
select
  slo_id, alert, intDiv(long_ms, 1000) as long_window_seconds, intDiv(short_ms, 1000) as short_window_seconds, minute, factor, long_burn_rate, short_burn_rate,
  multiIf(
    round(factor, 9) >= round(1 / budget, 9), 'cannot_fire',
    long_burn_rate is null, 'no_data',
    round(events, 9) < round(minimum_events, 9), 'insufficient_data',
    coalesce(long_burn_rate >= round(factor, 9) and short_burn_rate >= round(factor, 9), false), 'firing',
    'ok') as state
from
(
  select
    slo_id, alert, toInt64(long_minutes) * 60000 as long_ms, toInt64(short_minutes) * 60000 as short_ms, minute, factor, budget, minimum_events, events,
    -- rounded, so that the order of sums does not show; greatest, because a difference of sums may fall below 0
    if(known_long + missing_long = 0, null, round(greatest(spent_long + missing_long, 0) / if(sliced, long_minutes / slice_minutes, weight_long) / budget, 9)) as long_burn_rate,
    if(known_short + missing_short = 0, null, round(greatest(spent_short + missing_short, 0) / if(sliced, short_minutes / slice_minutes, weight_short) / budget, 9)) as short_burn_rate
  from
  (
    select
      slo_id, budget, minimum_events, slice_minutes, sliced, alert, long_minutes, short_minutes,
      greatest(1, share * length_minutes / long_minutes) as factor,
      range(first_minute, last_minute + 1) as minutes,
      arrayMap((a, b, p) -> a - b + p, arraySlice(sum_spent, at_first + 2, judged), arraySlice(sum_spent, at_first - long_minutes + slice_minutes + 1, judged), arraySlice(part_spent, at_first + 1, judged)) as spent_long_then,
      arrayMap((a, b, p) -> a - b + p, arraySlice(sum_weight, at_first + 2, judged), arraySlice(sum_weight, at_first - long_minutes + slice_minutes + 1, judged), arraySlice(part_weight, at_first + 1, judged)) as weight_long_then,
      arrayMap((a, b, p) -> a - b + p, arraySlice(sum_known, at_first + 2, judged), arraySlice(sum_known, at_first - long_minutes + slice_minutes + 1, judged), arraySlice(part_known, at_first + 1, judged)) as known_long_then,
      arrayMap((a, b, p) -> a - b + p, arraySlice(sum_spent, at_first + 2, judged), arraySlice(sum_spent, at_first - short_minutes + slice_minutes + 1, judged), arraySlice(part_spent, at_first + 1, judged)) as spent_short_then,
      arrayMap((a, b, p) -> a - b + p, arraySlice(sum_weight, at_first + 2, judged), arraySlice(sum_weight, at_first - short_minutes + slice_minutes + 1, judged), arraySlice(part_weight, at_first + 1, judged)) as weight_short_then,
      arrayMap((a, b, p) -> a - b + p, arraySlice(sum_known, at_first + 2, judged), arraySlice(sum_known, at_first - short_minutes + slice_minutes + 1, judged), arraySlice(part_known, at_first + 1, judged)) as known_short_then,
      arrayMap((a, b) -> greatest(a - b, 0.), arraySlice(sum_missing, at_first, judged), arraySlice(sum_missing, at_first - long_minutes + slice_minutes + 1, judged)) as missing_long_then,
      arrayMap((a, b) -> greatest(a - b, 0.), arraySlice(sum_missing, at_first, judged), arraySlice(sum_missing, at_first - short_minutes + slice_minutes + 1, judged)) as missing_short_then,
      arrayMap((a, b, p) -> a - b + p, arraySlice(sum_events, at_first + 2, judged), arraySlice(sum_events, at_first - long_minutes + slice_minutes + 1, judged), arraySlice(part_events, at_first + 1, judged)) as events_then
    from
    (
      select
        *,
        kind.1 as alert, kind.2 as long_minutes, kind.3 as short_minutes, if(length_minutes < 14 * 1440, kind.5, kind.4) as share
      from
      (
        select
          * except (spent, weight, known, event_sums, missing),
          toInt64(first_minute - base_minute - 1) as at_first,
          toInt64(last_minute - first_minute + 1) as judged,
          arrayConcat([0.], arrayCumSum(arrayMap((value, closed) -> if(closed, value, 0.), spent, closing))) as sum_spent,
          arrayConcat([0.], arrayCumSum(arrayMap((value, closed) -> if(closed, value, 0.), weight, closing))) as sum_weight,
          arrayConcat([0.], arrayCumSum(arrayMap((value, closed) -> if(closed, value, 0.), known, closing))) as sum_known,
          arrayConcat([0.], arrayCumSum(arrayMap((value, closed) -> if(closed, value, 0.), event_sums, closing))) as sum_events,
          arrayMap((value, closed) -> if(closed, 0., value), spent, closing) as part_spent,
          arrayMap((value, closed) -> if(closed, 0., value), weight, closing) as part_weight,
          arrayMap((value, closed) -> if(closed, 0., value), known, closing) as part_known,
          arrayMap((value, closed) -> if(closed, 0., value), event_sums, closing) as part_events,
          arrayConcat([0.], arrayCumSum(arrayMap((value, closed) -> if(closed, value, 0.), missing, closing))) as sum_missing
        from
        (
          select
            slo_id, budget, minimum_events, slice_minutes, method != 'occurrences' as sliced, length_minutes, first_minute, last_minute, base_minute,
            -- what the slice that a minute belongs to says after this minute; only a slice's last minute says it for good
            arrayMap((minute, spent_bad, spent_total, filled) -> multiIf(filled = 0, 0., method = 'occurrences', spent_bad, method = 'timeslices', toFloat64(round((spent_total - spent_bad) / spent_total, 9) < slice_target), spent_bad / spent_total), places, bads_so_far, totals_so_far, filled_so_far) as spent,
            if(method = 'occurrences', totals_so_far, arrayMap(filled -> toFloat64(filled > 0), filled_so_far)) as weight,
            arrayMap(filled -> toFloat64(filled > 0), filled_so_far) as known,
            totals_so_far as event_sums,
            if(missing_is_bad,
              arrayMap((place, filled) -> toFloat64(filled = 0
                  and (base_minute + place - slice_minutes) * 60000 >= first_datum_ms
                  and not arrayExists(excluded -> (base_minute + place - slice_minutes) * 60000 >= excluded.1 and (base_minute + place - slice_minutes) * 60000 < excluded.2, ranges)), places, filled_so_far),
              arrayResize(CAST([], 'Array(Float64)'), length(places), 0.)) as missing,
            arrayMap(place -> place % slice_minutes = 0, places) as closing
          from
          (
            select
              * except (bad_minutes, total_minutes, filled_minutes, bad_sums, total_sums, filled_sums),
              if(slice_minutes = 1, bad_minutes, arrayMap((now, before) -> now - before, arraySlice(bad_sums, 2), arrayResize(arrayFlatten(arrayMap(sum -> [sum, sum, sum, sum, sum], arrayFilter((sum, number) -> number % 5 = 1, bad_sums, arrayEnumerate(bad_sums)))), size))) as bads_so_far,
              if(slice_minutes = 1, total_minutes, arrayMap((now, before) -> now - before, arraySlice(total_sums, 2), arrayResize(arrayFlatten(arrayMap(sum -> [sum, sum, sum, sum, sum], arrayFilter((sum, number) -> number % 5 = 1, total_sums, arrayEnumerate(total_sums)))), size))) as totals_so_far,
              if(slice_minutes = 1, filled_minutes, arrayMap((now, before) -> toUInt64(now - before), arraySlice(filled_sums, 2), arrayResize(arrayFlatten(arrayMap(sum -> [sum, sum, sum, sum, sum], arrayFilter((sum, number) -> number % 5 = 1, filled_sums, arrayEnumerate(filled_sums)))), size))) as filled_so_far
            from
            (
              select
                *,
                arrayConcat([0.], arrayCumSum(bad_minutes)) as bad_sums,
                arrayConcat([0.], arrayCumSum(total_minutes)) as total_sums,
                arrayConcat([toUInt64(0)], arrayCumSum(filled_minutes)) as filled_sums
              from
              (
                select
                  segment.slo_id as slo_id, segment.method as method, segment.budget as budget, segment.minimum_events as minimum_events, segment.slice_minutes as slice_minutes, segment.slice_target as slice_target,
                  segment.missing_is_bad as missing_is_bad, segment.length_minutes as length_minutes, segment.first_minute as first_minute, segment.last_minute as last_minute, segment.base_minute as base_minute,
                  toInt64(segment.last_minute - segment.base_minute) as size,
                  range(1, size + 1) as places,
                  arrayResize(said.bad_minutes, size, 0.) as bad_minutes,
                  arrayResize(said.total_minutes, size, 0.) as total_minutes,
                  arrayMap(total -> toUInt64(total > 0), total_minutes) as filled_minutes,
                  excluded.ranges as ranges,
                  if(first.slo_id = segment.slo_id, first.datum_ms, 9223372036854775807) as first_datum_ms
                from slo_burn_segments(slo_ids = {slo_ids:Array(String)}, since = {since:DateTime64(3, 'UTC')}, until = {until:DateTime64(3, 'UTC')}) as segment
                left join
                (
                  select slo_id, first_minute, groupArrayInsertAt(bad, place) as bad_minutes, groupArrayInsertAt(total, place) as total_minutes
                  from
                  (
                    select slo_id, first_minute, toUInt32(intDiv(start_ms, 60000) - base_minute) as place, arraySum(arraySort(groupArray(unit_bad))) as bad, arraySum(arraySort(groupArray(unit_total))) as total
                    from
                    (
                      select
                        part.slo_id as slo_id, segment.first_minute as first_minute, segment.last_minute as last_minute, segment.base_minute as base_minute, segment.method as method, segment.slice_minutes as slice_minutes, excluded.ranges as ranges,
                        toInt64(toUnixTimestamp(part.bucket)) * 1000 + start as start_ms,
                        if(method = 'occurrences', start_ms, intDiv(start_ms, slice_minutes * 60000) * slice_minutes * 60000) as judged_ms,
                        unit_bad, unit_total
                      from
                      (
                        select slo_id, bucket, starts, bads, totals
                        from sli_buckets final
                        where (empty({slo_ids:Array(String)}) or slo_id in {slo_ids:Array(String)})
                          and toStartOfHour(bucket) >= toStartOfHour(toDateTime({since:DateTime64(3, 'UTC')}) - 4400 * 60) and toStartOfHour(bucket) <= toDateTime({until:DateTime64(3, 'UTC')})
                      ) as part
                      array join part.starts as start, part.bads as unit_bad, part.totals as unit_total
                      inner join slo_burn_segments(slo_ids = {slo_ids:Array(String)}, since = {since:DateTime64(3, 'UTC')}, until = {until:DateTime64(3, 'UTC')}) as segment on segment.slo_id = part.slo_id
                      left join (select slo_id, groupArray((toUnixTimestamp64Milli(starts_at), toUnixTimestamp64Milli(ends_at))) as ranges from corrections group by slo_id) as excluded on excluded.slo_id = part.slo_id
                    )
                    where start_ms >= base_minute * 60000 and start_ms < last_minute * 60000
                      and not arrayExists(excluded -> judged_ms >= excluded.1 and judged_ms < excluded.2, ranges)
                    group by slo_id, first_minute, place
                  )
                  group by slo_id, first_minute
                ) as said on said.slo_id = segment.slo_id and said.first_minute = segment.first_minute
                left join (select slo_id, groupArray((toUnixTimestamp64Milli(starts_at), toUnixTimestamp64Milli(ends_at))) as ranges from corrections group by slo_id) as excluded on excluded.slo_id = segment.slo_id
                left join
                (
                  select slo_id, toInt64(toUnixTimestamp(min(bucket))) * 1000 + argMin(starts[1], bucket) as datum_ms
                  from sli_buckets final
                  where notEmpty(starts) and slo_id in (select definition.slo_id from slo_definitions as definition where definition.no_data = 'bad' and (empty({slo_ids:Array(String)}) or definition.slo_id in {slo_ids:Array(String)}))
                  group by slo_id
                ) as first on first.slo_id = segment.slo_id
              )
            )
          )
        )
      )
      array join
        [
          ('page', 60, 5, 0.02, 0.08),
          ('page', 360, 30, 0.05, 0.125),
          ('ticket', 1440, 120, 0.1, 0.2),
          ('ticket', 4320, 360, 0.1, 0.42)
        ] as kind
      where kind.2 * 2 <= length_minutes
    )
  )
  array join minutes as minute, spent_long_then as spent_long, weight_long_then as weight_long, known_long_then as known_long, missing_long_then as missing_long, spent_short_then as spent_short, weight_short_then as weight_short, known_short_then as known_short, missing_short_then as missing_short, events_then as events
);

-- slo_burn: the multiwindow, multi-burn-rate alerts of each SLO at an instant.
-- Parameters:
--   slo_ids Array(String): SLOs asked for; empty: all
--   at DateTime64(3, 'UTC'): end of the windows, cut to the minute
-- Columns:
--   slo_id: id of the SLO
--   alert: page or ticket
--   long_window_seconds: length of the long window, seconds
--   short_window_seconds: length of the short window, seconds
--   factor: burn rate from which it fires, share of the budget x W / long window, at least 1
--   long_burn_rate: bad fraction over the long window / (1 - objective); slice methods: bad slices / (slices of the window x (1 - objective)); null: nothing in it
--   short_burn_rate: the same over the short window
--   firing: both are at or above the factor
--   state: ok, firing, no_data, insufficient_data or cannot_fire (no badness reaches the factor)
create view slo_burn as
select slo_id, alert, long_window_seconds, short_window_seconds, factor, long_burn_rate, short_burn_rate, CAST(state = 'firing', 'Bool') as firing, state
from slo_burn_minutes(slo_ids = {slo_ids:Array(String)}, since = {at:DateTime64(3, 'UTC')}, until = {at:DateTime64(3, 'UTC')})
order by slo_id, alert, long_window_seconds;

-- slo_burn_history: when each alert fired: every whole minute of the range is judged by the definition in force then.
-- Parameters:
--   slo_ids Array(String): SLOs asked for; empty: all
--   since, until DateTime64(3, 'UTC'): the range [since, until)
--   now DateTime64(3, 'UTC'): later minutes are not judged
-- Columns:
--   slo_id: id of the SLO
--   alert: page or ticket
--   long_window_seconds: length of the long window, seconds
--   short_window_seconds: length of the short window, seconds
--   factor: burn rate from which it fires, at the first minute
--   fired_at: first minute at which it fires, UTC; cut by the range
--   resolved_at: first minute after it that is judged and does not fire, UTC; null: it fires until the range ends
--   peak_long_burn_rate: highest burn rate of the long window meanwhile
create view slo_burn_history as
select
  slo_id, alert, long_window_seconds, short_window_seconds,
  run[1].2 as factor,
  fromUnixTimestamp64Milli(toInt64(run[1].1) * 60000, 'UTC') as fired_at,
  if((run[-1].1 + 1) * 60000 < toUnixTimestamp64Milli({until:DateTime64(3, 'UTC')}) and (run[-1].1 + 1) * 60000 <= toUnixTimestamp64Milli({now:DateTime64(3, 'UTC')}),
    fromUnixTimestamp64Milli(toInt64(run[-1].1 + 1) * 60000, 'UTC'), null) as resolved_at,
  arrayMax(run.3) as peak_long_burn_rate
from
(
  select
    slo_id, alert, long_window_seconds, short_window_seconds,
    arrayJoin(arraySplit((entry, before) -> entry.1 != before + 1, fired, arrayConcat([toInt64(-1)], arrayPopBack(fired.1)))) as run
  from
  (
    select slo_id, alert, long_window_seconds, short_window_seconds, arraySort(groupArray((minute, factor, assumeNotNull(long_burn_rate)))) as fired
    from slo_burn_minutes(slo_ids = {slo_ids:Array(String)}, since = {since:DateTime64(3, 'UTC')}, until = {until:DateTime64(3, 'UTC')})
    where state = 'firing'
      and minute * 60000 >= toUnixTimestamp64Milli({since:DateTime64(3, 'UTC')}) and minute * 60000 < toUnixTimestamp64Milli({until:DateTime64(3, 'UTC')})
      and minute * 60000 <= toUnixTimestamp64Milli({now:DateTime64(3, 'UTC')})
    group by slo_id, alert, long_window_seconds, short_window_seconds
  )
)
order by slo_id, alert, long_window_seconds, fired_at;
