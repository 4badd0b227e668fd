-- The lists behind the numbers: deployments and incidents, each with what was decided about it.

-- deployments: one row a deployment or rollback, with what was decided about it.
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
--   team: owning team in force; empty: none told
--   tier: tier of the environment in force
--   at: finished_at, else started_at, UTC
--   recovery_seconds: failed deployment to restored, seconds
--   rollout_id: rollout over several environments that it belongs to
--   strategy: all_at_once, rolling, canary, blue_green or ring
--   repository: repository as host/owner/name
--   url: page of the run
--   trace_id: trace that reported it
create view deployments as
select
  deployment_id,
  service,
  environment,
  action,
  version,
  commit,
  started_at,
  finished_at,
  outcome,
  counted,
  detected,
  failed,
  reverted,
  failure_reasons,
  rolled_back_by,
  restored_at,
  length(carried) as changes,
  rework,
  team,
  tier,
  coalesce(finished_at, started_at) as at,
  recovery_time_ms / 1000 as recovery_seconds,
  rollout_id,
  strategy,
  repository,
  url,
  trace_id
from deployments_recomputed final;

-- deployment_changes: the changes that one deployment carried.
-- Parameters:
--   service String: the service
--   environment String: the environment
--   deployment_id String: the deployment
-- Columns:
--   repository: repository as host/owner/name
--   change_id: commit SHA; empty: a pull request none of whose commits is known
--   pull_request: its pull request; empty: none known
--   committed_at: commit time, UTC
--   opened_at: pull request opened, UTC
--   first_review_at: first review, UTC
--   merged_at: merged, UTC
--   lead_time_seconds: commit to finish of this deployment, seconds
create view deployment_changes as
select
  change.1 as repository, change.2 as change_id, change.3 as pull_request, change.4 as committed_at, change.5 as opened_at, change.6 as first_review_at, change.7 as merged_at,
  (toUnixTimestamp64Milli(finished_at) - toUnixTimestamp64Milli(committed_at)) / 1000 as lead_time_seconds
from deployments_recomputed as deployment final
array join deployment.carried as change
where service = {service:String} and environment = {environment:String} and deployment_id = {deployment_id:String}
order by committed_at, repository, change_id, pull_request;

-- named_incident_links: which deployments an incident names (the last of linked and unlinked).
-- Columns:
--   incident_id: the incident
--   service: service of the deployment; empty: not told
--   environment: environment of the deployment; empty: not told
--   deployment_id: the deployment
--   linked_by: incident
--   linked_at: when the link was made, UTC
--   event_id: the report that made it
create view named_incident_links as
select incident_id, service, environment, deployment_id, 'incident' as linked_by, linked_at, link_event_id as event_id
from
(
  select
    fact.incident_id as incident_id,
    coalesce(fact.service, incident.service, '') as service,
    coalesce(fact.environment, incident.environment, '') as environment,
    assumeNotNull(fact.deployment_id) as deployment_id,
    argMax(fact.transition != 'unlinked', (fact.occurred_at, fact.event_id)) as linked,
    max((fact.occurred_at, fact.event_id)) as last_report,
    last_report.1 as linked_at,
    last_report.2 as link_event_id
  from
  (
    select * from incident_facts
    order by incident_id, event_id, content_sha256
    limit 1 by incident_id, event_id
  ) as fact
  inner join incidents as incident on incident.incident_id = fact.incident_id
  where fact.deployment_id is not null
  group by incident_id, service, environment, deployment_id
)
where linked;

-- attributed_incident_links: which deployments an incident that names none is attributed to.
-- Columns:
--   incident_id: the incident
--   service: service of the deployment
--   environment: environment of the deployment
--   deployment_id: the deployment
--   linked_by: attribution
--   linked_at: when the deployment finished, UTC
--   event_id: empty
create view attributed_incident_links as
select incident_id, service, environment, deployment_id, 'attribution' as linked_by, assumeNotNull(finished_at) as linked_at, '' as event_id
from deployments_recomputed final
array join attributed_incident_ids as incident_id;

-- incident_links: which deployments an incident names (the last of linked and unlinked), or is attributed to.
-- Columns:
--   incident_id: the incident
--   service: service of the deployment; empty: not told
--   environment: environment of the deployment; empty: not told
--   deployment_id: the deployment
--   linked_by: incident (somebody named it) or attribution
--   linked_at: when the link was made (attribution: when the deployment finished), UTC
--   event_id: the report that made it; empty: attribution
create view incident_links as
select * from named_incident_links
union all
select * from attributed_incident_links;

