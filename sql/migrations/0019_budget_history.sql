-- The error budget of SLOs day by day. Definitions: docs/definitions.md, "Error budgets".
-- Every sum is a difference of two readings of running sums of whole 1/2^64 (evenkeel_exact): a day costs as much as an hour, and
-- nothing depends on order or threads.

-- slo_budget_history: the error budget of each SLO at the end of each local day that the range touches, or now on the day that has not ended,
-- by the definition in force then. Of a calendar window the period that contains the day's last minute, so that a period's last day shows all of it.
-- No row for days that begin after now, or where the SLO is retired.
-- Parameters:
--   slo_ids Array(String): SLOs asked for; empty: all
--   since, until DateTime64(3, 'UTC'): the range [since, until)
--   tz String: IANA zone of the days
--   now DateTime64(3, 'UTC'): instant of asking
-- Columns:
--   slo_id: id of the SLO
--   day_start: first instant of the day, UTC; may lie before the range
--   at: end of the day, or now cut to the minute, UTC
--   objective: target ratio
--   window: the window as JSON
--   method: occurrences, timeslices or ratio_timeslices
--   good: good events in W, corrected ones left out; slice methods: good slices
--   total: all events in W, corrected ones left out; slice methods: slices with data
--   sli: good / total, 0 to 1; null: no data
--   consumed: share of W's budget that is spent, never clamped; null: no data and nothing spent
--   consumed_so_far: of a calendar window the share of the elapsed part's budget; else the same
--   remaining: 1 - consumed
--   budget_minutes: length of W x (1 - objective), minutes
--   remaining_minutes: remaining x budget_minutes, minutes
--   raw_sli: SLI without corrections
--   raw_consumed: consumed without corrections
--   no_data_share: share of W's elapsed minutes that no window with events overlaps; slice methods: of its slices; null: nothing elapsed
--   state: ok, exhausted, no_data or insufficient_data
create view slo_budget_history as
with
  toUnixTimestamp64Milli({since:DateTime64(3, 'UTC')}) as since_ms,
  intDiv(toUnixTimestamp64Milli({now:DateTime64(3, 'UTC')}), 60000) * 60000 as now_ms,
  evenkeel_local_date(since_ms, {tz:String}) as first_date,
  -- what of the SLIs can matter: the longest window before the first day, and the day of clocks around it
  (
    select since_ms - 3 * 86400000 - coalesce(max(multiIf(
      slo.window_rolling_days is not null, toInt64(ceil(slo.window_rolling_days)),
      slo.window_calendar = 'week', 8, slo.window_calendar = 'month', 32, slo.window_calendar = 'quarter', 93, 367)), 0) * 86400000
    from slo_facts as slo
    where empty({slo_ids:Array(String)}) or slo.slo_id in {slo_ids:Array(String)}
  ) as reach_ms,
  toDateTime(intDiv(greatest(0, reach_ms), 1000), 'UTC') as read_from,
  toDateTime(intDiv(greatest(0, least(4294966000000, now_ms, toUnixTimestamp64Milli({until:DateTime64(3, 'UTC')}) + 3 * 86400000)), 1000), 'UTC') as read_until,
  days as
  (
    select start_ms, least(end_ms, now_ms) as at_ms, if(end_ms <= now_ms, at_ms - 60000, at_ms) as judged_ms
    from
    (
      select start_ms, leadInFrame(start_ms) over (order by number rows between unbounded preceding and unbounded following) as end_ms
      from
      (
        select
          arrayJoin(range(toUInt32(greatest(0, toInt32(evenkeel_local_date(toUnixTimestamp64Milli({until:DateTime64(3, 'UTC')}) - 1, {tz:String})) - toInt32(first_date) + 2)))) as number,
          evenkeel_first_instant(toDate32(first_date + number), {tz:String}) as start_ms
      )
    )
    -- the last one is the end of the range's last day; a date that the zone skips is empty
    where start_ms < end_ms and start_ms <= now_ms
  ),
  judged as
  (
    select
      slo_id, start_ms, at_ms, objective, window, method, minimum_events, unit, budget, silence_is_bad,
      if(rolling_ms > 0, at_ms - rolling_ms, period[1]) as from_ms,
      if(rolling_ms > 0, at_ms, period[2]) as until_ms
    from
    (
      select *, if(rolling_ms > 0, CAST([], 'Array(Int64)'), evenkeel_period(date, calendar, zone)) as period
      from
      (
        select
          definition.slo_id as slo_id, days.start_ms as start_ms, days.at_ms as at_ms,
          definition.objective as objective, definition.window as window, definition.method as method, definition.minimum_events as minimum_events,
          evenkeel_unit(definition.method, definition.slice_seconds, definition.slice_target) as unit,
          round(1 - definition.objective, 12) as budget,
          definition.no_data = 'bad' and definition.method != 'occurrences' as silence_is_bad,
          toInt64(round(coalesce(definition.window_rolling_days, 0) * 86400000)) as rolling_ms,
          coalesce(toString(definition.window_calendar), 'year') as calendar,
          coalesce(definition.window_timezone, 'UTC') as zone,
          evenkeel_local_date(days.judged_ms, zone) as date
        from days
        cross join
        (
          select *, toUnixTimestamp64Milli(in_force_from) as from_ms, toUnixTimestamp64Milli(coalesce(in_force_until, toDateTime64('2299-01-01 00:00:00', 3, 'UTC'))) as until_ms
          from slo_definitions as slo
          where (empty({slo_ids:Array(String)}) or slo.slo_id in {slo_ids:Array(String)}) and not retired
        ) as definition
        where definition.from_ms <= days.at_ms and definition.until_ms > days.at_ms
      )
    )
  ),
  -- what is read of the running sums: at the end of W's elapsed part, at its start, a day before the end; and between which starts a silent slice spends
  readings as
  (
    select *, reading.1 as place, reading.2 as reading_ms
    from
    (
      select
        *,
        greatest(from_ms, first_ms) as silent_from_ms,
        if(silence_is_bad and first_ms > 0, greatest(silent_from_ms, at_ms - 120000 - unit.2 + 1), silent_from_ms) as silent_until_ms
      from judged
      left join
      (
        select slo_id as corrected_slo, groupArray((toUnixTimestamp64Milli(starts_at), toUnixTimestamp64Milli(ends_at))) as zones from corrections group by slo_id
      ) as excluded on excluded.corrected_slo = judged.slo_id
      left join
      (
        select slo_id as first_slo, min(toInt64(toUnixTimestamp(bucket)) * 1000 + starts[1]) as first_ms
        from sli_buckets final
        where slo_id in (select slo.slo_id from slo_facts as slo where slo.no_data = 'bad' and (empty({slo_ids:Array(String)}) or slo.slo_id in {slo_ids:Array(String)}))
          and notEmpty(starts)
        group by slo_id
      ) as firsts on firsts.first_slo = judged.slo_id
    )
    array join arrayConcat(
      [('end', at_ms), ('start', from_ms), ('day', at_ms - 86400000)],
      if(silent_from_ms < silent_until_ms, [('silent from', silent_from_ms), ('silent until', silent_until_ms)], [])) as reading
  ),
  -- windows, or slices with data, with what they spend and count for
  running as
  (
    select
      slo_id as running_slo, unit as running_unit, start_ms as running_ms,
      sum(spent) over earlier as raw_bad,
      sum(counted) over earlier as raw_total,
      sum(if(corrected, 0, spent)) over earlier as bad,
      sum(if(corrected, 0, counted)) over earlier as total,
      sum(if(corrected, 0, all_events)) over earlier as events
    from
    (
      select
        part.slo_id as slo_id, part.unit as unit, part.start_ms as start_ms, part.all_events as all_events,
        evenkeel_inexact(part.bad_events) / evenkeel_inexact(part.all_events) as badness,
        multiIf(
          unit.1 = 'occurrences', part.bad_events,
          unit.1 = 'ratio_timeslices', evenkeel_exact(badness),
          round(1 - badness, 9) >= round(unit.3, 9), toInt256(0),
          evenkeel_exact(1)) as spent,
        if(unit.1 = 'occurrences', part.all_events, evenkeel_exact(1)) as counted,
        arrayExists(zone -> part.start_ms >= zone.1 and part.start_ms < zone.2, excluded.zones) as corrected
      from
      (
        select sli.slo_id as slo_id, units.unit as unit, sli.start_ms - sli.start_ms % units.unit.2 as start_ms,
          sum(evenkeel_exact(sli.bad)) as bad_events, sum(evenkeel_exact(sli.total)) as all_events
        from
        (
          select slo_id, toInt64(toUnixTimestamp(bucket)) * 1000 + start as start_ms, one_bad as bad, one_total as total
          from sli_buckets final
          array join starts as start, bads as one_bad, totals as one_total
          where (empty({slo_ids:Array(String)}) or slo_id in {slo_ids:Array(String)})
            and toStartOfHour(bucket) >= toStartOfHour(read_from) and toStartOfHour(bucket) < read_until and start_ms < now_ms
        ) as sli
        inner join
        (
          select distinct slo_id, evenkeel_unit(method, slice_seconds, slice_target) as unit
          from slo_definitions as slo
          where empty({slo_ids:Array(String)}) or slo.slo_id in {slo_ids:Array(String)}
        ) as units on units.slo_id = sli.slo_id
        group by slo_id, unit, start_ms
      ) as part
      left join
      (
        select slo_id, groupArray((toUnixTimestamp64Milli(starts_at), toUnixTimestamp64Milli(ends_at))) as zones from corrections group by slo_id
      ) as excluded on excluded.slo_id = part.slo_id
    )
    window earlier as (partition by slo_id, unit order by start_ms rows between unbounded preceding and current row)
  ),
  minutes as
  (
    select slo_id as minutes_slo, toInt64(toUnixTimestamp(bucket)) * 1000 as bucket_ms, toUInt32(filled) as bits,
      toInt64(sum(bitCount(filled)) over (partition by slo_id order by bucket rows between unbounded preceding and current row)) - bitCount(filled) as filled_before
    from sli_buckets final
    where (empty({slo_ids:Array(String)}) or slo_id in {slo_ids:Array(String)})
      and toStartOfHour(bucket) >= toStartOfHour(read_from) and toStartOfHour(bucket) < read_until and sli_buckets.filled != 0
  ),
  found as
  (
    select
      slo_id, start_ms, at_ms, from_ms, until_ms, objective, window, method, minimum_events, unit, budget, silent_from_ms, silent_until_ms,
      any(read.zones) as zones,
      evenkeel_inexact(sumIf(read.bad, place = 'end') - sumIf(read.bad, place = 'start')) as counted_bad,
      evenkeel_inexact(sumIf(read.total, place = 'end') - sumIf(read.total, place = 'start')) as total,
      evenkeel_inexact(sumIf(read.events, place = 'end') - sumIf(read.events, place = 'start')) as events,
      evenkeel_inexact(sumIf(read.raw_bad, place = 'end') - sumIf(read.raw_bad, place = 'start')) as raw_counted_bad,
      evenkeel_inexact(sumIf(read.raw_total, place = 'end') - sumIf(read.raw_total, place = 'start')) as raw_total,
      evenkeel_inexact(sumIf(read.raw_total, place = 'end') - sumIf(read.raw_total, place = 'day')) as raw_total_of_day,
      evenkeel_inexact(sumIf(read.total, place = 'silent until') - sumIf(read.total, place = 'silent from')) as spoken,
      evenkeel_inexact(sumIf(read.raw_total, place = 'silent until') - sumIf(read.raw_total, place = 'silent from')) as raw_spoken,
      sumIf(read.filled, place = 'end') - sumIf(read.filled, place = 'start') as filled,
      sumIf(read.filled, place = 'end') - sumIf(read.filled, place = 'day') as filled_of_day
    from
    (
      select
        *,
        filled_before + bitCount(bitAnd(bits, bitShiftLeft(toUInt32(1), toUInt8(least(15, intDiv(reading_ms - bucket_ms, 60000)))) - 1)) as filled
      from readings
      asof left join running on running.running_slo = readings.slo_id and running.running_unit = readings.unit and running.running_ms < readings.reading_ms
      asof left join minutes on minutes.minutes_slo = readings.slo_id and minutes.bucket_ms <= readings.reading_ms
    ) as read
    group by slo_id, start_ms, at_ms, from_ms, until_ms, objective, window, method, minimum_events, unit, budget, silent_from_ms, silent_until_ms
  ),
  spent as
  (
    select
      *,
      unit.1 != 'occurrences' as in_slices,
      counted_bad + if(silent_from_ms < silent_until_ms, arraySum(gap -> evenkeel_slices(gap.1, gap.2, unit.2), evenkeel_without(silent_from_ms, silent_until_ms, zones)) - spoken, 0) as bad,
      raw_counted_bad + if(silent_from_ms < silent_until_ms, evenkeel_slices(silent_from_ms, silent_until_ms, unit.2) - raw_spoken, 0) as raw_bad,
      if(in_slices, evenkeel_slices(from_ms, at_ms, unit.2), (at_ms - from_ms) / 60000) as elapsed,
      if(in_slices, intDiv(86400000, unit.2), 1440) as day_length,
      -- what badness has to be divided by to be a share of the budget
      if(in_slices, evenkeel_slices(from_ms, until_ms, unit.2) * budget, total * budget * (until_ms - from_ms) / (at_ms - from_ms)) as whole,
      if(in_slices, whole, raw_total * budget * (until_ms - from_ms) / (at_ms - from_ms)) as raw_whole
    from found
  )
