-- What a deployment cost: the badness of the SLOs that watch it beyond what went on before it. Definitions: docs/definitions.md.
-- Costs of a range are computed when asked; those of a deployment are kept and recomputed for what changed. Every sum is a difference
-- of running sums of whole 1/2^64: exact, hence the same whatever the order and the number of threads.

-- evenkeel_without: what is left of a range when others are taken out, as (from, until).
-- Parameters:
--   from_ms: start of the range, milliseconds since 1970
--   until_ms: its end, exclusive
--   zones: the ranges to take out, as (from, until), in any order
create function evenkeel_without as (from_ms, until_ms, zones) ->
  arrayFilter(gap -> gap.1 < gap.2, if(empty(zones), [(from_ms, until_ms)], arrayFlatten(arrayMap(
    sorted -> arrayMap(
      (gap_until, number) -> (arrayMax(arrayConcat([from_ms], arraySlice(sorted.2, 1, number - 1))), gap_until),
      arrayConcat(sorted.1, [until_ms]), arrayEnumerate(arrayConcat(sorted.1, [until_ms]))),
    [arraySort(arrayFilter(zone -> zone.1 < zone.2 and zone.2 > from_ms and zone.1 < until_ms, zones))]))));

-- evenkeel_exact: a number as a whole count of 1/2^64, so that sums do not depend on their order; numbers beyond 1e50 count as 1e50.
-- Parameters:
--   number: finite, at least 0
create function evenkeel_exact as (number) -> toInt256(least(number, 1e50) * 18446744073709551616.);

-- evenkeel_inexact: such a count as a number again.
-- Parameters:
--   exact: the count
create function evenkeel_inexact as (exact) -> toFloat64(exact) / 18446744073709551616.;

-- evenkeel_sum: sum of one field of entries, as evenkeel_exact counts.
-- Parameters:
--   entries: the entries, tuples
--   field: position of the field
create function evenkeel_sum as (entries, field) -> arraySum(arrayMap(entry -> evenkeel_exact(tupleElement(entry, field)), entries));

-- evenkeel_unit: what an SLO counts, as (method, slice in milliseconds, slice target); events: ('occurrences', 1, 0).
-- Parameters:
--   method: method of its definition
--   slice_seconds: length of a slice, seconds
--   slice_target: ratio from which a slice is good
create function evenkeel_unit as (method, slice_seconds, slice_target) ->
  (toString(method), if(method = 'occurrences', 1, toInt64(slice_seconds) * 1000), if(method = 'timeslices', coalesce(slice_target, 0), 0));

-- evenkeel_listed: the texts of a JSON list; a view's parameter that another query fills cannot be an array.
-- Parameters:
--   list: the JSON text
create function evenkeel_listed as (list) -> JSONExtract(list, 'Array(String)');

-- evenkeel_excess: bad events beyond what was to be expected; 0 unless that is more than twice the noise.
-- Parameters:
--   bad: bad events
--   expected: bad events to be expected
--   total: all events
--   total_before: all events that the expectation rests on; 0: it rests on none
create function evenkeel_excess as (bad, expected, total, total_before) ->
  if(round(bad - expected, 9) > round(2 * sqrt(greatest(1, expected) * (1 + if(total_before > 0, total / total_before, 0))), 9), bad - expected, 0);

