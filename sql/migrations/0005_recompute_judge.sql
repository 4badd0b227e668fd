-- The recompute, judging: deployments, rollbacks, incidents, blame and reasons of the batch's services.
-- "First", "latest", "before" order by (instant, id).

create materialized view batch_placed refresh every 100 year settings refresh_retries = 0
(
  batch UInt64 comment 'the batch, in the row that carries it; else 0',
  service String comment 'the deployed service',
  environment String comment 'where to; empty with an empty deployment_id: the row that carries the batch',
  deployment_id String comment 'the deployment',
  action LowCardinality(String) comment 'deploy, rollback or hotfix',
  version Nullable(String) comment 'version deployed',
  commit Nullable(String) comment 'commit deployed',
  commit_at Nullable(DateTime64(3, 'UTC')) comment 'commit time, UTC',
  repository Nullable(String) comment 'repository of the commit',
  strategy Nullable(String) comment 'strategy',
  rollout_id Nullable(String) comment 'rollout that it belongs to',
  rolls_back_deployment Nullable(String) comment 'deployment named as target',
  rolls_back_to_version Nullable(String) comment 'version named to return to',
  fixes_deployment Nullable(String) comment 'deployment named as fixed',
  fixes_incident Nullable(String) comment 'incident named as fixed',
  automatic Nullable(Bool) comment 'true: no person started it',
  artifact_digest Nullable(String) comment 'digest of the artifact',
  url Nullable(String) comment 'page of the run',
  trace_id Nullable(String) comment 'trace that reported it',
  started_at DateTime64(3, 'UTC') comment 'least started, else least of any report, UTC',
  advanced_at Nullable(DateTime64(3, 'UTC')) comment 'first instant at which users had a part of it, UTC',
  finished_at Nullable(DateTime64(3, 'UTC')) comment 'last finish, UTC',
  outcome Nullable(String) comment 'succeeded, failed, cancelled; null: not finished',
  team String comment 'team in force',
  tier String comment 'tier of the environment in force',
  attribution_window_ms Int64 comment 'attribution window in force, milliseconds',
  finished Bool comment 'a terminal fact exists',
  live Bool comment 'it made its version the current one',
  live_version Nullable(String) comment 'the version that it made the current one, if it is live',
  detect_rollbacks Bool comment 'whether rollbacks are detected'
)
engine = Memory
empty
comment 'The deployments of the batch, merged from their facts, with the settings in force' as
with
  -- fails before anything else is read
  bounded as
  (
    select service from deployment_facts
    where service in (select service from recompute_batch) and occurred_at >= (select any(reports_from) from recompute_batch)
    group by service
    having throwIf(count() > (select max(facts_per_service) from recompute_limits final where id = 0), 'a service has more deployment facts than recompute_limits.facts_per_service') = 0
  ),
  merged as
  (
    select
      service,
      environment,
      deployment_id,
      coalesce(argMaxIf(fact.action, (occurred_at, event_id), fact.action is not null), 'deploy') as action,
      argMaxIf(fact.version, (occurred_at, event_id), fact.version is not null) as version,
      argMaxIf(fact.commit, (occurred_at, event_id), fact.commit is not null) as commit,
      argMaxIf(fact.commit_at, (occurred_at, event_id), fact.commit_at is not null) as commit_at,
      argMaxIf(fact.repository, (occurred_at, event_id), fact.repository is not null) as repository,
      argMaxIf(fact.strategy, (occurred_at, event_id), fact.strategy is not null) as strategy,
      argMaxIf(fact.rollout_id, (occurred_at, event_id), fact.rollout_id is not null) as rollout_id,
      argMaxIf(fact.rolls_back_deployment, (occurred_at, event_id), fact.rolls_back_deployment is not null) as rolls_back_deployment,
      argMaxIf(fact.rolls_back_to_version, (occurred_at, event_id), fact.rolls_back_to_version is not null) as rolls_back_to_version,
      argMaxIf(fact.fixes_deployment, (occurred_at, event_id), fact.fixes_deployment is not null) as fixes_deployment,
      argMaxIf(fact.fixes_incident, (occurred_at, event_id), fact.fixes_incident is not null) as fixes_incident,
      argMaxIf(fact.automatic, (occurred_at, event_id), fact.automatic is not null) as automatic,
      argMaxIf(fact.artifact_digest, (occurred_at, event_id), fact.artifact_digest is not null) as artifact_digest,
      argMaxIf(fact.url, (occurred_at, event_id), fact.url is not null) as url,
      argMaxIf(fact.trace_id, (occurred_at, event_id), fact.trace_id is not null) as trace_id,
      coalesce(minOrNullIf(occurred_at, phase = 'started'), min(occurred_at)) as started_at,
      minOrNullIf(occurred_at, phase = 'advanced') as advanced_at,
      maxOrNullIf(occurred_at, phase = 'finished') as finished_at,
      argMaxIf(fact.outcome, (occurred_at, event_id), phase = 'finished') as outcome
    from
    (
      select * from deployment_facts
      where service in (select service from bounded)
        and occurred_at >= (select any(reports_from) from recompute_batch)
        and ((select any(context_from) from recompute_batch) = toDateTime64(0, 3, 'UTC') or (service, environment, deployment_id) in
        (
          select service, environment, deployment_id from deployment_facts
          where service in (select service from recompute_batch) and occurred_at >= (select any(context_from) from recompute_batch)
        ))
      order by service, environment, deployment_id, event_id, content_sha256
      limit 1 by service, environment, deployment_id, event_id
    ) as fact
    group by service, environment, deployment_id
  ),
  placed as
  (
    select
      merged.*,
      finished_at is not null as finished,
      coalesce(finished_at, started_at) as judged_at,
      evenkeel_in_force(history.teams, judged_at, '') as team,
      evenkeel_in_force(history.tiers, judged_at, CAST(map(), 'Map(String, String)')) as tiers,
      if(mapContains(tiers, environment), tiers[environment], environment) as tier,
      toInt64(evenkeel_in_force(history.attribution_windows, judged_at, toUInt32(14400))) * 1000 as attribution_window_ms,
      evenkeel_in_force(history.detect_rollbacks, judged_at, true) as detect_rollbacks,
      coalesce(outcome = 'succeeded', false) as live,
      if(action = 'rollback', coalesce(rolls_back_to_version, version), version) as live_version
    from merged
    left join service_history as history on history.service = merged.service
  )
