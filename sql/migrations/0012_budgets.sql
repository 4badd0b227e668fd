-- Error budgets: definitions in force, corrections, budgets of SLOs.

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
  if(window_rolling_days is not null, concat('{"rolling_days":', toString(window_rolling_days), '}'), concat('{"calendar":', toJSONString(coalesce(toString(window_calendar), '')), ',"timezone":', toJSONString(coalesce(window_timezone, '')), '}')) as window,
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

-- slo_windows_at: the SLI windows that budgets and burn rates at an instant rest on: W and the 24 hours before it.
-- Parameters:
--   slo_ids Array(String): SLOs asked for; empty: all
--   at DateTime64(3, 'UTC'): instant of asking, cut to the minute
-- Columns:
--   slo_id: id of the SLO
--   window_start: start, UTC
--   bad: bad events
--   total: all events
--   corrected: a correction excludes it
--   window_ms: length of W, milliseconds
--   budget: 1 - objective
--   minimum_events: fewer events than this in a window: insufficient_data
create view slo_windows_at as
with
  toDateTime64(toStartOfMinute({at:DateTime64(3, 'UTC')}), 3, 'UTC') as at_minute,
  definitions as
  (
    select slo_id, toInt64(round(assumeNotNull(window_rolling_days) * 86400000)) as window_ms, round(1 - objective, 12) as budget, minimum_events
    from slo_definitions
    where (empty({slo_ids:Array(String)}) or slo_id in {slo_ids:Array(String)})
      and in_force_from <= at_minute and (in_force_until is null or in_force_until > at_minute)
      and not retired and method = 'occurrences' and window_rolling_days is not null
  )
select
  sli.slo_id as slo_id, sli.window_start as window_start, sli.bad as bad, sli.total as total,
  arrayExists(correction -> sli.window_start >= correction.1 and sli.window_start < correction.2, excluded.ranges) as corrected,
  definitions.window_ms as window_ms, definitions.budget as budget, definitions.minimum_events as minimum_events
from
(
  select slo_id, toDateTime64(bucket, 3, 'UTC') + toIntervalMillisecond(start) as window_start, one_bad as bad, one_total as total
  from sli_buckets final
  array join starts as start, bads as one_bad, totals as one_total
  where (empty({slo_ids:Array(String)}) or slo_id in {slo_ids:Array(String)})
    and bucket >= toDateTime(at_minute - toIntervalMillisecond((select max(window_ms) + 86400000 from definitions))) - 900 and bucket < at_minute
    and window_start >= at_minute - toIntervalMillisecond((select max(window_ms) + 86400000 from definitions)) and window_start < at_minute
) as sli
inner join definitions on definitions.slo_id = sli.slo_id
left join (select slo_id, groupArray((starts_at, ends_at)) as ranges from corrections group by slo_id) as excluded on excluded.slo_id = sli.slo_id
where sli.window_start >= at_minute - toIntervalMillisecond(definitions.window_ms + 86400000);

