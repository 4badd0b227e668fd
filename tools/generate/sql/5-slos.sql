insert into slo_facts (slo_id, service, objective, window_rolling_days, window_calendar, window_timezone, method, title, slice_seconds, slice_target, event_id, occurred_at, observed_at, source, content_sha256, inserted_at)
with
  (select (since_ms, until_ms) from generate_plan) as plan,
  definition.1 as at_ms,
  definition.2 as goal
select
  slo_id, service, goal,
  if(calendar, null, rolling_days), if(calendar, arrayElement(['month', 'quarter'], 1 + hash % 2), null), if(calendar, arrayElement(['UTC', 'Europe/Berlin', 'America/New_York'], 1 + hash % 3), null),
  method, concat(service, ' answers well'),
  if(method = 'occurrences', null, if(hash % 2 = 0, 60, 300)), if(method = 'timeslices', 0.99, null),
  generate_sha256((slo_id, definition)) as event_id, generate_instant(at_ms) as occurred_at, occurred_at, 'import', event_id, occurred_at
from generate_slos(first_slo = {first_slo:UInt32}, last_slo = {last_slo:UInt32}, first = {first:UInt32}, last = {last:UInt32}) as slo
-- every tenth was looser in the beginning
array join if(hash % 10 = 0, [(plan.1, 1 - 2 * (1 - objective)), (intDiv(plan.1 + plan.2, 2), objective)], [(plan.1, objective)]) as definition;