select
  toUInt64(0) as batch,
  service, environment, deployment_id, action, version, commit, commit_at, repository, strategy, rollout_id, rolls_back_deployment, rolls_back_to_version,
  fixes_deployment, fixes_incident, automatic, artifact_digest, url, trace_id, started_at, advanced_at, finished_at, outcome, team, tier, attribution_window_ms,
  finished, live, live_version, detect_rollbacks
from placed
union all
select
  any(batch) as batch,
  '', '', '', 'deploy', null, null, null, null, null, null, null, null, null, null, null, null, null, null,
  toDateTime64(0, 3, 'UTC'), null, null, null, '', '', 0, false, false, null, false
from recompute_batch;

create materialized view batch_deployments refresh every 100 year settings refresh_retries = 0
(
  batch UInt64 comment 'the batch, in the row that carries it; else 0',
  service String comment 'the deployed service',
  environment String comment 'where to; empty with an empty deployment_id: the row that carries the batch',
  deployment_id String comment 'the deployment',
  action LowCardinality(String) comment 'deploy, rollback or hotfix',
  version Nullable(String) comment 'version deployed',
  commit Nullable(String) comment 'commit deployed',
  commit_at Nullable(DateTime64(3, 'UTC')) comment 'commit time, UTC',
  repository Nullable(String) comment 'repository of the commit',
  strategy Nullable(String) comment 'strategy',
  rollout_id Nullable(String) comment 'rollout that it belongs to',
  rolls_back_deployment Nullable(String) comment 'deployment named as target',
  rolls_back_to_version Nullable(String) comment 'version named to return to',
  fixes_deployment Nullable(String) comment 'deployment named as fixed',
  fixes_incident Nullable(String) comment 'incident named as fixed',
  automatic Nullable(Bool) comment 'true: no person started it',
  artifact_digest Nullable(String) comment 'digest of the artifact',
  url Nullable(String) comment 'page of the run',
  trace_id Nullable(String) comment 'trace that reported it',
  started_at DateTime64(3, 'UTC') comment 'least started, else least of any report, UTC',
  advanced_at Nullable(DateTime64(3, 'UTC')) comment 'first instant at which users had a part of it, UTC',
  finished_at Nullable(DateTime64(3, 'UTC')) comment 'last finish, UTC',
  outcome Nullable(String) comment 'succeeded, failed, cancelled; null: not finished',
  team String comment 'team in force',
  tier String comment 'tier of the environment in force',
  attribution_window_ms Int64 comment 'attribution window in force, milliseconds',
  finished Bool comment 'a terminal fact exists',
  live Bool comment 'it made its version the current one',
  detected Bool comment 'a deploy that is a rollback',
  counted Bool comment 'a counted deployment',
  rollback Bool comment 'a finished rollback of any outcome, detected ones too',
  counted_number UInt64 comment 'counted deployments of the place up to this one',
  returned_at_number Nullable(UInt64) comment 'counted deployments of the place up to the last time before that this version went live; null: never',
  next_success_at Nullable(DateTime64(3, 'UTC')) comment 'finish of the next counted, succeeded deployment of the place, UTC',
  next_success_id String comment 'that deployment; empty: none',
  reached_users_at DateTime64(3, 'UTC') comment 'first instant at which users had a part of it (unknown: its start), UTC',
  next_reached_users_at Nullable(DateTime64(3, 'UTC')) comment 'that instant of the next counted deployment of the place (a counted one: in the order of those instants), UTC'
)
engine = Memory
empty
comment 'The deployments of the batch with what needs only their own order' as
with
  ordered as
  (
    select
      *,
      lagInFrame(live_version) over place as current_version,
      row_number() over (partition by service, environment, live order by finished_at, deployment_id) as live_number
    from batch_placed
    where deployment_id != ''
    window place as (partition by service, environment, live order by finished_at, deployment_id rows between 1 preceding and 1 preceding)
  ),
  versioned as
  (
    select
      *,
      min(live_number) over (partition by service, environment, live, live_version) as first_live_number,
      lagInFrame(artifact_digest) over (partition by service, environment, live, live_version order by live_number rows between 1 preceding and 1 preceding) as its_last_digest
    from ordered
  ),
  detected as
  (
    select
      *,
      lagInFrame(first_live_number) over (partition by service, environment, live order by live_number rows between 1 preceding and 1 preceding) as current_first_live_number,
      live and action = 'deploy' and detect_rollbacks
        and coalesce(live_version != current_version, false)
        and first_live_number < current_first_live_number
        and coalesce(artifact_digest = its_last_digest, true) as detected
    from versioned
  ),
  counted as
  (
    select
      *,
      finished and action in ('deploy', 'hotfix') and (live or advanced_at is not null) and not detected as counted,
      finished and (action = 'rollback' or detected) as rollback,
      sum(toUInt64(counted)) over (partition by service, environment, finished order by finished_at, deployment_id rows between unbounded preceding and current row) as counted_number
    from detected
  )