-- slo_budget: the error budget of each SLO at an instant. Retired SLOs have no row; calendar windows and slices are not computed yet and have none either.
-- Parameters:
--   slo_ids Array(String): SLOs asked for; empty: all
--   at DateTime64(3, 'UTC'): end of the window, cut to the minute
-- Columns:
--   slo_id: id of the SLO
--   service: service that it watches
--   objective: target ratio
--   window: the window as JSON
--   method: occurrences
--   good: good events in W, corrected ones left out
--   total: all events in W, corrected ones left out
--   sli: good / total, 0 to 1; null: no event
--   consumed: share of W's budget that is spent, never clamped; null: no event
--   consumed_so_far: of a rolling window the same
--   remaining: 1 - consumed
--   budget_minutes: length of W x (1 - objective), minutes
--   remaining_minutes: remaining x budget_minutes, minutes
--   raw_sli: SLI without corrections
--   raw_consumed: consumed without corrections
--   no_data_share: share of W's minutes that no window with events overlaps
--   exhausts_at: first minute with consumed >= 1 if the last 24 h repeat, UTC: it assumes that yesterday goes on; null: not within one W
--   state: ok, exhausted, no_data or insufficient_data
create view slo_budget as
with
  toDateTime64(toStartOfMinute({at:DateTime64(3, 'UTC')}), 3, 'UTC') as at_minute,
  toUnixTimestamp64Milli(at_minute) as at_ms,
  definitions as
  (
    select slo_id, service, objective, window, method, toInt64(round(assumeNotNull(window_rolling_days) * 86400000)) as window_ms, round(1 - objective, 12) as budget, minimum_events
    from slo_definitions
    where (empty({slo_ids:Array(String)}) or slo_id in {slo_ids:Array(String)})
      and in_force_from <= at_minute and (in_force_until is null or in_force_until > at_minute)
      and not retired and method = 'occurrences' and window_rolling_days is not null
  ),
  windows as
  (
    select
      *,
      toUnixTimestamp64Milli(window_start) as start_ms,
      start_ms >= at_ms - window_ms as in_window
    from slo_windows_at(slo_ids = {slo_ids:Array(String)}, at = {at:DateTime64(3, 'UTC')})
  ),
  summed as
  (
    select
      slo_id,
      sumIf(bad, in_window and not corrected) as bad_events,
      sumIf(total, in_window and not corrected) as events,
      sumIf(bad, in_window) as raw_bad_events,
      sumIf(total, in_window) as raw_events
    from windows
    group by slo_id
  ),
  filled as
  (
    select
      slo_id,
      sum(bitCount(bitAnd(bits, bitShiftLeft(toUInt32(1), toUInt8(greatest(0, least(15, at_minutes - first_minute)))) - bitShiftLeft(toUInt32(1), toUInt8(greatest(0, least(15, at_minutes - intDiv(window_ms, 60000) - first_minute))))))) as minutes,
      sum(bitCount(bitAnd(bits, bitShiftLeft(toUInt32(1), toUInt8(greatest(0, least(15, at_minutes - first_minute)))) - bitShiftLeft(toUInt32(1), toUInt8(greatest(0, least(15, at_minutes - 1440 - first_minute))))))) as last_day_minutes
    from
    (
      select sli.slo_id as slo_id, definitions.window_ms as window_ms, toUInt32(sli.filled) as bits, toInt64(intDiv(toUnixTimestamp(sli.bucket), 60)) as first_minute, intDiv(at_ms, 60000) as at_minutes
      from (select slo_id, bucket, filled from sli_buckets final where (empty({slo_ids:Array(String)}) or slo_id in {slo_ids:Array(String)}) and bucket < at_minute) as sli
      inner join definitions on definitions.slo_id = sli.slo_id
      where sli.filled != 0
    )
    group by slo_id
  ),
  steps as
  (
    -- at which minute which events enter or leave the window, if the last 24 h repeat
    select slo_id, any(budget) as budget, any(window_ms) as window_ms, step.1 as minute, sum(step.2) as bad_step, sum(step.3) as total_step
    from
    (
      select
        slo_id, budget, window_ms,
        arrayJoin(arrayConcat(
          [(intDiv(at_ms, 60000), bad, total), (intDiv(start_ms + window_ms, 60000) + 1, -bad, -total)],
          if(start_ms >= at_ms - 86400000 and total > 0,
            arrayMap(day -> (intDiv(start_ms + day * 86400000, 60000) + 1, bad, total), range(1, toUInt32(intDiv(window_ms + 86399999, 86400000)) + 1)),
            []))) as step
      from windows
      where in_window and not corrected
    )
    group by slo_id, minute
  ),
  forecast as
  (
    select slo_id, min(minute) as exhausted_minute
    from
    (
      select
        slo_id, minute, budget, window_ms,
        sum(bad_step) over (partition by slo_id order by minute) as bad_then,
        sum(total_step) over (partition by slo_id order by minute) as total_then
      from steps
    )
    where round(bad_then / total_then / budget, 9) >= 1 and total_then > 0 and minute * 60000 <= at_ms + window_ms
    group by slo_id
  ),
  yesterday as
  (
    select slo_id, sumIf(total, start_ms >= at_ms - 86400000 and not corrected) as events from windows group by slo_id
  )
select
  definition.slo_id as slo_id,
  definition.service as service,
  definition.objective as objective,
  definition.window as window,
  definition.method as method,
  summed.events - summed.bad_events as good,
  summed.events as total,
  if(summed.events > 0, good / total, null) as sli,
  if(summed.events > 0, summed.bad_events / summed.events / definition.budget, null) as consumed,
  consumed as consumed_so_far,
  1 - consumed as remaining,
  definition.window_ms / 60000 * definition.budget as budget_minutes,
  remaining * budget_minutes as remaining_minutes,
  if(summed.raw_events > 0, (summed.raw_events - summed.raw_bad_events) / summed.raw_events, null) as raw_sli,
  if(summed.raw_events > 0, summed.raw_bad_events / summed.raw_events / definition.budget, null) as raw_consumed,
  1 - filled.minutes / (definition.window_ms / 60000) as no_data_share,
  multiIf(
    round(coalesce(consumed, 0), 9) >= 1, at_minute,
    yesterday.events = 0 or forecast.exhausted_minute = 0, null,
    fromUnixTimestamp64Milli(toInt64(forecast.exhausted_minute) * 60000, 'UTC')) as exhausts_at,
  multiIf(
    consumed is null, 'no_data',
    total < definition.minimum_events or round(1 - filled.last_day_minutes / 1440, 9) > 0.5, 'insufficient_data',
    round(consumed, 9) >= 1, 'exhausted',
    'ok') as state
from definitions as definition
left join summed on summed.slo_id = definition.slo_id
left join filled on filled.slo_id = definition.slo_id
left join forecast on forecast.slo_id = definition.slo_id
left join yesterday on yesterday.slo_id = definition.slo_id
order by slo_id;

-- slo_list: the definition of each SLO in force, with its budget; null numbers where the budget is not computed.
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
--   good: good events in W, corrected ones left out
--   total: all events in W, corrected ones left out
--   sli: good / total, 0 to 1
--   consumed: share of W's budget that is spent, never clamped
--   consumed_so_far: of a rolling window the same
--   remaining: 1 - consumed
--   budget_minutes: length of W x (1 - objective), minutes
--   remaining_minutes: remaining x budget_minutes, minutes
--   raw_sli: SLI without corrections
--   raw_consumed: consumed without corrections
--   no_data_share: share of W's minutes that no window with events overlaps
--   exhausts_at: first minute with consumed >= 1 if the last 24 h repeat, UTC
--   state: ok, exhausted, no_data or insufficient_data; null: not computed
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