-- cost_rows: what each deployment cost in each SLO that watches it, what is ambiguous, and what is nobody's.
-- Parameters:
--   slos String: ids of the SLOs, a JSON list
--   since, until DateTime64(3, 'UTC'): the range [since, until)
-- Columns:
--   slo_id: id of the SLO
--   kind: attributed, ambiguous or background
--   deployment_id: the deployment; null: not one
--   service: its service; null: not one deployment
--   environment: its environment; null: not one deployment
--   team: its team in force
--   tier: tier of its environment in force
--   from_ms: start of its interval, milliseconds since 1970; 0: not one deployment
--   until_ms: end of its interval, exclusive, milliseconds since 1970
--   bad: bad events (slice methods: slices) that start in the range
--   expected_bad: bad events to be expected by what went on before; null: background
--   excess: bad events beyond that, 0 unless more than noise; background: all bad events that are in no other row's excess
--   share: of the budget of the window that ends with the interval; null: not one deployment, or nothing measured in that window
--   budget_minutes: the same in minutes
create view cost_rows as
with
  -- what of the SLIs can matter: intervals, as long before them, and the windows that end with them
  (
    select (min(2 * toUnixTimestamp64Milli(assumeNotNull(cost_from)) - toUnixTimestamp64Milli(assumeNotNull(cost_until))), min(toUnixTimestamp64Milli(assumeNotNull(cost_until))), max(toUnixTimestamp64Milli(assumeNotNull(cost_until))), count())
    from deployments_recomputed as recomputed final
    where service in (select slo.service from slo_definitions as slo where slo.slo_id in evenkeel_listed({slos:String}))
      and counted and cost_from < {until:DateTime64(3, 'UTC')} and (cost_until > {since:DateTime64(3, 'UTC')} or cost_until = cost_from and cost_from >= {since:DateTime64(3, 'UTC')})
  ) as reach,
  -- a calendar window is a year and a day at the most
  (select max(if(slo.window_rolling_days is null, 367, slo.window_rolling_days)) from slo_facts as slo where slo.slo_id in evenkeel_listed({slos:String})) as longest_window_days,
  toUnixTimestamp64Milli({since:DateTime64(3, 'UTC')}) as range_from_ms,
  toUnixTimestamp64Milli({until:DateTime64(3, 'UTC')}) as range_until_ms,
  greatest(0, if(reach.4 = 0, range_from_ms, least(range_from_ms, reach.1, reach.2 - toInt64(longest_window_days * 86400000) - 60000))) as read_from_ms,
  least(4294966000000, if(reach.4 = 0, range_until_ms, greatest(range_until_ms, reach.3))) as read_until_ms,
  intervals as
  (
    select
      slo_id, service, environment, deployment_id, version, team, tier, from_ms, until_ms, unit, budget, window_until_ms,
      if(empty(period), window_until_ms - rolling_ms, period[1]) as window_from_ms,
      if(empty(period), rolling_ms, period[2] - period[1]) as window_ms
    from
    (
      select
        definition.slo_id as slo_id, deployment.*,
        evenkeel_unit(definition.method, definition.slice_seconds, definition.slice_target) as unit,
        round(1 - definition.objective, 12) as budget,
        toInt64(round(coalesce(definition.window_rolling_days, 0) * 86400000)) as rolling_ms,
        if(definition.window_calendar is null, CAST([], 'Array(Int64)'), evenkeel_period(evenkeel_local_date(window_until_ms, coalesce(definition.window_timezone, 'UTC')), assumeNotNull(definition.window_calendar), coalesce(definition.window_timezone, 'UTC'))) as period
      from
      (
        select
          service, environment, deployment_id, coalesce(recomputed.version, '') as version, team, tier,
          toUnixTimestamp64Milli(assumeNotNull(cost_from)) as from_ms, toUnixTimestamp64Milli(assumeNotNull(cost_until)) as until_ms, intDiv(until_ms, 60000) * 60000 as window_until_ms
        from deployments_recomputed as recomputed final
        where service in (select slo.service from slo_definitions as slo where slo.slo_id in evenkeel_listed({slos:String}))
          and counted and cost_from < {until:DateTime64(3, 'UTC')} and (cost_until > {since:DateTime64(3, 'UTC')} or cost_until = cost_from and cost_from >= {since:DateTime64(3, 'UTC')})
      ) as deployment
      inner join
      (
        select *, toUnixTimestamp64Milli(in_force_from) as from_ms, toUnixTimestamp64Milli(coalesce(in_force_until, toDateTime64('2299-01-01 00:00:00', 3, 'UTC'))) as until_ms
        from slo_definitions as slo
        where slo.slo_id in evenkeel_listed({slos:String}) and not retired
      ) as definition on definition.service = deployment.service
      where (definition.environment = deployment.environment or definition.environment is null and deployment.tier = 'production')
        and definition.from_ms <= deployment.window_until_ms and definition.until_ms > deployment.window_until_ms
    )
  ),
  -- days (UTC) that something other than a window needs, or that a window or a correction cuts; of all others a window needs only all events
  (select groupUniqArray(toDate(intDiv(greatest(0, window_from_ms), 86400000))) from intervals) as window_days,
  (select groupUniqArrayArray([toDate(starts_at), toDate(ends_at)]) from corrections where slo_id in evenkeel_listed({slos:String})) as corrected_days,
  arrayDistinct(arrayConcat(
    arrayMap(number -> toDate(number), range(toUInt32(intDiv(greatest(0, if(reach.4 = 0, range_from_ms, least(range_from_ms, reach.1))), 86400000)), toUInt32(intDiv(read_until_ms, 86400000) + 1))),
    window_days, corrected_days)) as cut_days,
  numbered as
  (
    select *, row_number() over (partition by slo_id order by from_ms, service, environment, deployment_id) as number
    from intervals
  ),
  ranges as
  (
    -- the SLO's definition in force at the end of the range says how all of it is counted
    select
      slo_id,
      argMax(evenkeel_unit(method, slice_seconds, slice_target), in_force_from) as unit
    from slo_definitions
    where slo_id in evenkeel_listed({slos:String}) and in_force_from <= toStartOfMinute({until:DateTime64(3, 'UTC')})
    group by slo_id
  ),
  edges as
  (
    -- lanes: windows with a version that somebody deployed go to deployments of that version, those without one to any
    select slo_id, unit, edge.1 as lane, edge.2 as x, number, edge.3 as step,
      (service, environment, deployment_id, team, tier, from_ms, until_ms, budget, window_from_ms, window_until_ms, window_ms, if(unit.1 = 'occurrences', 0, unit.2)) as interval
    from numbered
    array join arrayConcat(
      [('own', from_ms, toInt8(0))],
      if(from_ms < until_ms, [('all', from_ms, toInt8(1)), ('all', until_ms, toInt8(-1))], []),
      if(from_ms < until_ms and version != '', [(concat('version ', version), from_ms, toInt8(1)), (concat('version ', version), until_ms, toInt8(-1))], [])) as edge
  ),
  spans as
  (
    select
      slo_id, unit, lane, x, number, interval,
      tupleElement(sumMap([number], [step]) over (partition by slo_id, unit, lane order by x range between unbounded preceding and current row), 1) as active,
      leadInFrame(x) over (partition by slo_id, unit, lane order by x rows between unbounded preceding and unbounded following) as next_x
    from edges
  ),
  pieces as
  (
    select slo_id, unit, lane, piece.1 as role, piece.2 as members, piece.3 as from_ms, piece.4 as until_ms, interval
    from spans
    array join if(lane = 'own',
      [('before', [number], interval.6 - (interval.7 - interval.6), interval.6), ('window', [number], interval.9, interval.10)],
      [('after', active, greatest(x, range_from_ms), least(next_x, range_until_ms))]) as piece
    where role != 'after' or notEmpty(members) and from_ms < until_ms
    union all
    select
      slo_id, unit, 'own', 'range', CAST([], 'Array(UInt64)'), range_from_ms, range_until_ms,
      ('', '', '', '', '', toInt64(0), toInt64(0), toFloat64(0), toInt64(0), toInt64(0), toInt64(0), toInt64(0))
    from ranges
  ),
  -- each piece without corrected time, and what goes before a deployment without incidents
  rested as
  (
    select slo_id, unit, lane, role, members, interval, evenkeel_without(from_ms, until_ms, zones) as rests
    from
    (
      select
        pieces.slo_id as slo_id, unit, lane, role, members, interval, from_ms, until_ms,
        if(role = 'before', arrayConcat(corrected.zones, arrayMap(span -> (span.2, span.3), arrayFilter(span -> span.1 = interval.2 or span.1 = '' and interval.5 = 'production', troubled.spans))), corrected.zones) as zones
      from pieces
      left join
      (
        select slo_id, groupArray((toUnixTimestamp64Milli(starts_at), toUnixTimestamp64Milli(ends_at))) as zones from corrections group by slo_id
      ) as corrected on corrected.slo_id = pieces.slo_id
      left join
      (
        select coalesce(service, '') as service, groupArray((coalesce(environment, ''), toUnixTimestamp64Milli(opened_at), coalesce(toUnixTimestamp64Milli(restored_at), 9223372036854775807))) as spans
        from incidents
        where not cancelled and incident_id in
        (
          -- without those that were over before, whose reports are old and say so
          select incident_id
          from incident_facts
          where incident_id in (select incident_id from incident_mentions where service in (select slo.service from slo_definitions as slo where slo.slo_id in evenkeel_listed({slos:String})))
          group by incident_id
          having max(occurred_at) >= fromUnixTimestamp64Milli(greatest(0, assumeNotNull(reach.1)), 'UTC') or countIf(transition in ('mitigated', 'resolved')) = 0 or countIf(transition = 'reopened') > 0
        )
        group by service
      ) as troubled on troubled.service = interval.1
    )
  ),
  -- as readings of running sums: added at the end of a range, taken off at its start
  readings as
  (
    select slo_id, unit, role, members, interval, reading.1 as at_ms, reading.2 as reading_lane, reading.3 as weight
    from rested
    array join arrayConcat(
      -- what corrections and incidents leave nothing of is there all the same
      if(role in ('before', 'range'), [(if(role = 'before', interval.6, range_from_ms), 'all', toInt8(0))], []),
      if(lane in ('own', 'all'), arrayConcat(arrayMap(rest -> (rest.2, 'all', toInt8(1)), rests), arrayMap(rest -> (rest.1, 'all', toInt8(-1)), rests)), []),
      if(lane = 'all', arrayConcat(arrayMap(rest -> (rest.2, 'labelled', toInt8(-1)), rests), arrayMap(rest -> (rest.1, 'labelled', toInt8(1)), rests)), []),
      if(lane not in ('own', 'all'), arrayConcat(arrayMap(rest -> (rest.2, lane, toInt8(1)), rests), arrayMap(rest -> (rest.1, lane, toInt8(-1)), rests)), [])) as reading
  ),
  units as (select distinct slo_id, evenkeel_unit(method, slice_seconds, slice_target) as unit from slo_definitions where slo_id in evenkeel_listed({slos:String})),
  -- the quarter-hours as the definitions of their SLO count them: entries (start, version, bad, total) of events, or of slices, split by bad and all events
  quarters as
  (
    select
      sli.slo_id as slo_id, sli.bucket_ms as bucket_ms, units.unit as unit, sli.events as events, sli.bad as bad, sli.total as total,
      if(units.unit.1 = 'occurrences', [], arrayMap(event -> event.1 - event.1 % units.unit.2, sli.events)) as starts,
      arrayDistinct(starts) as slice_starts
    from
    (
      select slo_id, bad, total, toInt64(toUnixTimestamp(bucket)) * 1000 as bucket_ms, arrayMap((start, version, bad_events, all_events) -> (bucket_ms + start, version, bad_events, all_events), starts, versions, bads, totals) as events
      from sli_buckets final
      where slo_id in evenkeel_listed({slos:String}) and notEmpty(starts)
        and toStartOfHour(bucket) in (select toDateTime(arrayJoin(cut_days), 'UTC') + 3600 * arrayJoin(range(24)))
    ) as sli
    inner join units on units.slo_id = sli.slo_id
  ),
  sliced as
  (
    select
      slo_id, unit, bucket_ms, bad, total,
      if(unit.1 = 'occurrences', events,
        arrayMap(
          (event, slice) -> (
            slice.1,
            event.2,
            multiIf(
              unit.1 = 'ratio_timeslices', event.3 / slice.3,
              round((slice.3 - slice.2) / slice.3, 9) >= round(unit.3, 9), 0,
              event.3 / slice.2),
            event.4 / slice.3),
          events, arrayMap(start -> slices[indexOf(slice_starts, start)], starts))) as entries
    from
    (
      select *, arrayMap(start -> (start, arraySum((its_start, event) -> if(its_start = start, event.3, 0), starts, events), arraySum((its_start, event) -> if(its_start = start, event.4, 0), starts, events)), slice_starts) as slices
      from quarters
    )
  ),
  laned as
  (
    select slo_id, unit, bucket_ms, bad, total, entries, labels,
      arrayJoin(if(empty(labels), ['all'], arrayConcat(['all', 'labelled'], arrayMap(label -> concat('version ', label), labels)))) as lane
    from
    (
      select *, arrayFilter(label -> label != '', arrayDistinct(arrayMap(entry -> entry.2, entries))) as labels
      from sliced
    )
  ),
  running as
  (
    select
      slo_id, unit, lane, bucket_ms, entries, own_bad, own_total,
      sum(own_bad) over earlier as bad,
      sum(own_total) over earlier as total
    from
    (
      select slo_id, unit, lane, bucket_ms,
        -- events of all versions are there as a sum
        if(lane = 'all' and unit.1 = 'occurrences', evenkeel_exact(laned.bad), evenkeel_sum(entries, 3)) as own_bad,
        if(lane = 'all' and unit.1 = 'occurrences', evenkeel_exact(laned.total), evenkeel_sum(entries, 4)) as own_total,
        multiIf(lane = 'all', laned.entries, lane = 'labelled', arrayFilter(entry -> entry.2 != '', laned.entries), arrayFilter(entry -> concat('version ', entry.2) = lane, laned.entries)) as entries
      from laned
      union all
      select
        slo_id, units.unit, 'all', toInt64(toUInt32(day)) * 86400000,
        -- no window asks for it
        toInt256(0),
        evenkeel_exact(multiIf(units.unit.1 = 'occurrences', total, units.unit.2 = 60000, toFloat64(minutes), toFloat64(fives))),
        []
      from
      (
        select slo_id, day, total, minutes, fives
        from sli_days final
        where slo_id in evenkeel_listed({slos:String}) and toStartOfMonth(day) >= toStartOfMonth(toDate(intDiv(read_from_ms, 86400000))) and day >= toDate(intDiv(read_from_ms, 86400000)) and day < toDate(intDiv(read_until_ms, 86400000))
          and not has(cut_days, day)
      ) as whole_day
      inner join units on units.slo_id = whole_day.slo_id
    )
    window earlier as (partition by slo_id, unit, lane order by bucket_ms rows between unbounded preceding and current row)
  ),
  read as
  (
    select slo_id, role, members, interval, weight,
      found.bad - if(later_all, own_bad, evenkeel_sum(later, 3)) as bad,
      found.total - if(later_all, own_total, evenkeel_sum(later, 4)) as total
    from
    (
      select
        readings.slo_id as slo_id, readings.role as role, readings.members as members, readings.interval as interval, readings.weight as weight,
        running.bad as bad, running.total as total, running.own_bad as own_bad, running.own_total as own_total,
        arrayFilter(entry -> entry.1 >= readings.at_ms, running.entries) as later,
        -- taken off as it was added, so that nothing is left of nothing
        length(later) = length(running.entries) as later_all
      from readings
      asof left join running on running.slo_id = readings.slo_id and running.unit = readings.unit and running.lane = readings.reading_lane and running.bucket_ms <= readings.at_ms
    ) as found
  ),
  priced as
  (
    select
      slo_id, members, interval, bad, total, total_before, baseline, excess,
      multiIf(
        total_in_window = 0, null,
        interval.12 > 0, excess * interval.12 / interval.11 / interval.8,
        excess / total_in_window / interval.8 * ((interval.10 - interval.9) / interval.11)) as share,
      interval.11 / 60000 * interval.8 as window_budget
    from
    (
      select *, evenkeel_excess(bad, total * baseline, total, total_before) as excess
      from
      (
        select
          slo_id, members, interval,
          evenkeel_inexact(part.bad) as bad, evenkeel_inexact(part.total) as total, evenkeel_inexact(part.total_before) as total_before, evenkeel_inexact(part.total_in_window) as total_in_window,
          if(part.total_before = 0, interval.8, evenkeel_inexact(part.bad_before) / total_before) as baseline
        from (
          select
            slo_id, members,
            anyIf(read.interval, role = 'before') as interval,
            sumIf(read.bad * weight, role in ('after', 'range')) as bad,
            sumIf(read.total * weight, role in ('after', 'range')) as total,
            sumIf(read.bad * weight, role = 'before') as bad_before,
            sumIf(read.total * weight, role = 'before') as total_before,
            sumIf(read.total * weight, role = 'window') as total_in_window
          from read
          group by slo_id, members
        ) as part
      )
    )
  )