select
  toUInt64(0) as batch,
  service, environment, deployment_id, action, version, commit, commit_at, repository, strategy, rollout_id, rolls_back_deployment, rolls_back_to_version,
  fixes_deployment, fixes_incident, automatic, artifact_digest, url, trace_id, started_at, advanced_at, finished_at, outcome, team, tier, attribution_window_ms,
  finished, live, detected, counted, rollback, counted_number,
  max(if(live, counted_number, null)) over (partition by service, environment, finished, live_version order by finished_at, deployment_id rows between unbounded preceding and 1 preceding) as returned_at_number,
  min(if(counted and live, finished_at, null)) over (partition by service, environment, finished order by finished_at desc, deployment_id desc rows between unbounded preceding and 1 preceding) as next_success_at,
  argMinIf(deployment_id, (assumeNotNull(finished_at), deployment_id), counted and live) over (partition by service, environment, finished order by finished_at desc, deployment_id desc rows between unbounded preceding and 1 preceding) as next_success_id,
  coalesce(advanced_at, started_at) as reached_users_at,
  leadInFrame(toNullable(reached_users_at)) over (partition by service, environment, counted order by reached_users_at, deployment_id rows between unbounded preceding and unbounded following) as next_reached_users_at
from counted
union all
select
  batch,
  '', '', '', 'deploy', null, null, null, null, null, null, null, null, null, null, null, null, null, null,
  toDateTime64(0, 3, 'UTC'), null, null, null, '', '', 0, false, false, false, false, false, 0, null, null, '', toDateTime64(0, 3, 'UTC'), null
