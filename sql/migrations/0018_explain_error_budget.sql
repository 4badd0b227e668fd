-- explain_error_budget: what an SLO's error budget at an instant was made from, a row a quarter-hour and rule.
-- Events (slices) that were counted, that a correction excludes, and time without data, since the start of the window W (of a calendar window: of
-- its period). Counted rows, counted again, are the budget: sli = sum(good) / sum(total); the share without data is
-- sum(no_data) / elapsed minutes (slices). consumed = sum(bad) / sum(total) / (1 - objective) (slices: sum(bad) / slices of W / (1 - objective)).
-- Parameters:
--   slo_id String: id of the SLO
--   at DateTime64(3, 'UTC'): end of the window, cut to the minute
-- Columns:
--   at: first instant that the row tells of, UTC
--   slo_id: id of the SLO
--   counted: it is in the budget
--   good: good events (slices; ratio timeslices: sum of their ratios)
--   total: events (slices with data)
--   bad: what it spends: bad events (slices; ratio timeslices: sum of 1 - ratio; where no data is bad, slices without data)
--   no_data: minutes without data (slice methods: slices)
--   rule: counted, corrected, no_data, no_data_is_bad, not_yet_over or before_first_datum
--   reason: the same in words
--   evidence: the corrections that exclude it, separated by ", "
create view explain_error_budget as
select
  fromUnixTimestamp64Milli(min(assumeNotNull(start_ms)), 'UTC') as at,
  {slo_id:String} as slo_id,
  CAST(rule in ('counted', 'no_data_is_bad'), 'Bool') as counted,
  round(sum(part_good), 9) as good,
  round(sum(part_total), 9) as total,
  round(sum(part_total - part_good + silence), 9) as bad,
  sum(part_missing) as no_data,
  rule,
  transform(rule,
    ['counted', 'corrected', 'no_data', 'no_data_is_bad', 'not_yet_over', 'before_first_datum'],
    ['in the budget', 'a correction excludes it', 'no event: nothing is known of it', 'no event, which the definition takes for bad', 'no event yet; it ended less than 2 minutes before', 'before the first datum of the SLO'], '') as reason,
  arrayStringConcat(arrayMap(entry -> entry.3, arraySort(groupUniqArrayArray(part_corrections))), ', ') as evidence