select
  slo_id,
  row.1 as kind, row.2 as deployment_id, row.3 as service, row.4 as environment, row.5 as team, row.6 as tier, row.7 as from_ms, row.13 as until_ms,
  round(row.8, 9) as bad, round(row.9, 9) as expected_bad, round(row.10, 9) as excess, round(row.11, 9) as share, round(row.12, 9) as budget_minutes
from
(
  select
    slo_id,
    arrayJoin(arrayConcat(
      arrayMap(single -> ('attributed', toNullable(single.2.3), toNullable(single.2.1), toNullable(single.2.2), single.2.4, single.2.5, single.2.6, single.3, toNullable(single.4), toNullable(single.5), single.6, single.7, single.2.7), singles),
      [
        ('ambiguous', null, null, null, '', '', 0, shared_bad, toNullable(arraySum(group -> group.2, shared)), toNullable(shared_excess), null, null, 0),
        ('background', null, null, null, '', '', 0, bad - arraySum(single -> single.3, singles) - shared_bad, null, toNullable(bad - arraySum(single -> single.5, singles) - shared_excess), null, null, 0)
      ])) as row
  from
  (
    select slo_id, bad, singles, shared, arraySum(group -> group.1, shared) as shared_bad, arraySum(group -> group.3, shared) as shared_excess
    from
    (
      select slo_id, bad, singles,
        arraySort(arrayMap(group -> (group.1, group.2 * group.3.1, evenkeel_excess(group.1, group.2 * group.3.1, group.2, -group.3.2)), lowest)) as shared
      from
      (
        -- the least of their baselines; of equal ones that on most events
        select slo_id, bad, singles, arrayMap(group -> (group.2, group.3, arrayMin(arrayMap(member -> (singles[member].8, -singles[member].9), group.1))), groups) as lowest
        from
        (
          select
            slo_id,
            sumIf(priced.bad, empty(members)) as bad,
            arraySort(groupArrayIf((members[1], interval, priced.bad, total * baseline, excess, share, share * window_budget, baseline, total_before), length(members) = 1)) as singles,
            groupArrayIf((members, priced.bad, total), length(members) > 1) as groups
          from priced
          group by slo_id
        )
      )
    )
  )
);