from batch_placed
where deployment_id = '';

create materialized view batch_rollbacks refresh every 100 year settings refresh_retries = 0
(
  batch UInt64 comment 'the batch, in the row that carries it; else 0',
  service String comment 'the service',
  environment String comment 'the environment; empty: the row that carries the batch',
  rollback_id String comment 'deployment_id of the rollback',
  rolled_back_at DateTime64(3, 'UTC') comment 'its finish, UTC',
  succeeded Bool comment 'it succeeded',
  named Bool comment 'it named a deployment, or a version to return to, be it its own',
  target_number UInt64 comment 'counted number of its target; 0: it blames nothing',
  last_number UInt64 comment 'counted deployments of the place before it'
)
engine = Memory
empty
comment 'The rollbacks of the batch and what they target: the deployment they name, else the first counted after the version returned to was last live, else the latest counted' as
select
  toUInt64(0) as batch,
  rollbacks.service as service,
  rollbacks.environment as environment,
  rollbacks.deployment_id as rollback_id,
  assumeNotNull(rollbacks.finished_at) as rolled_back_at,
  rollbacks.live as succeeded,
  rollbacks.rolls_back_deployment is not null or rollbacks.rolls_back_to_version is not null or rollbacks.version is not null as named,
  multiIf(
    rollbacks.rolls_back_deployment is not null, targets.counted_number,
    rollbacks.returned_at_number is not null and (rollbacks.version is not null or rollbacks.rolls_back_to_version is not null),
      if(assumeNotNull(rollbacks.returned_at_number) < rollbacks.counted_number, assumeNotNull(rollbacks.returned_at_number) + 1, 0),
    rollbacks.counted_number) as target_number,
  rollbacks.counted_number as last_number
from (select * from batch_deployments where rollback and outcome in ('succeeded', 'failed')) as rollbacks
left join (select service, environment, deployment_id, counted_number from batch_deployments where counted) as targets
  on targets.service = rollbacks.service and targets.environment = rollbacks.environment and targets.deployment_id = coalesce(rollbacks.rolls_back_deployment, '')
union all
select batch, '', '', '', toDateTime64(0, 3, 'UTC'), false, false, 0, 0 from batch_deployments where deployment_id = '';