from
(
  select
    quarter_ms, start_ms, part_corrections,
    multiIf(
      notEmpty(part_corrections), 'corrected',
      events > 0, 'counted',
      not silence_is_bad, 'no_data',
      start_ms < first_datum_ms, 'before_first_datum',
      start_ms + slice_ms + 120000 > at_ms, 'not_yet_over',
      'no_data_is_bad') as rule,
    multiIf(
      events = 0, 0,
      method = 'occurrences', events - spoilt,
      method = 'timeslices', toFloat64(round(1 - spoilt / events, 9) >= slice_target),
      1 - spoilt / events) as part_good,
    multiIf(events = 0, 0, method = 'occurrences', events, 1) as part_total,
    toFloat64(coalesce(events = 0 and silence_is_bad and start_ms >= first_datum_ms and start_ms + slice_ms + 120000 <= at_ms, false)) as silence,
    if(events = 0, missing, 0) as part_missing
  from
  (
    select
      quarter_ms, at_ms, method, slice_ms, slice_target, silence_is_bad, first_datum_ms,
      piece.1 as start_ms, piece.2 as spoilt, piece.3 as events, piece.4 as missing,
      -- a correction excludes events and slices; of occurrences, time without data is told whatever was corrected
      arrayFilter(entry -> (events > 0 or method != 'occurrences') and start_ms >= entry.1 and start_ms < entry.2, excluded) as part_corrections
    from
    (
      select
        frame.*,
        arrayJoin(arrayFilter(part -> part.1 >= from_ms and part.1 < at_ms and part.4 > 0, if(method = 'occurrences',
          arrayConcat(
            arrayMap((start, bad, total) -> (quarter_ms + start, bad, total, toUInt32(1)), stored.starts, stored.bads, stored.totals),
            [(greatest(quarter_ms, from_ms), toFloat64(0), toFloat64(0),
              toUInt32(arrayCount(minute -> not bitTest(stored.filled, minute) and minute * 60000 >= intDiv(from_ms, 60000) * 60000 - quarter_ms and minute * 60000 < at_ms - quarter_ms, range(15))))]),
          arrayMap(slice -> (
              quarter_ms + slice * slice_ms,
              arraySum((start, bad) -> if(intDiv(start, slice_ms) = slice and start < at_ms - quarter_ms, bad, 0), stored.starts, stored.bads),
              arraySum((start, total) -> if(intDiv(start, slice_ms) = slice and start < at_ms - quarter_ms, total, 0), stored.starts, stored.totals),
              toUInt32(1)),
            range(toUInt32(intDiv(900000, slice_ms))))))) as piece
      from
      (
        select *, toInt64(arrayJoin(range(toUInt64(intDiv(from_ms, 900000)), toUInt64(intDiv(at_ms + 899999, 900000)))) * 900000) as quarter_ms
        from
        (
          select
            at_ms,
            definition.4 as method,
            toInt64(definition.5) * 1000 as slice_ms,
            definition.6 as slice_target,
            definition.7 = 'bad' and method != 'occurrences' as silence_is_bad,
            multiIf(
              definition.2 = '', at_ms - toInt64(round(definition.1 * 86400000)),
              definition.2 = 'week', starts_ms.1,
              definition.2 = 'month', starts_ms.2,
              definition.2 = 'quarter', starts_ms.3,
              starts_ms.4) as from_ms,
            excluded,
            first_datum_ms
          from
          (
            select
              toUnixTimestamp64Milli(toDateTime64(toStartOfMinute({at:DateTime64(3, 'UTC')}), 3, 'UTC')) as at_ms,
              arrayJoin((
                select groupArray((coalesce(window_rolling_days, 0), coalesce(toString(window_calendar), ''), '', toString(method), slice_seconds, coalesce(slice_target, 0), toString(no_data)))
                from slo_definitions
                where slo_id = {slo_id:String} and not retired
                  and in_force_from <= toStartOfMinute({at:DateTime64(3, 'UTC')}) and (in_force_until is null or in_force_until > toStartOfMinute({at:DateTime64(3, 'UTC')}))
              )) as definition,
              (select arraySort(groupArray((toUnixTimestamp64Milli(starts_at), toUnixTimestamp64Milli(ends_at), correction_id))) from corrections where slo_id = {slo_id:String}) as excluded,
              -- read only where it matters, because it reads all the SLO's time; without a datum everything is before the first
              assumeNotNull((
                select coalesce(minOrNull(toInt64(toUnixTimestamp(bucket)) * 1000 + first.starts[1]), 9223372036854775807)
                from sli_buckets as first final
                where slo_id = {slo_id:String} and first.total > 0
                  and {slo_id:String} in (select slo_id from slo_definitions where no_data = 'bad')
              )) as first_datum_ms,
              (
                with
                  (select coalesce(any(window_timezone), 'UTC') from slo_definitions where slo_id = {slo_id:String} and in_force_from <= toStartOfMinute({at:DateTime64(3, 'UTC')}) and (in_force_until is null or in_force_until > toStartOfMinute({at:DateTime64(3, 'UTC')}))) as zone,
                  toDate32(toTimeZone(toStartOfMinute({at:DateTime64(3, 'UTC')}), zone)) as day,
                  day - (toDayOfMonth(day) - 1) as month
                select arrayMap(first_day -> toUnixTimestamp64Milli(toDateTime64(first_day, 3, zone)), [day - (toDayOfWeek(day) - 1), month, addMonths(month, -((toMonth(day) - 1) % 3)), addMonths(month, -(toMonth(day) - 1))]) as starts
              ) as starts_of_periods,
              (starts_of_periods[1], starts_of_periods[2], starts_of_periods[3], starts_of_periods[4]) as starts_ms
          )
        )
        where from_ms < at_ms
      ) as frame
      left join
      (
        select toInt64(toUnixTimestamp(bucket)) * 1000 as quarter_ms, filled, starts, bads, totals
        from sli_buckets final
        where slo_id = {slo_id:String}
          and toStartOfHour(bucket) >= toDateTime(toDate({at:DateTime64(3, 'UTC')}) - (
          -- no window is longer
          select toUInt16(max(evenkeel_window_days(slo.window_rolling_days, slo.window_calendar)) + 1)
          from slo_facts as slo
          where slo.slo_id = {slo_id:String}
        ), 'UTC') and toStartOfHour(bucket) <= {at:DateTime64(3, 'UTC')}
      ) as stored on stored.quarter_ms = frame.quarter_ms
    )
  )
)
group by quarter_ms, rule
order by at, rule, evidence;