-- attribution: what each deployment of a range cost in each SLO that watches it; and of each SLO what is ambiguous and what is nobody's.
-- Parameters:
--   services Array(String): services asked for; empty: all
--   team String: team asked for; empty: any
--   scope String: tier:<name>, or environment:<name>
--   slo_ids Array(String): SLOs asked for; empty: all
--   since, until DateTime64(3, 'UTC'): the range [since, until)
-- Columns:
--   deployment_id: the deployment; null: an ambiguous or background row
--   service: the deployed service; of the other rows the SLO's
--   environment: where it was deployed to; of the other rows the SLO's, null: all of tier production
--   slo_id: id of the SLO
--   kind: attributed, ambiguous (of several deployments) or background (of none)
--   bad: bad events (slice methods: slices) that start in the range; over the rows of an SLO they add up to all its bad events
--   expected_bad: bad events to be expected by what went on before; null: background
--   excess: bad events beyond that, 0 unless more than noise; background: the rest, so that this adds up to all bad events, too
--   share: of the budget of the window that ends with the deployment's interval; null: ambiguous, background, or nothing measured in that window
--   budget_minutes: the same in minutes
create view attribution as
with
  (
    select toJSONString(groupUniqArray(slo_id))
    from slo_definitions
    where (empty({slo_ids:Array(String)}) or slo_id in {slo_ids:Array(String)}) and (empty({services:Array(String)}) or service in {services:Array(String)})
      and ({team:String} = '' or service in (select service from service_history where arrayExists(entry -> entry.3 = {team:String}, teams)))
  ) as asked_slos