create materialized view batch_incidents refresh every 100 year settings refresh_retries = 0
(
  batch UInt64 comment 'the batch, in the row that carries it; else 0',
  incident_id String comment 'the incident; empty: the row that carries the batch',
  service String comment 'affected service; empty: none told',
  environment Nullable(String) comment 'affected environment; null: at tier production',
  opened_at DateTime64(3, 'UTC') comment 'opened, UTC',
  restored_at Nullable(DateTime64(3, 'UTC')) comment 'mitigated, else resolved, UTC',
  cancelled Bool comment 'false alarm',
  team String comment 'team in force when it opened',
  tier String comment 'tier that it is at'
)
engine = Memory
empty
comment 'The incidents that touch the services of the batch: theirs, once theirs, or linked to a deployment of theirs' as
select
  toUInt64(0) as batch,
  incident.incident_id as incident_id,
  coalesce(incident.service, '') as service,
  incident.environment as environment,
  incident.opened_at as opened_at,
  incident.restored_at as restored_at,
  incident.cancelled as cancelled,
  evenkeel_in_force(history.teams, opened_at, '') as team,
  if(incident.environment is null, 'production', if(mapContains(evenkeel_in_force(history.tiers, opened_at, CAST(map(), 'Map(String, String)')), assumeNotNull(incident.environment)), evenkeel_in_force(history.tiers, opened_at, CAST(map(), 'Map(String, String)'))[assumeNotNull(incident.environment)], assumeNotNull(incident.environment))) as tier
from
(
  select * from incidents
  where incident_id in
  (
    select incident_id from incident_mentions
    where reported_at >= (select any(context_from) from recompute_batch)
      and (service in (select service from recompute_batch) or deployment_id in (select deployment_id from batch_deployments where deployment_id != ''))
  )
) as incident
left join service_history as history on history.service = coalesce(incident.service, '')
union all
select batch, '', '', null, toDateTime64(0, 3, 'UTC'), null, false, '', '' from batch_rollbacks where environment = '';

create materialized view batch_links refresh every 100 year settings refresh_retries = 0
(
  batch UInt64 comment 'the batch, in the row that carries it; else 0',
  service String comment 'the service',
  environment String comment 'the environment; empty: the row that carries the batch',
  deployment_id String comment 'the deployment',
  incident_id String comment 'the incident',
  linked Bool comment 'the last of linked and unlinked is linked',
  linked_at DateTime64(3, 'UTC') comment 'instant of that last report, UTC',
  link_event_id String comment 'id of that last report',
  ever_unlinked Bool comment 'it was unlinked at any time'
)
engine = Memory
empty
comment 'What incidents said about the deployments of the batch. Where service or environment is not told, it is any deployment of that id' as
select
  toUInt64(0) as batch,
  deployment.service as service,
  deployment.environment as environment,
  deployment.deployment_id as deployment_id,
  fact.incident_id as incident_id,
  argMax(fact.transition != 'unlinked', (fact.occurred_at, fact.event_id)) as linked,
  max((fact.occurred_at, fact.event_id)).1 as linked_at,
  max((fact.occurred_at, fact.event_id)).2 as link_event_id,
  max(fact.transition = 'unlinked') as ever_unlinked
from
(
  select * from incident_facts
  where incident_id in (select incident_id from batch_incidents)
  order by incident_id, event_id, content_sha256
  limit 1 by incident_id, event_id
) as fact
inner join batch_incidents as incident on incident.incident_id = fact.incident_id
inner join batch_deployments as deployment on deployment.deployment_id = coalesce(fact.deployment_id, '')
where fact.deployment_id is not null
  and coalesce(fact.service, incident.service) in ('', deployment.service)
  and coalesce(fact.environment, incident.environment, '') in ('', deployment.environment)
group by deployment.service, deployment.environment, deployment.deployment_id, fact.incident_id
union all
select batch, '', '', '', '', false, toDateTime64(0, 3, 'UTC'), '', false from batch_incidents where incident_id = '';