select
  slo_id,
  fromUnixTimestamp64Milli(start_ms, 'UTC') as day_start,
  fromUnixTimestamp64Milli(at_ms, 'UTC') as at,
  objective,
  window,
  method,
  total - counted_bad as good,
  total,
  if(total > 0, good / total, null) as sli,
  if(total > 0 or spent.bad > 0, spent.bad / whole, null) as consumed,
  consumed * ((until_ms - from_ms) / (at_ms - from_ms)) as consumed_so_far,
  1 - consumed as remaining,
  (until_ms - from_ms) / 60000 * budget as budget_minutes,
  remaining * budget_minutes as remaining_minutes,
  if(raw_total > 0, (raw_total - raw_counted_bad) / raw_total, null) as raw_sli,
  if(raw_total > 0 or spent.raw_bad > 0, spent.raw_bad / raw_whole, null) as raw_consumed,
  if(elapsed > 0, 1 - if(in_slices, raw_total, toFloat64(filled)) / elapsed, null) as no_data_share,
  multiIf(
    total = 0, 'no_data',
    round(events, 9) < round(minimum_events, 9) or round(1 - if(in_slices, raw_total_of_day, toFloat64(filled_of_day)) / day_length, 9) > 0.5, 'insufficient_data',
    round(coalesce(consumed, 0), 9) >= 1, 'exhausted',
    'ok') as state
from spent
order by slo_id, day_start;