select
  costs.deployment_id as deployment_id,
  coalesce(costs.service, asked.service) as service,
  if(kind = 'attributed', costs.environment, asked.environment) as environment,
  slo_id, kind, bad, expected_bad, assumeNotNull(excess) as excess, share, budget_minutes
from cost_rows(
  slos = assumeNotNull(asked_slos),
  since = {since:DateTime64(3, 'UTC')}, until = {until:DateTime64(3, 'UTC')}) as costs
left join
(
  select slo_id, service, environment, in_force, evenkeel_in_force(history.teams, judged_at, '') as team,
    if(environment is null, 'production', if(mapContains(tiers, assumeNotNull(environment)), tiers[assumeNotNull(environment)], assumeNotNull(environment))) as tier,
    evenkeel_in_force(history.tiers, judged_at, CAST(map(), 'Map(String, String)')) as tiers
  from
  (
    select slo_id, latest.1 as service, latest.2 as environment, in_force, toDateTime64(toStartOfMinute({until:DateTime64(3, 'UTC')}), 3, 'UTC') as judged_at
    from
    (
      select
        slo_id,
        argMaxIf((slo.service, slo.environment), in_force_from, in_force_from <= toStartOfMinute({until:DateTime64(3, 'UTC')})) as latest,
        max(not retired and in_force_from < {until:DateTime64(3, 'UTC')} and coalesce(in_force_until > {since:DateTime64(3, 'UTC')}, true)) as in_force
      from slo_definitions as slo
      group by slo_id
    )
  ) as judged
  left join service_history as history on history.service = judged.service
) as asked on asked.slo_id = costs.slo_id
where if(kind = 'attributed', costs.from_ms < costs.until_ms, asked.in_force)
  and (empty({services:Array(String)}) or coalesce(costs.service, asked.service) in {services:Array(String)})
  and ({team:String} = '' or if(kind = 'attributed', costs.team, asked.team) = {team:String})
  and (concat('tier:', if(kind = 'attributed', costs.tier, asked.tier)) = {scope:String} or concat('environment:', coalesce(if(kind = 'attributed', costs.environment, asked.environment), '')) = {scope:String})
order by slo_id, transform(kind, ['attributed', 'ambiguous', 'background'], [1, 2, 3], 4), service, environment, deployment_id;

-- Costs by deployment are kept: who lists deployments cannot wait for them. What may change a cost leaves a mark on its days, after it
-- is stored: a quarter-hour of an SLO, a deployment, an incident, a correction, a definition. What has no SLO needs none, because a
-- definition marks all days. cost_batch takes marks, cost_targets turns
-- them into SLOs and a range, recompute_costs writes the costs that differ and, in the same part, which marks it took; once that is
-- stored, settle_cost_marks subtracts them. So a kill anywhere only means that it is done again.

create table cost_marks
(
  entity LowCardinality(String) comment 'what was touched: slo, service, incident, correction',
  key String comment 'its id; the service',
  from_day Date32 comment 'first day (UTC) on which costs may change; of an incident or a correction its facts say it',
  until_day Date32 comment 'last such day',
  pending Int64 comment 'random; dirty while the sum is not 0'
)
engine = SummingMergeTree(pending)
order by (entity, key, from_day, until_day)
settings non_replicated_deduplication_window = 10000
comment 'What was touched and the costs of deployments do not yet hold';