create materialized view batch_reverts refresh every 100 year settings refresh_retries = 0
(
  batch UInt64 comment 'the batch, in the row that carries it; else 0',
  service String comment 'the service',
  environment String comment 'the environment; empty: the row that carries the batch',
  deployment_id String comment 'a counted deployment',
  rollback_id String comment 'a rollback that targets or reverts it',
  rolled_back_at DateTime64(3, 'UTC') comment 'finish of the rollback, UTC',
  succeeded Bool comment 'the rollback succeeded',
  named Bool comment 'it named a deployment, or a version to return to, be it its own',
  targeted Bool comment 'true: its target; false: between its target and itself, so reverted and not failed by it'
)
engine = Memory
empty
comment 'Which rollback of the batch targets or reverts which counted deployment' as
select
  toUInt64(0) as batch,
  reach.service as service,
  reach.environment as environment,
  deployment.deployment_id as deployment_id,
  reach.rollback_id as rollback_id,
  reach.rolled_back_at as rolled_back_at,
  reach.succeeded as succeeded,
  reach.named as named,
  reach.number = reach.target_number as targeted
from
(
  select *, arrayJoin(range(target_number, greatest(target_number, if(succeeded, last_number, target_number)) + 1)) as number
  from batch_rollbacks
  where target_number > 0
) as reach
inner join (select service, environment, deployment_id, counted_number from batch_deployments where counted) as deployment
  on deployment.service = reach.service and deployment.environment = reach.environment and deployment.counted_number = reach.number
union all
select batch, '', '', '', '', toDateTime64(0, 3, 'UTC'), false, false, false from batch_links where environment = '';

create materialized view batch_named_incidents refresh every 100 year settings refresh_retries = 0
(
  batch UInt64 comment 'the batch, in the row that carries it; else 0',
  incident_id String comment 'the incident; empty: the row that carries the batch'
)
engine = Memory
empty
comment 'The incidents of the batch that are linked to a deployment, known or not' as
select distinct toUInt64(0) as batch, incident_id
from
(
  select fact.incident_id as incident_id, argMax(fact.transition != 'unlinked', (fact.occurred_at, fact.event_id)) as linked
  from
  (
    select * from incident_facts
    where incident_id in (select incident_id from batch_incidents)
    order by incident_id, event_id, content_sha256
    limit 1 by incident_id, event_id
  ) as fact
  inner join batch_incidents as incident on incident.incident_id = fact.incident_id
  where fact.deployment_id is not null
  group by fact.incident_id, fact.deployment_id, coalesce(fact.service, incident.service), coalesce(fact.environment, incident.environment, '')
)
where linked
union all
select batch, '' from batch_reverts where environment = '';

create materialized view batch_blames refresh every 100 year settings refresh_retries = 0
(
  batch UInt64 comment 'the batch, in the row that carries it; else 0',
  service String comment 'the service',
  environment String comment 'the environment; empty: the row that carries the batch',
  deployment_id String comment 'a counted deployment',
  rule LowCardinality(String) comment 'incident or attribution',
  incident_id String comment 'the incident that blames it',
  opened_at DateTime64(3, 'UTC') comment 'when the incident opened, UTC',
  restored_at Nullable(DateTime64(3, 'UTC')) comment 'when it was restored, UTC'
)
engine = Memory
empty
comment 'Which incident blames which deployment of the batch: by link, else by attribution to the latest counted deployment that users had when it opened' as
with
  exposures as
  (
    -- one row an instant from which a deployment can be blamed, with the latest (by finish) counted deployment begun by then
    select
      service,
      place,
      exposed_at,
      max(candidate) over (partition by service, place order by exposed_at range between unbounded preceding and current row) as latest
    from
    (
      select
        service,
        arrayJoin(if(tier = 'production', [concat('environment:', environment), 'tier:production'], [concat('environment:', environment)])) as place,
        if(coalesce(strategy in ('canary', 'rolling', 'ring', 'blue_green'), false), started_at, assumeNotNull(finished_at)) as exposed_at,
        (assumeNotNull(finished_at), deployment_id, environment, attribution_window_ms) as candidate
      from batch_deployments
      where counted
    )
  ),
  candidates as
  (
    select incident.incident_id as incident_id, incident.service as service, incident.opened_at as opened_at, incident.restored_at as restored_at, exposure.latest as latest
    from
    (
      select *, if(environment is null, 'tier:production', concat('environment:', assumeNotNull(environment))) as place
      from batch_incidents
      where incident_id != '' and service != '' and not cancelled
        and incident_id not in (select incident_id from batch_named_incidents)
    ) as incident
    asof inner join (select service, place, exposed_at, latest from exposures limit 1 by service, place, exposed_at) as exposure
      on exposure.service = incident.service and exposure.place = incident.place and incident.opened_at >= exposure.exposed_at
  )
