-- Entities: merges of facts by their natural key, as docs/definitions.md has them. Each takes one row an event_id first.

-- evenkeel_in_force: the value in force at an instant, of a history sorted by (instant, event id); before the first instant what came at it.
-- Parameters:
--   history: the setting's values as (from, event id, value), in this order
--   at: the instant that is judged
--   fallback: the value where there is no history
create or replace function evenkeel_in_force as (history, at, fallback) ->
  if(empty(history), fallback, arrayLast(entry -> entry.1 <= greatest(at, history[1].1), history).3);

-- service_history: which settings were in force when; each list is sorted by (instant, event id).
-- Columns:
--   service: the service
--   teams: owning team, as (from, event id, team)
--   tiers: environment to tier, as (from, event id, map)
--   attribution_windows: seconds after a deployment in which an incident is attributed to it, as (from, event id, seconds)
--   detect_rollbacks: whether rollbacks are detected, as (from, event id, flag)
create view service_history as
select
  service,
  arraySort(entry -> (entry.1, entry.2), groupArrayIf((occurred_at, event_id, assumeNotNull(team)), team is not null)) as teams,
  arraySort(entry -> (entry.1, entry.2), groupArrayIf((occurred_at, event_id, JSONExtract(assumeNotNull(tiers), 'Map(String, String)')), tiers is not null)) as tiers,
  arraySort(entry -> (entry.1, entry.2), groupArrayIf((occurred_at, event_id, assumeNotNull(attribution_window_seconds)), attribution_window_seconds is not null)) as attribution_windows,
  arraySort(entry -> (entry.1, entry.2), groupArrayIf((occurred_at, event_id, assumeNotNull(detect_rollbacks)), detect_rollbacks is not null)) as detect_rollbacks
from
(
  select * from service_facts
  order by service, event_id, content_sha256
  limit 1 by service, event_id
)
group by service;

-- services: what each service is by its latest settings.
-- Columns:
--   service: the service
--   team: owning team; null: not told
--   repository: repository as host/owner/name; null: not told
--   tiers: environment to tier
--   attribution_window_seconds: seconds after a deployment in which an incident is attributed to it
--   detect_rollbacks: whether a deploy of an earlier version counts as a rollback
--   ranges: JSON object of healthy ranges; null: none set
--   trivial_lines: changed lines up to which a deployment is trivial; null: not set
--   severity_ranks: JSON object of severity ranks, 1 the worst; null: none set
create view services as
select
  service,
  argMaxIf(team, (occurred_at, event_id), team is not null) as team,
  argMaxIf(repository, (occurred_at, event_id), repository is not null) as repository,
  JSONExtract(coalesce(argMaxIf(tiers, (occurred_at, event_id), tiers is not null), '{}'), 'Map(String, String)') as tiers,
  coalesce(argMaxIf(attribution_window_seconds, (occurred_at, event_id), attribution_window_seconds is not null), 14400) as attribution_window_seconds,
  coalesce(argMaxIf(detect_rollbacks, (occurred_at, event_id), detect_rollbacks is not null), true) as detect_rollbacks,
  argMaxIf(ranges, (occurred_at, event_id), ranges is not null) as ranges,
  argMaxIf(trivial_lines, (occurred_at, event_id), trivial_lines is not null) as trivial_lines,
  argMaxIf(severity_ranks, (occurred_at, event_id), severity_ranks is not null) as severity_ranks
from
(
  select * from service_facts
  order by service, event_id, content_sha256
  limit 1 by service, event_id
)
group by service;

-- incidents: one row an incident, merged from its transitions. A reopened incident runs until its last end.
-- Columns:
--   incident_id: id of the incident, prefixed by its tool
--   service: affected service; null: not told
--   environment: affected environment; null: not told, then the incident is at tier production
--   severity: severity in the tool's words
--   title: title
--   url: page of the incident
--   detected_by: monitoring, people or customer
--   opened_at: least known instant of opening, UTC
--   acknowledged_at: last acknowledgement that no reopening follows, UTC
--   mitigated_at: last mitigation that no reopening follows, UTC
--   resolved_at: last resolution that no reopening follows, UTC
--   restored_at: mitigated_at when known, else resolved_at, UTC
--   cancelled: false alarm
--   state: open, acknowledged, mitigated, resolved or cancelled
create view incidents as
select
  incident_id,
  argMaxIf(service, (occurred_at, event_id), service is not null and transition not in ('linked', 'unlinked')) as service,
  argMaxIf(environment, (occurred_at, event_id), environment is not null and transition not in ('linked', 'unlinked')) as environment,
  argMaxIf(severity, (occurred_at, event_id), severity is not null) as severity,
  argMaxIf(title, (occurred_at, event_id), title is not null) as title,
  argMaxIf(url, (occurred_at, event_id), url is not null) as url,
  argMaxIf(detected_by, (occurred_at, event_id), detected_by is not null) as detected_by,
  coalesce(minOrNull(if(transition = 'opened', least(occurred_at, coalesce(opened_at, occurred_at)), opened_at)), min(occurred_at)) as opened_at,
  maxOrNullIf(occurred_at, transition = 'acknowledged' and (occurred_at, event_id) > last_reopened) as acknowledged_at,
  maxOrNullIf(occurred_at, transition = 'mitigated' and (occurred_at, event_id) > last_reopened) as mitigated_at,
  maxOrNullIf(occurred_at, transition = 'resolved' and (occurred_at, event_id) > last_reopened) as resolved_at,
  coalesce(mitigated_at, resolved_at) as restored_at,
  countIf(transition = 'cancelled' and (occurred_at, event_id) > last_reopened) > 0 as cancelled,
  multiIf(cancelled, 'cancelled', resolved_at is not null, 'resolved', mitigated_at is not null, 'mitigated', acknowledged_at is not null, 'acknowledged', 'open') as state
from
(
  select
    *,
    max(if(transition = 'reopened', (occurred_at, event_id), (toDateTime64(0, 3, 'UTC'), ''))) over (partition by incident_id) as last_reopened
  from
  (
    select * from incident_facts
    order by incident_id, event_id, content_sha256
    limit 1 by incident_id, event_id
  )
)
group by incident_id;