create table deployment_costs_recomputed
(
  service LowCardinality(String) comment 'the deployed service; empty: the row that says which batch was done last',
  environment LowCardinality(String) comment 'where it was deployed to',
  deployment_id String comment 'the deployment',
  slo_id LowCardinality(String) comment 'id of the SLO',
  revision UInt64 comment 'greater is newer',
  digest UInt64 comment 'hash of the row; a row is written only when it differs',
  watched Bool comment 'false: the SLO does not watch it any more, or it does not count',
  from_ms Int64 comment 'start of its interval, milliseconds since 1970',
  until_ms Int64 comment 'end of its interval, exclusive, milliseconds since 1970',
  bad Float64 comment 'bad events (slice methods: slices) of its interval that can be of no other deployment',
  expected_bad Float64 comment 'bad events to be expected by what went on before',
  excess Float64 comment 'bad events beyond that, 0 unless more than noise',
  share Nullable(Float64) comment 'of the budget of the window that ends with its interval; null: nothing measured in that window',
  budget_minutes Nullable(Float64) comment 'the same in minutes',
  settled Array(Tuple(entity LowCardinality(String), key String, from_day Date32, until_day Date32, seen Int64)) comment 'of the row that says which batch was done last: the marks that it took'
)
engine = ReplacingMergeTree(revision)
order by (service, environment, deployment_id, slo_id)
comment 'What each deployment cost in each SLO that watches it; read the view deployment_costs';

create table cost_recompute_limits
(
  id UInt8 default 0 comment '0: as it was set; 1: what batches that did not bear it have narrowed it to',
  days_per_refresh UInt32 comment 'what a batch takes at the most: its keys times the days that they span together, at most 2001; the first key is always taken',
  changed_at DateTime64(3, 'UTC') default now64(3) comment 'when it was set, UTC'
)
engine = ReplacingMergeTree(changed_at)
order by id
comment 'Bounds of one recompute of costs';

insert into cost_recompute_limits (days_per_refresh) values (250);

create materialized view mark_cost_of_slis to cost_marks
comment 'A day of an SLO that is added up anew marks itself: its quarter-hours are there by then' as
select 'slo' as entity, slo_id as key, toDate32(day) as from_day, from_day as until_day, sum(reinterpretAsInt64(rand64())) as pending
from sli_days
where slo_id in (select slo_id from slo_facts)
group by key, from_day;

create materialized view mark_cost_of_deployments to cost_marks
comment 'A deployment whose interval is new or another marks the days of both, month by month' as
select
  'service' as entity, service as key,
  toDate32(min(least(cost_from, replaced_cost_from))) as from_day, toDate32(max(greatest(cost_until, replaced_cost_until))) as until_day,
  sum(reinterpretAsInt64(rand64())) as pending
from deployments_recomputed
where (cost_from is not null or replaced_cost_from is not null) and service in (select slo.service from slo_facts as slo)
group by service, toYYYYMM(coalesce(cost_from, replaced_cost_from));

create materialized view mark_cost_of_incidents to cost_marks
comment 'An incident marks itself' as
select 'incident' as entity, incident_id as key, toDate32(0) as from_day, toDate32(0) as until_day, sum(reinterpretAsInt64(rand64())) as pending
from incident_facts
where service is null or service in (select slo.service from slo_facts as slo)
group by incident_id;

create materialized view mark_cost_of_corrections to cost_marks
comment 'A correction marks itself' as
select 'correction' as entity, correction_id as key, toDate32(0) as from_day, toDate32(0) as until_day, sum(reinterpretAsInt64(rand64())) as pending
from correction_facts
group by correction_id;

create materialized view mark_cost_of_definitions to cost_marks
comment 'A definition marks all days of its SLO' as
select 'slo' as entity, slo_id as key, toDate32(0) as from_day, toDate32('2299-01-01') as until_day, sum(reinterpretAsInt64(rand64())) as pending
from slo_facts
group by slo_id;

create materialized view cost_batch refresh every 100 year settings refresh_retries = 0
(
  batch UInt64 comment 'random id of the batch',
  entity LowCardinality(String) comment 'as cost_marks has it',
  key String comment 'as cost_marks has it',
  from_day Date32 comment 'as cost_marks has it',
  until_day Date32 comment 'as cost_marks has it',
  seen Int64 comment 'sum of its marks when the batch was taken'
)
engine = Memory
empty
comment 'The marks that the recompute of costs at hand takes, the newest days first' as
with (select rand64()) as batch
select batch, entity, key, mark.1 as from_day, mark.2 as until_day, mark.3 as seen
from
(
  select *, row_number() over ahead as number, min(first_day) over ahead as since, max(last_day) over ahead as until
  from
  (
    select entity, key, min(from_day) as first_day, max(until_day) as last_day, groupArray((from_day, until_day, seen)) as key_marks
    from
    (
      select entity, key, from_day, until_day, sum(mark.pending) as seen
      from cost_marks as mark
      group by entity, key, from_day, until_day
      having seen != 0
    )
    group by entity, key, toRelativeQuarterNum(until_day)
  )
  window ahead as (order by last_day desc, first_day desc, entity, key rows between unbounded preceding and current row)
)
array join key_marks as mark
-- the marks of a key that end in one quarter of the year together, and so many that memory bears the deployments of all of them on all days between: but always one
where number = 1 or number * (least(toInt32(until) - toInt32(since), 2000) + 1) <= (select min(days_per_refresh) from cost_recompute_limits final);

create materialized view cost_targets refresh every 100 year settings refresh_retries = 0
(
  batch UInt64 comment 'the batch',
  slo_id String comment 'id of an SLO; empty: the row that carries the batch',
  from_day Date32 comment 'first day (UTC) on which its costs may change',
  until_day Date32 comment 'last such day'
)
engine = Memory
empty
comment 'The SLOs whose costs the marks of the batch may change' as
select (select any(batch) from cost_batch) as batch, slo_id, min(target.from_day) as from_day, max(target.until_day) as until_day
from
(
  select key as slo_id, from_day, until_day from cost_batch where entity = 'slo'
  union all
  select definition.slo_id, touched.from_day, touched.until_day
  from
  (
    select key as service, from_day, until_day from cost_batch where entity = 'service'
    union all
    -- every service that the incident ever had, from the earliest instant at which it may have opened
    select assumeNotNull(fact.service), min(toDate32(least(occurred_at, opened_at))), toDate32('2299-01-01')
    from incident_facts as fact
    where incident_id in (select key from cost_batch where entity = 'incident') and fact.service is not null
    group by incident_id, fact.service
  ) as touched
  inner join slo_facts as definition on definition.service = touched.service
  union all
  select slo_id, toDate32(starts_at), toDate32(ends_at)
  from correction_facts
  where correction_id in (select key from cost_batch where entity = 'correction')
) as target
where slo_id in (select slo_id from slo_facts)
group by slo_id
union all
select any(cost_batch.batch), '', toDate32(0), toDate32(0) from cost_batch;