select
  toUInt64(0) as batch,
  link.service as service, link.environment as environment, link.deployment_id as deployment_id,
  'incident' as rule, link.incident_id as incident_id, incident.opened_at as opened_at, incident.restored_at as restored_at
from batch_links as link
inner join batch_incidents as incident on incident.incident_id = link.incident_id
inner join (select service, environment, deployment_id from batch_deployments where counted) as deployment
  on deployment.service = link.service and deployment.environment = link.environment and deployment.deployment_id = link.deployment_id
where link.linked and not incident.cancelled and link.environment != ''
union all
select
  toUInt64(0) as batch,
  candidate.service, candidate.latest.3, candidate.latest.2,
  'attribution', candidate.incident_id, candidate.opened_at, candidate.restored_at
from candidates as candidate
left join (select service, environment, deployment_id, min(rolled_back_at) as first_rolled_back_at, 1 as known from batch_reverts where succeeded group by service, environment, deployment_id) as reverted
  on reverted.service = candidate.service and reverted.environment = candidate.latest.3 and reverted.deployment_id = candidate.latest.2
where toUnixTimestamp64Milli(candidate.opened_at) <= toUnixTimestamp64Milli(candidate.latest.1) + candidate.latest.4
  and not (reverted.known = 1 and reverted.first_rolled_back_at < candidate.opened_at)
  and (candidate.service, candidate.latest.3, candidate.latest.2, candidate.incident_id) not in (select service, environment, deployment_id, incident_id from batch_links where ever_unlinked)
union all
select batch, '', '', '', '', '', toDateTime64(0, 3, 'UTC'), null from batch_named_incidents where incident_id = '';

create materialized view batch_hotfixes refresh every 100 year settings refresh_retries = 0
(
  batch UInt64 comment 'the batch, in the row that carries it; else 0',
  service String comment 'the service',
  environment String comment 'the environment; empty: the row that carries the batch',
  deployment_id String comment 'a counted deployment that was fixed',
  hotfix_id String comment 'deployment_id of what fixed it',
  fixed_at DateTime64(3, 'UTC') comment 'finish of the fix, UTC',
  named Bool comment 'the fix named it, or an incident that blames it; false: a hotfix that named nothing, soon after it'
)
engine = Memory
empty
comment 'Which counted deployment of the batch fixed which earlier one' as
select
  toUInt64(0) as batch,
  target.service as service, target.environment as environment, target.deployment_id as deployment_id,
  hotfix.deployment_id as hotfix_id, hotfix.finished_at as fixed_at, max(hotfix.named) as named
from
(
  -- what each fix points at: a deployment it names, the deployments of an incident it names, else the deployment just before it
  select fix.service as service, fix.environment as environment, fix.deployment_id as deployment_id, assumeNotNull(fix.finished_at) as finished_at, fix.counted_number as counted_number, coalesce(fix.fixes_deployment, '') as target_id, true as named
  from batch_deployments as fix
  where fix.counted and fix.fixes_deployment is not null
  union all
  select fix.service, fix.environment, fix.deployment_id, assumeNotNull(fix.finished_at), fix.counted_number, blame.deployment_id, true
  from batch_deployments as fix
  inner join batch_blames as blame on blame.service = fix.service and blame.environment = fix.environment and blame.incident_id = coalesce(fix.fixes_incident, '')
  where fix.counted and fix.fixes_incident is not null
  union all
  select fix.service, fix.environment, fix.deployment_id, assumeNotNull(fix.finished_at), fix.counted_number, previous.deployment_id, false
  from batch_deployments as fix
  inner join (select service, environment, deployment_id, finished_at, attribution_window_ms, counted_number + 1 as next_number from batch_deployments where counted) as previous
    on previous.service = fix.service and previous.environment = fix.environment and previous.next_number = fix.counted_number
  where fix.counted and fix.action = 'hotfix' and fix.fixes_deployment is null and fix.fixes_incident is null
    and toUnixTimestamp64Milli(assumeNotNull(fix.finished_at)) - toUnixTimestamp64Milli(assumeNotNull(previous.finished_at)) <= previous.attribution_window_ms
) as hotfix
inner join (select service, environment, deployment_id, counted_number from batch_deployments where counted) as target
  on target.service = hotfix.service and target.environment = hotfix.environment and target.deployment_id = hotfix.target_id