-- incident_list: the incidents of a range by opening, cancelled ones too.
-- Parameters:
--   services Array(String): services asked for; empty: all
--   team String: team asked for; empty: any
--   scope String: tier:<name>, or environment:<name>
--   since, until DateTime64(3, 'UTC'): the range [since, until)
-- Columns:
--   incident_id: id of the incident, prefixed by its tool
--   service: affected service; null: not told
--   environment: affected environment; null: not told
--   severity: severity in the tool's words
--   title: title
--   url: page of the incident
--   opened_at: when it opened, UTC
--   acknowledged_at: last acknowledgement that no reopening follows, UTC
--   mitigated_at: last mitigation that no reopening follows, UTC
--   resolved_at: last resolution that no reopening follows, UTC
--   restored_at: mitigated_at when known, else resolved_at, UTC
--   state: open, acknowledged, mitigated, resolved or cancelled
--   deployment_id: deployment linked last; null: none
--   linked_by: incident (somebody named it) or attribution; null: none
create view incident_list as
with
  -- an incident opened in the range at an instant that some report of it has, as its own or as the opening; only those are put together
  listed as
  (
    select incident_id from incident_facts as fact
    where ((occurred_at >= {since:DateTime64(3, 'UTC')} and occurred_at < {until:DateTime64(3, 'UTC')})
        or (opened_at >= {since:DateTime64(3, 'UTC')} and opened_at < {until:DateTime64(3, 'UTC')}))
      and (empty({services:Array(String)}) or incident_id in (select incident_id from incident_mentions where service in {services:Array(String)}))
  )
select
  incident.incident_id as incident_id, incident.service as service, incident.environment as environment, severity, title, url, opened_at, acknowledged_at, mitigated_at, resolved_at, restored_at, state,
  nullIf(link.deployment_id, '') as deployment_id,
  nullIf(link.linked_by, '') as linked_by
from
(
  select
    incidents.*,
    evenkeel_in_force(history.teams, opened_at, '') as team,
    evenkeel_in_force(history.tiers, opened_at, CAST(map(), 'Map(String, String)')) as tiers,
    if(environment is null, 'production', if(mapContains(tiers, assumeNotNull(environment)), tiers[assumeNotNull(environment)], assumeNotNull(environment))) as tier
  from
  (
    select * from incidents where incident_id in listed
  ) as incidents
  left join service_history as history on history.service = coalesce(incidents.service, '')
) as incident
left join
(
  select incident_id, argMax(link.deployment_id, (link.linked_at, link.event_id, link.deployment_id)) as deployment_id, argMax(link.linked_by, (link.linked_at, link.event_id, link.deployment_id)) as linked_by
  from
  (
    select * from named_incident_links where incident_id in listed
    union all
    -- attribution looks at no other service than the incident's own
    select * from attributed_incident_links where (empty({services:Array(String)}) or service in {services:Array(String)}) and incident_id in listed
  ) as link
  group by incident_id
) as link on link.incident_id = incident.incident_id
where (empty({services:Array(String)}) or coalesce(incident.service, '') in {services:Array(String)})
  and ({team:String} = '' or team = {team:String})
  and (concat('tier:', tier) = {scope:String} or concat('environment:', coalesce(incident.environment, '')) = {scope:String})
  and opened_at >= {since:DateTime64(3, 'UTC')} and opened_at < {until:DateTime64(3, 'UTC')}
order by opened_at, incident_id;

-- deployment_incidents: the incidents of one deployment, linked or attributed.
-- Parameters:
--   service String: the service
--   environment String: the environment
--   deployment_id String: the deployment
-- Columns:
--   incident_id: id of the incident
--   severity: severity in the tool's words
--   title: title
--   url: page of the incident
--   opened_at: when it opened, UTC
--   restored_at: when service was restored, UTC; null: not yet
--   state: open, acknowledged, mitigated, resolved or cancelled
--   linked_by: incident (somebody named it) or attribution
create view deployment_incidents as
with
  (select groupArray((incident_ids, attributed_incident_ids)) from deployments_recomputed final where service = {service:String} and environment = {environment:String} and deployment_id = {deployment_id:String}) as found,
  arrayFlatten(arrayMap(entry -> entry.1, found)) as its_incidents,
  arrayFlatten(arrayMap(entry -> entry.2, found)) as its_attributed_incidents
select incident_id, severity, title, url, opened_at, restored_at, state, if(incident_id in (select arrayJoin(its_attributed_incidents)), 'attribution', 'incident') as linked_by
from incidents
where incident_id in (select arrayJoin(its_incidents))
order by opened_at, incident_id;