create materialized view recompute_costs refresh every 100 year settings refresh_retries = 0 append to deployment_costs_recomputed
empty
comment 'Writes the costs of the batch''s SLOs and days that differ from what is stored, and which batch that was' as
with
  (select (any(batch), groupArray((entity, key, from_day, until_day, seen))) from cost_batch) as taken,
  (select (max(revision), argMax(digest, revision)) from deployment_costs_recomputed where service = '') as done,
  (
    select (any(batch), toJSONString(groupUniqArrayIf(slo_id, slo_id != '')), toInt64(toInt32(minIf(from_day, slo_id != ''))) * 86400000, toInt64(toInt32(maxIf(until_day, slo_id != '')) + 1) * 86400000)
    from cost_targets
  ) as target,
  -- a calendar window is a year and a day at the most
  (select toInt64(max(if(slo.window_rolling_days is null, 367, slo.window_rolling_days)) * 86400000) from slo_facts as slo where slo.slo_id in (select slo_id from cost_targets)) as longest_window_ms,
  -- the intervals that the days touch, or what went before them, or the windows that end with them
  (
    select (min(cost_from), max(cost_until))
    from deployments_recomputed final
    where service in (select slo.service from slo_facts as slo where slo.slo_id in (select slo_id from cost_targets)) and counted
      and toUnixTimestamp64Milli(assumeNotNull(cost_until)) >= target.3
      and 2 * toUnixTimestamp64Milli(assumeNotNull(cost_from)) - toUnixTimestamp64Milli(assumeNotNull(cost_until)) < target.4 + longest_window_ms
  ) as span,
  coalesce(span.1, toDateTime64(0, 3, 'UTC')) as span_start,
  coalesce(span.2, span_start) + toIntervalMillisecond(1) as span_end
select
  service, environment, deployment_id, slo_id,
  stored_revision + 1 as revision, new_digest as digest, computed as watched,
  if(computed, new_row, stored_row).1 as from_ms, if(computed, new_row, stored_row).2 as until_ms,
  new_row.3 as bad, new_row.4 as expected_bad, new_row.5 as excess, new_row.6 as share, new_row.7 as budget_minutes,
  CAST([], 'Array(Tuple(entity LowCardinality(String), key String, from_day Date32, until_day Date32, seen Int64))') as settled
from
(
  select
    service, environment, deployment_id, slo_id,
    max(part.is_computed) as computed, anyIf(part.digest, part.is_computed) as new_digest, anyIf(part.row, part.is_computed) as new_row,
    max(part.revision) as stored_revision, anyIf(part.digest, part.watched) as stored_digest, max(part.watched) as stored_watched, anyIf(part.row, part.watched) as stored_row
  from
  (
    select
      assumeNotNull(cost.service) as service, assumeNotNull(cost.environment) as environment, assumeNotNull(cost.deployment_id) as deployment_id, slo_id,
      true as is_computed, false as watched, toUInt64(0) as revision,
      (from_ms, until_ms, bad, assumeNotNull(cost.expected_bad), assumeNotNull(cost.excess), share, budget_minutes) as row,
      sipHash64(toString(row)) as digest
    from cost_rows(slos = assumeNotNull(target.2), since = span_start, until = span_end) as cost
    where kind = 'attributed'
    union all
    select service, environment, deployment_id, slo_id, false, watched, revision, (from_ms, until_ms, bad, expected_bad, excess, share, budget_minutes), digest
    from deployment_costs_recomputed final
    where slo_id in (select slo_id from cost_targets where slo_id != '')
  ) as part
  group by service, environment, deployment_id, slo_id
)
where if(computed, new_row, stored_row).2 >= target.3
  and 2 * if(computed, new_row, stored_row).1 - if(computed, new_row, stored_row).2 < target.4 + longest_window_ms
  and (stored_watched != computed or stored_watched and stored_digest != new_digest)
  and taken.1 = target.1
union all
select '', '', '', '', done.1 + 1, taken.1, false, 0, 0, 0, 0, 0, null, null, taken.2
from system.one
where taken.1 = target.1 and taken.1 != done.2
settings min_insert_block_size_rows = 100000000, min_insert_block_size_bytes = 0, max_insert_threads = 1, wait_for_part_commit_in_dependent_materialized_views = 1;

create materialized view skip_costs refresh every 100 year settings refresh_retries = 0 append to deployment_costs_recomputed
empty
comment 'Writes that a batch was done whose marks concern no SLO' as
with
  (select (any(batch), groupArray((entity, key, from_day, until_day, seen))) from cost_batch) as taken,
  (select (max(revision), argMax(digest, revision)) from deployment_costs_recomputed where service = '') as done
select
  '' as service, '' as environment, '' as deployment_id, '' as slo_id, done.1 + 1 as revision, taken.1 as digest, taken.2 as settled
from cost_targets
where slo_id = '' and batch = taken.1 and taken.1 != done.2 and (select count() from cost_targets) = 1
settings wait_for_part_commit_in_dependent_materialized_views = 1;

create materialized view settle_cost_marks to cost_marks
comment 'What is stored is no longer dirty; runs after the part that holds it was committed' as
select mark.entity as entity, mark.key as key, mark.from_day as from_day, mark.until_day as until_day, -mark.seen as pending
from deployment_costs_recomputed
array join settled as mark;