where target.counted_number < hotfix.counted_number
group by target.service, target.environment, target.deployment_id, hotfix.finished_at, hotfix.deployment_id
union all
select batch, '', '', '', '', toDateTime64(0, 3, 'UTC'), false from batch_blames where environment = '';

create materialized view batch_reasons refresh every 100 year settings refresh_retries = 0
(
  batch UInt64 comment 'the batch, in the row that carries it; else 0',
  service String comment 'the service',
  environment String comment 'the environment; empty: the row that carries the batch',
  deployment_id String comment 'a counted deployment',
  rule LowCardinality(String) comment 'review, aborted, incident, rollback, hotfix or attribution; cleared: the latest judgement cleared it',
  at DateTime64(3, 'UTC') comment 'instant of the reason, UTC: finish of the rollback or hotfix, opening of the incident, the judgement',
  evidence_id String comment 'the incident, rollback, hotfix or review',
  named Bool comment 'somebody named it; false: inferred'
)
engine = Memory
empty
comment 'Every match of every rule of failure in the batch' as
with judgements as
(
  select
    review_id,
    argMaxIf(fact.verdict, (occurred_at, event_id), true) as verdict,
    max((occurred_at, event_id)).1 as judged_at,
    argMaxIf(fact.service, (occurred_at, event_id), fact.service is not null) as service,
    argMaxIf(fact.environment, (occurred_at, event_id), fact.environment is not null) as environment,
    argMaxIf(fact.deployment_id, (occurred_at, event_id), fact.deployment_id is not null) as deployment_id
  from
  (
    select * from review_facts
    where subject = 'deployment'
    order by review_id, event_id, content_sha256
    limit 1 by review_id, event_id
  ) as fact
  group by review_id
)
select
  toUInt64(0) as batch,
  service, environment, deployment_id, 'aborted' as rule, assumeNotNull(finished_at) as at, '' as evidence_id, true as named
from batch_deployments
where counted and not live
union all
select 0, service, environment, deployment_id, rule, opened_at, incident_id, rule = 'incident'
from batch_blames
where environment != ''
union all
select 0, service, environment, deployment_id, 'rollback', rolled_back_at, rollback_id, named
from batch_reverts
where targeted
union all
select 0, service, environment, deployment_id, 'hotfix', fixed_at, hotfix_id, named
from batch_hotfixes
where environment != ''
union all
select
  0,
  deployment.service, deployment.environment, deployment.deployment_id,
  if(argMax(judgement.verdict, (judgement.judged_at, judgement.review_id)) = 'failed', 'review', 'cleared'),
  max((judgement.judged_at, judgement.review_id)).1, max((judgement.judged_at, judgement.review_id)).2, true
from (select * from batch_deployments where counted) as deployment
inner join judgements as judgement on judgement.deployment_id = deployment.deployment_id
where judgement.verdict in ('failed', 'cleared')
  and coalesce(judgement.service, deployment.service) = deployment.service
  and coalesce(judgement.environment, deployment.environment) = deployment.environment
group by deployment.service, deployment.environment, deployment.deployment_id
union all
select batch, '', '', '', '', toDateTime64(0, 3, 'UTC'), '', false from batch_hotfixes where environment = '';