-- deployment_costs: what one deployment cost in each SLO that watches it.
-- Parameters:
--   service String: the service
--   environment String: the environment
--   deployment_id String: the deployment
-- Columns:
--   deployment_id: the deployment
--   service: the deployed service
--   environment: where it was deployed to
--   slo_id: id of the SLO
--   kind: attributed
--   bad: bad events (slice methods: slices) of its interval that can be of no other deployment
--   expected_bad: bad events to be expected by what went on before
--   excess: bad events beyond that, 0 unless more than noise
--   share: of the budget of the window that ends with its interval; null: nothing measured in that window
--   budget_minutes: the same in minutes
create view deployment_costs as
select deployment_id, service, environment, slo_id, 'attributed' as kind, bad, expected_bad, excess, share, budget_minutes
from deployment_costs_recomputed final
where watched and service = {service:String} and environment = {environment:String} and deployment_id = {deployment_id:String}
order by slo_id;

-- deployment_budgets: what some deployments cost, of those that an SLO watches.
-- Parameters:
--   services Array(String): their services
--   environments Array(String): their environments, in the same order
--   deployment_ids Array(String): their ids, in the same order
-- Columns:
--   service: the deployed service
--   environment: where it was deployed to
--   deployment_id: the deployment
--   budget_minutes: error budget that it cost, of the SLO where that is most, minutes; null: not measured
create view deployment_budgets as
select service, environment, deployment_id, max(cost.budget_minutes) as budget_minutes
from deployment_costs_recomputed as cost final
where watched and (service, environment, deployment_id) in (select arrayJoin(arrayZip({services:Array(String)}, {environments:Array(String)}, {deployment_ids:Array(String)})))
group by service, environment, deployment_id;

-- deployment_rows: the deployments of a range, without what they cost: for who asks deployment_budgets about those of one page.
-- Parameters:
--   services Array(String): services asked for; empty: all
--   team String: team asked for; empty: any
--   scope String: tier:<name>, or environment:<name>
--   since, until DateTime64(3, 'UTC'): the range [since, until)
-- Columns:
--   deployment_id: the deployment, unique within service and environment
--   service: the deployed service
--   environment: where it was deployed to
--   action: deploy, rollback or hotfix
--   version: version deployed
--   commit: commit deployed (SHA)
--   started_at: when it started, UTC
--   finished_at: when it finished, UTC; null: not finished
--   outcome: succeeded, failed or cancelled; null: not finished
--   counted: a counted deployment
--   detected: a deploy of an earlier version, hence a rollback
--   failed: it failed, by the first rule that matches
--   reverted: a successful rollback to an earlier version took it along
--   failure_reasons: every match of every rule, by time and id
--   rolled_back_by: first successful rollback that targets or reverts it
--   restored_at: when service was restored after its failure, UTC
--   changes: changes that it carried
--   rework: a counted hotfix, or a counted deployment that fixes an incident or a deployment
--   at: finished_at, else started_at, UTC
create view deployment_rows as
select
  deployment_id, service, environment, action, version, commit, started_at, finished_at, outcome, counted, detected, failed, reverted,
  failure_reasons, rolled_back_by, restored_at, changes, rework, at
from deployments
where (empty({services:Array(String)}) or service in {services:Array(String)})
  and ({team:String} = '' or team = {team:String})
  and (concat('tier:', tier) = {scope:String} or concat('environment:', environment) = {scope:String})
  and at >= {since:DateTime64(3, 'UTC')} and at < {until:DateTime64(3, 'UTC')};

-- deployment_list: the deployments of a range, by finish (unfinished ones by start).
-- Parameters:
--   services Array(String): services asked for; empty: all
--   team String: team asked for; empty: any
--   scope String: tier:<name>, or environment:<name>
--   since, until DateTime64(3, 'UTC'): the range [since, until)
-- Columns:
--   deployment_id: the deployment, unique within service and environment
--   service: the deployed service
--   environment: where it was deployed to
--   action: deploy, rollback or hotfix
--   version: version deployed
--   commit: commit deployed (SHA)
--   started_at: when it started, UTC
--   finished_at: when it finished, UTC; null: not finished
--   outcome: succeeded, failed or cancelled; null: not finished
--   counted: a counted deployment
--   detected: a deploy of an earlier version, hence a rollback
--   failed: it failed, by the first rule that matches
--   reverted: a successful rollback to an earlier version took it along
--   failure_reasons: every match of every rule, by time and id
--   rolled_back_by: first successful rollback that targets or reverts it
--   restored_at: when service was restored after its failure, UTC
--   changes: changes that it carried
--   rework: a counted hotfix, or a counted deployment that fixes an incident or a deployment
--   budget_minutes: error budget that it cost, minutes; null: not measured
--   at: finished_at, else started_at, UTC
create view deployment_list as
select
  deployment_id, service, environment, action, version, commit, started_at, finished_at, outcome, counted, detected, failed, reverted,
  failure_reasons, rolled_back_by, restored_at, changes, rework, costs.budget_minutes as budget_minutes, at
from deployment_rows(services = {services:Array(String)}, team = {team:String}, scope = {scope:String}, since = {since:DateTime64(3, 'UTC')}, until = {until:DateTime64(3, 'UTC')}) as listed
left join
(
  select service, environment, deployment_id, max(cost.budget_minutes) as budget_minutes
  from deployment_costs_recomputed as cost final
  where watched and (empty({services:Array(String)}) or service in {services:Array(String)})
  group by service, environment, deployment_id
) as costs on costs.service = listed.service and costs.environment = listed.environment and costs.deployment_id = listed.deployment_id;
