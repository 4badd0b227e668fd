-- The recompute, results: the deployments with what was decided about them, and the quarter-hour aggregates.

create table deployments_recomputed
(
  service LowCardinality(String) comment 'the deployed service',
  environment LowCardinality(String) comment 'where it was deployed to',
  deployment_id String comment 'the deployment, unique within service and environment',
  revision UInt64 comment 'greater is newer',
  digest UInt64 comment 'hash of the row; a row is written only when it differs',
  team LowCardinality(String) comment 'owning team in force at its finish; empty: none told',
  tier LowCardinality(String) comment 'tier of the environment in force at its finish',
  action LowCardinality(String) comment 'deploy, rollback or hotfix',
  version Nullable(String) comment 'version deployed',
  commit Nullable(String) comment 'commit deployed (SHA)',
  repository Nullable(String) comment 'repository as host/owner/name',
  strategy LowCardinality(Nullable(String)) comment 'all_at_once, rolling, canary, blue_green or ring',
  rollout_id Nullable(String) comment 'rollout over several environments that it belongs to',
  rolls_back_deployment Nullable(String) comment 'deployment that it names as the one it takes back',
  rolls_back_to_version Nullable(String) comment 'version that it names as the one it returns to',
  fixes_deployment Nullable(String) comment 'deployment that it names as fixed',
  fixes_incident Nullable(String) comment 'incident that it names as fixed',
  automatic Nullable(Bool) comment 'true: no person started it',
  artifact_digest Nullable(String) comment 'digest of the deployed artifact',
  url Nullable(String) comment 'page of the run',
  trace_id Nullable(String) comment 'trace that reported it',
  started_at DateTime64(3, 'UTC') comment 'when it started, UTC',
  advanced_at Nullable(DateTime64(3, 'UTC')) comment 'when users first had a part of it, UTC',
  finished_at Nullable(DateTime64(3, 'UTC')) comment 'when it finished, UTC',
  outcome LowCardinality(Nullable(String)) comment 'succeeded, failed or cancelled; null: not finished',
  counted Bool comment 'a counted deployment: it reached users and is no rollback',
  detected Bool comment 'a deploy of an earlier version, hence a rollback',
  rollback Bool comment 'a finished rollback of any outcome, detected ones too',
  rework Bool comment 'a counted hotfix, or a counted deployment that fixes an incident or a deployment',
  failed Bool comment 'it failed, by the first rule that matches',
  failed_linked Bool comment 'it failed by what somebody named: without attribution and without rollbacks and hotfixes that named nothing',
  reverted Bool comment 'a successful rollback to an earlier version took it along',
  judgement LowCardinality(String) comment 'latest judgement by people: failed or cleared; empty: none',
  failure_reasons Array(Tuple(rule String, incident_id Nullable(String), rollback_id Nullable(String), hotfix_id Nullable(String), review_id Nullable(String))) comment 'every match of every rule, by time and id',
  failure_reasons_named Array(Bool) comment 'of each of them: somebody named it; false: it was only inferred',
  failure_reasons_at Array(DateTime64(3, 'UTC')) comment 'of each of them: its instant, UTC',
  cleared_by Nullable(String) comment 'the review that cleared it',
  incident_ids Array(String) comment 'incidents that are not cancelled and are linked or attributed to it',
  attributed_incident_ids Array(String) comment 'those of them that attribution found',
  rolled_back_by Nullable(String) comment 'first successful rollback that targets or reverts it',
  restored_at Nullable(DateTime64(3, 'UTC')) comment 'when service was restored after its failure, UTC; null: not failed, or not restored yet',
  recovery_time_ms Nullable(Int64) comment 'failed deployment to restored, milliseconds, at least 0',
  restored_by_next String comment 'the next deployment, where nothing else restored it; else empty',
  failed_at Nullable(DateTime64(3, 'UTC')) comment 'instant from which its recovery is measured, UTC; null: not failed',
  cost_from Nullable(DateTime64(3, 'UTC')) comment 'when users first had a part of it (unknown: its start), UTC: from here on bad events may be its cost; null: not counted',
  cost_until Nullable(DateTime64(3, 'UTC')) comment 'end of that, UTC, exclusive: the next counted deployment of the place, the first successful rollback of it, or its finish and the attribution window',
  replaced_cost_from Nullable(DateTime64(3, 'UTC')) comment 'cost_from of the revision before, UTC: what else may cost another amount now',
  replaced_cost_until Nullable(DateTime64(3, 'UTC')) comment 'cost_until of the revision before, UTC',
  carried Array(Tuple(repository String, change_id String, pull_request String, committed_at Nullable(DateTime64(3, 'UTC')), opened_at Nullable(DateTime64(3, 'UTC')), first_review_at Nullable(DateTime64(3, 'UTC')), merged_at Nullable(DateTime64(3, 'UTC')))) comment 'the changes that it carried, with their times in UTC',
  merge_commits Array(Tuple(repository String, change_id String, pull_request String, beside Bool)) comment 'the merge commits that it carried; beside commits of their pull request: they are not among carried',
  index finished_range finished_at type minmax granularity 1,
  index deployment_id_filter deployment_id type bloom_filter granularity 4
)
engine = ReplacingMergeTree(revision)
order by (service, environment, deployment_id)
comment 'One row a deployment or rollback, with what was decided about it; read the view deployments';

create materialized view batch_judged refresh every 100 year settings refresh_retries = 0
(
  batch UInt64 comment 'the batch, in the row that carries it; else 0',
  service String comment 'the deployed service',
  environment String comment 'where it was deployed to; empty with an empty deployment_id: the row that carries the batch',
  deployment_id String comment 'the deployment',
  team String comment 'owning team in force at its finish',
  tier String comment 'tier of the environment in force at its finish',
  action LowCardinality(String) comment 'deploy, rollback or hotfix',
  version Nullable(String) comment 'version deployed',
  commit Nullable(String) comment 'commit deployed',
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
  counted Bool comment 'a counted deployment',
  detected Bool comment 'a deploy that is a rollback',
  rollback Bool comment 'a finished rollback of any outcome, detected ones too',
  rework Bool comment 'a counted hotfix, or a counted deployment that fixes something',
  failed Bool comment 'it failed',
  failed_linked Bool comment 'it failed by what somebody named',
  reverted Bool comment 'a successful rollback took it along',
  judgement String comment 'latest judgement by people; empty: none',
  failure_reasons Array(Tuple(rule String, incident_id Nullable(String), rollback_id Nullable(String), hotfix_id Nullable(String), review_id Nullable(String))) comment 'every match of every rule',
  failure_reasons_named Array(Bool) comment 'of each: somebody named it',
  failure_reasons_at Array(DateTime64(3, 'UTC')) comment 'of each: its instant, UTC',
  cleared_by Nullable(String) comment 'the review that cleared it',
  incident_ids Array(String) comment 'incidents linked or attributed to it',
  attributed_incident_ids Array(String) comment 'those that attribution found',
  rolled_back_by Nullable(String) comment 'first successful rollback of it',
  restored_at Nullable(DateTime64(3, 'UTC')) comment 'when service was restored, UTC',
  failed_at Nullable(DateTime64(3, 'UTC')) comment 'from when its recovery is measured, UTC',
  recovery_time_ms Nullable(Int64) comment 'failed to restored, milliseconds',
  restored_by_next String comment 'the next deployment, where nothing else restored it; else empty',
  cost_from Nullable(DateTime64(3, 'UTC')) comment 'start of what may be its cost, UTC',
  cost_until Nullable(DateTime64(3, 'UTC')) comment 'end of that, UTC',
  carried Array(Tuple(repository String, change_id String, pull_request String, committed_at Nullable(DateTime64(3, 'UTC')), opened_at Nullable(DateTime64(3, 'UTC')), first_review_at Nullable(DateTime64(3, 'UTC')), merged_at Nullable(DateTime64(3, 'UTC')))) comment 'the changes that it carried',
  merge_commits Array(Tuple(repository String, change_id String, pull_request String, beside Bool)) comment 'the merge commits that it carried',
  digest UInt64 comment 'hash of the row'
)
engine = Memory
empty
comment 'The deployments of the batch with all that was decided about them' as
with
  blamed as
  (
    select
      service, environment, deployment_id,
      arraySort(groupUniqArray(blame.incident_id)) as incident_ids,
      arraySort(groupUniqArrayIf(blame.incident_id, blame.rule = 'attribution')) as attributed_incident_ids,
      countIf(blame.restored_at is null) as open_incidents,
      max(blame.restored_at) as last_restored_at
    from batch_blames as blame
    where environment != ''
    group by service, environment, deployment_id
  ),
  reasoned as
  (
    select
      service, environment, deployment_id,
      arrayMap(entry -> (entry.3, if(entry.3 in ('incident', 'attribution'), entry.2, null), if(entry.3 = 'rollback', entry.2, null), if(entry.3 = 'hotfix', entry.2, null), if(entry.3 = 'review', entry.2, null)),
        arraySort(groupArrayIf((at, evidence_id, toString(rule), named), rule != 'cleared')) as matches) as failure_reasons,
      arrayMap(entry -> entry.4, matches) as failure_reasons_named,
      arrayMap(entry -> entry.1, matches) as failure_reasons_at,
      anyIf(toNullable(evidence_id), rule = 'cleared') as cleared_by,
      countIf(rule != 'cleared') > 0 as matched,
      countIf(rule != 'cleared' and named) > 0 as matched_named,
      countIf(rule = 'cleared') > 0 as cleared,
      countIf(rule = 'review') > 0 as judged_failed,
      minOrNullIf(at, rule = 'hotfix') as hotfixed_at
    from batch_reasons
    where environment != ''
    group by service, environment, deployment_id
  ),
  undone as
  (
    select
      service, environment, deployment_id,
      countIf(not targeted) > 0 as reverted,
      argMin(rollback_id, (revert.rolled_back_at, rollback_id)) as rolled_back_by,
      min(revert.rolled_back_at) as rolled_back_at,
      1 as known
    from batch_reverts as revert
    where environment != '' and succeeded
    group by service, environment, deployment_id
  ),
  brought as
  (
    select
      service, environment, deployment_id,
      arraySort(change -> (change.1, change.2, change.3), groupArrayIf((repository, change_id, pull_request, committed_at, opened_at, first_review_at, merged_at), not beside)) as carried,
      arraySort(groupArrayIf((repository, change_id, pull_request, beside), merges)) as merge_commits
    from batch_changes
    where environment != ''
    group by service, environment, deployment_id
  ),
  judged as
  (
    select
      deployment.service as service,
      deployment.environment as environment,
      deployment.deployment_id as deployment_id,
      deployment.team as team,
      deployment.tier as tier,
      deployment.action as action,
      deployment.version as version,
      deployment.commit as commit,
      deployment.repository as repository,
      deployment.strategy as strategy,
      deployment.rollout_id as rollout_id,
      deployment.rolls_back_deployment as rolls_back_deployment,
      deployment.rolls_back_to_version as rolls_back_to_version,
      deployment.fixes_deployment as fixes_deployment,
      deployment.fixes_incident as fixes_incident,
      deployment.automatic as automatic,
      deployment.artifact_digest as artifact_digest,
      deployment.url as url,
      deployment.trace_id as trace_id,
      deployment.started_at as started_at,
      deployment.advanced_at as advanced_at,
      deployment.finished_at as finished_at,
      deployment.outcome as outcome,
      deployment.counted as counted,
      deployment.detected as detected,
      deployment.rollback as rollback,
      deployment.counted and (deployment.action = 'hotfix' or deployment.fixes_incident is not null or deployment.fixes_deployment is not null) as rework,
      reason.matched = 1 and reason.cleared = 0 as failed,
      reason.matched_named = 1 and reason.cleared = 0 as failed_linked,
      deployment.counted and undone.reverted = 1 as reverted,
      multiIf(reason.cleared = 1, 'cleared', reason.judged_failed = 1, 'failed', '') as judgement,
      reason.failure_reasons as failure_reasons,
      reason.failure_reasons_named as failure_reasons_named,
      reason.failure_reasons_at as failure_reasons_at,
      reason.cleared_by as cleared_by,
      blame.incident_ids as incident_ids,
      blame.attributed_incident_ids as attributed_incident_ids,
      if(undone.known = 1 and deployment.counted, undone.rolled_back_by, null) as rolled_back_by,
      multiIf(
        not failed, null,
        notEmpty(blame.incident_ids), if(blame.open_incidents > 0, null, blame.last_restored_at),
        not deployment.live, deployment.finished_at,
        undone.known = 1, undone.rolled_back_at,
        reason.hotfixed_at is not null, reason.hotfixed_at,
        deployment.next_success_at) as restored_at,
      if(failed, if(deployment.live, deployment.finished_at, deployment.advanced_at), null) as failed_at,
      if(restored_at is null or failed_at is null, null, greatest(0, toUnixTimestamp64Milli(assumeNotNull(restored_at)) - toUnixTimestamp64Milli(assumeNotNull(failed_at)))) as recovery_time_ms,
      if(failed and restored_at is not null and empty(blame.incident_ids) and deployment.live and undone.known != 1 and reason.hotfixed_at is null, deployment.next_success_id, '') as restored_by_next,
      if(deployment.counted, deployment.reached_users_at, null) as cost_from,
      -- least and greatest pass nulls over
      if(deployment.counted, greatest(deployment.reached_users_at, least(
        deployment.finished_at + toIntervalMillisecond(deployment.attribution_window_ms),
        deployment.next_reached_users_at,
        if(undone.known = 1, undone.rolled_back_at, null))), null) as cost_until,
      brought.carried as carried,
      brought.merge_commits as merge_commits
    from (select * from batch_deployments where deployment_id != '') as deployment
    left join blamed as blame on blame.service = deployment.service and blame.environment = deployment.environment and blame.deployment_id = deployment.deployment_id
    left join reasoned as reason on reason.service = deployment.service and reason.environment = deployment.environment and reason.deployment_id = deployment.deployment_id
    left join undone on undone.service = deployment.service and undone.environment = deployment.environment and undone.deployment_id = deployment.deployment_id
    left join brought on brought.service = deployment.service and brought.environment = deployment.environment and brought.deployment_id = deployment.deployment_id
  )
select
  toUInt64(0) as batch,
  *,
  sipHash64(toString((team, tier, action, version, commit, repository, strategy, rollout_id, rolls_back_deployment, rolls_back_to_version, fixes_deployment, fixes_incident, automatic, artifact_digest, url, trace_id, started_at, advanced_at, finished_at, outcome)),
    toString((counted, detected, rollback, rework, failed, failed_linked, reverted, judgement, failure_reasons, failure_reasons_named, failure_reasons_at, cleared_by, incident_ids, attributed_incident_ids, rolled_back_by, restored_at, recovery_time_ms, restored_by_next, failed_at, cost_from, cost_until)),
    toString((carried, merge_commits))) as digest
from judged
union all
select
  batch,
  '', '', '', '', '', 'deploy', null, null, null, null, null, null, null, null, null, null, null, null, null,
  toDateTime64(0, 3, 'UTC'), null, null, null, false, false, false, false, false, false, false, '', [], [], [], null, [], [], null, null, null, null, '', null, null, [], [], 0
from batch_changes
-- both ways of the fork have to be of one batch
where environment = '' and batch in (select reason.batch from batch_reasons as reason where reason.environment = '');

create materialized view recompute_deployments refresh every 100 year settings refresh_retries = 0 append to deployments_recomputed
empty
comment 'Writes the deployments of the batch that differ from what is stored; of recent history those that ended in it' as
select
  judged.* except (batch),
  stored.revision + 1 as revision,
  stored.cost_from as replaced_cost_from,
  stored.cost_until as replaced_cost_until
from batch_judged as judged
left join
(
  select service, environment, deployment_id, revision, digest, cost_from, cost_until
  from deployments_recomputed final
  -- before the revisions are merged, which keys bear
  prewhere service in (select service from recompute_batch) and deployment_id in (select batch_judged.deployment_id from batch_judged)
) as stored on stored.service = judged.service and stored.environment = judged.environment and stored.deployment_id = judged.deployment_id
where judged.deployment_id != ''
  and (stored.revision = 0 or stored.digest != judged.digest)
  and coalesce(judged.finished_at, judged.started_at) >= (select any(recent_from) from recompute_batch)
  and (select any(batch) from recompute_batch) = (select any(batch) from batch_judged where deployment_id = '')
settings wait_for_part_commit_in_dependent_materialized_views = 1;

-- evenkeel_brought: what a deployment brought, counted by itself or not, as (columns of carried, it is a merge commit).
-- Parameters:
--   carried, merge_commits: columns of deployments_recomputed
create or replace function evenkeel_brought as (carried, merge_commits) ->
  arrayConcat(
    arrayMap(change -> (change.1, change.2, change.3, change.4, change.5, change.6, change.7, arrayExists(merge -> merge.1 = change.1 and merge.2 = change.2, merge_commits)), carried),
    arrayMap(merge -> (merge.1, merge.2, merge.3, null, null, null, null, true), arrayFilter(merge -> merge.4, merge_commits)));

-- batch_units: what of the batch counts as one deployment or rollback in each scope: asked by environment each counts, asked by tier
-- the members of one (service, rollout) are one that finished when the last of them did.
-- Columns:
--   scope: environment:<name> or tier:<name>
--   service: the service
--   rollback: it is a rollback
--   unit: (environment, deployment_id), or ('rollout', rollout_id)
--   deployment_id: the member that finished last
--   environment: environment of that member
--   members: deployments that it is made of, as (environment, deployment_id)
--   finished_at: finish of the last member, UTC
--   started_at: start of the first member, UTC
--   team: team in force at its finish
--   counted: a member is a counted deployment
--   failed: a member failed
--   failed_linked: a member failed by what somebody named
--   rework: a member is rework
--   members_unrecovered: failed members that are not restored yet
--   recovery_time_ms: longest recovery of its members, milliseconds
--   oldest_unrecovered_at: earliest instant from which an unrecovered member is measured, UTC
--   without_changes: no change is known of any member
create view batch_units as
select
  scope, service, rollback, unit,
  argMax(member.deployment_id, (member.finished_at, member.deployment_id)) as deployment_id,
  argMax(member.environment, (member.finished_at, member.deployment_id)) as environment,
  arraySort(groupArray((member.environment, member.deployment_id))) as members,
  max(member.finished_at) as finished_at,
  min(member.started_at) as started_at,
  argMax(member.team, (member.finished_at, member.deployment_id)) as team,
  max(member.counted) as counted,
  max(member.failed) as failed,
  max(member.failed_linked) as failed_linked,
  max(member.rework) as rework,
  countIf(member.failed and member.recovery_time_ms is null) as members_unrecovered,
  max(member.recovery_time_ms) as recovery_time_ms,
  minOrNullIf(assumeNotNull(member.failed_at), member.failed and member.recovery_time_ms is null) as oldest_unrecovered_at,
  countIf(member.brings) = 0 as without_changes
from
(
  select
    arrayJoin([concat('environment:', deployment.environment), concat('tier:', deployment.tier)]) as scope,
    service,
    rollback,
    if(startsWith(scope, 'tier:') and deployment.rollout_id is not null, ('rollout', assumeNotNull(deployment.rollout_id)), (deployment.environment, deployment.deployment_id)) as unit,
    environment, deployment_id, team, started_at, assumeNotNull(deployment.finished_at) as finished_at,
    counted, failed, failed_linked, rework, recovery_time_ms, failed_at, notEmpty(carried) as brings
  from batch_judged as deployment
  where deployment.finished_at is not null
    and (rollback or (action in ('deploy', 'hotfix') and not detected))
) as member
group by scope, service, rollback, unit;

-- batch_first_carried: each change of the batch once a scope and service (without merge commits that are not counted), with the first counted, succeeded deployment that carried it.
-- Columns:
--   scope: environment:<name> or tier:<name>
--   service: the service
--   repository: repository as host/owner/name
--   change_id: commit SHA; empty: a pull request none of whose commits is known
--   pull_request: its pull request, where it stands for one
--   finished_at: finish of the deployment that carried it first, UTC
--   started_at: its start, UTC
--   team: team in force at its finish
--   committed_at: commit time, UTC
--   opened_at: pull request opened, UTC
--   first_review_at: first review, UTC
--   merged_at: merged, UTC
create view batch_first_carried as
select
  scope, service, repository, change_id, pull_request,
  argMin(unit.finished_at, unit.place) as finished_at,
  argMin(unit.started_at, unit.place) as started_at,
  argMin(unit.team, unit.place) as team,
  min(brought.committed) as committed_at,
  min(brought.opened) as opened_at,
  min(brought.reviewed) as first_review_at,
  min(brought.merged) as merged_at
from
(
  select
    *,
    -- its unit carries it together with commits of its pull request, so it is not counted there, nor wherever it is carried again
    merges and countIf(not merges) over (partition by scope, service, unit, repository, request) > 0 as beside
  from
  (
    select
      arrayJoin([concat('environment:', deployment.environment), concat('tier:', deployment.tier)]) as scope,
      service,
      if(startsWith(scope, 'tier:') and deployment.rollout_id is not null, ('rollout', assumeNotNull(deployment.rollout_id)), (deployment.environment, deployment.deployment_id)) as unit,
      change.1 as repository, change.2 as change_id, if(change.2 = '', change.3, '') as pull_request,
      change.4 as committed, change.5 as opened, change.6 as reviewed, change.7 as merged,
      change.3 as request, change.8 as merges
    from batch_judged as deployment
    array join evenkeel_brought(deployment.carried, deployment.merge_commits) as change
    where deployment.counted and coalesce(deployment.outcome = 'succeeded', false)
  )
) as brought
inner join
(
  -- the place of each in the order (finish, id): a number is compared much quicker than they are
  select scope, service, unit, finished_at, started_at, team, row_number() over (partition by scope, service order by finished_at, unit) as place
  from batch_units
  where counted
) as unit on unit.scope = brought.scope and unit.service = brought.service and unit.unit = brought.unit
group by brought.scope as scope, brought.service as service, brought.repository as repository, brought.change_id as change_id, brought.pull_request as pull_request
having not argMin(brought.beside, unit.place);

create materialized view batch_parts refresh every 100 year settings refresh_retries = 0
(
  batch UInt64 comment 'the batch, in the row that carries it; else 0',
  scope String comment 'environment:<name> or tier:<name>; empty: the row that carries the batch',
  service String comment 'the service',
  team String comment 'team in force',
  bucket DateTime('UTC') comment 'start of the quarter-hour, UTC',
  attempts UInt8 comment '1: a finished deploy or hotfix',
  deployments UInt8 comment '1: a counted deployment',
  rollbacks UInt8 comment '1: a rollback',
  failed UInt8 comment '1: it failed',
  failed_linked UInt8 comment '1: it failed by what somebody named',
  unrecovered UInt8 comment '1: it failed and is not restored yet',
  unrecovered_at_ms Int64 comment 'instant from which that is measured, milliseconds since 1970; -1: none',
  recovery_ms Int64 comment 'failed to restored, milliseconds; -1: none',
  rework UInt8 comment '1: rework',
  changes UInt8 comment '1: a change first carried here',
  lead_ms Int64 comment 'commit to finish, milliseconds; -1: unknown or negative',
  coding_ms Int64 comment 'commit to pull request opened, milliseconds; -1: unknown or negative',
  pickup_ms Int64 comment 'opened to first review, milliseconds; -1: unknown or negative',
  review_ms Int64 comment 'first review (without one: opened) to merged, milliseconds; -1: unknown or negative',
  queue_ms Int64 comment 'merged to started, milliseconds; -1: unknown or negative',
  deploy_ms Int64 comment 'started to finished, milliseconds; -1: negative',
  opened UInt8 comment '1: an incident opened here',
  opened_ms Int64 comment 'when it opened, milliseconds since 1970',
  open_until_ms Int64 comment 'when it was restored, milliseconds since 1970; 9223372036854775807: it is open',
  restored UInt8 comment '1: an incident restored here',
  restore_ms Int64 comment 'opened to restored, milliseconds; -1: negative',
  without_changes String comment 'a counted deployment for which no change is known; else empty',
  without_commit_time String comment 'a change whose commit time is not known; else empty',
  negative_lead_time String comment 'a change that was committed after the finish; else empty',
  fingerprint UInt64 comment 'hash of the row'
)
engine = Memory
empty
comment 'What each deployment, change and incident of the batch adds to its quarter-hour' as
select toUInt64(0) as batch, *
from
(
  select
    toString(unit.scope) as scope, toString(unit.service) as service, toString(unit.team) as team,
    toStartOfFifteenMinutes(toDateTime(unit.finished_at, 'UTC')) as bucket,
    toUInt8(not rollback) as attempts,
    toUInt8(counted) as deployments,
    toUInt8(rollback) as rollbacks,
    toUInt8(unit.failed) as failed,
    toUInt8(unit.failed_linked) as failed_linked,
    toUInt8(unit.failed and members_unrecovered > 0) as unrecovered,
    coalesce(toUnixTimestamp64Milli(oldest_unrecovered_at), toInt64(-1)) as unrecovered_at_ms,
    if(unit.failed and members_unrecovered = 0, assumeNotNull(recovery_time_ms), toInt64(-1)) as recovery_ms,
    toUInt8(unit.rework) as rework,
    toUInt8(0) as changes,
    toInt64(-1) as lead_ms, toInt64(-1) as coding_ms, toInt64(-1) as pickup_ms, toInt64(-1) as review_ms, toInt64(-1) as queue_ms, toInt64(-1) as deploy_ms,
    toUInt8(0) as opened, toInt64(0) as opened_ms, toInt64(0) as open_until_ms, toUInt8(0) as restored, toInt64(-1) as restore_ms,
    if(counted and unit.without_changes, deployment_id, '') as without_changes, '' as without_commit_time, '' as negative_lead_time,
    cityHash64('deployment', scope, team, bucket, attempts, deployments, rollbacks, failed, failed_linked, unrecovered, unrecovered_at_ms, recovery_ms, rework, without_changes) as fingerprint
  from batch_units as unit
  where unit.finished_at >= (select any(recent_from) from recompute_batch)
  union all
  select
    scope, service, team, toStartOfFifteenMinutes(toDateTime(finished_at, 'UTC')) as in_bucket, 0, 0, 0, 0, 0, 0, -1, -1, 0, 1,
    coalesce(greatest(finished_ms - committed_ms, -1), -1) as lead,
    coalesce(greatest(opened_ms - committed_ms, -1), -1) as coding,
    coalesce(greatest(first_review_ms - opened_ms, -1), -1) as pickup,
    coalesce(greatest(merged_ms - coalesce(first_review_ms, opened_ms), -1), -1) as review,
    coalesce(greatest(started_ms - merged_ms, -1), -1) as queue,
    greatest(finished_ms - started_ms, -1) as deploy,
    0, 0, 0, 0, -1,
    '', if(committed_ms is null, name, '') as unknown, if(coalesce(finished_ms < committed_ms, false), name, '') as negative,
    cityHash64('change', scope, team, in_bucket, lead, coding, pickup, review, queue, deploy, unknown, negative)
  from
  (
    select
      scope, service, team, finished_at,
      if(change_id = '', concat(repository, '#', pull_request), concat(repository, '@', change_id)) as name,
      toUnixTimestamp64Milli(finished_at) as finished_ms,
      toUnixTimestamp64Milli(started_at) as started_ms,
      toUnixTimestamp64Milli(committed_at) as committed_ms,
      toUnixTimestamp64Milli(opened_at) as opened_ms,
      toUnixTimestamp64Milli(first_review_at) as first_review_ms,
      toUnixTimestamp64Milli(merged_at) as merged_ms
    from batch_first_carried
    where finished_at >= (select any(recent_from) from recompute_batch)
  )
  union all
  select
    scope, service, team, toStartOfFifteenMinutes(toDateTime(intDiv(at_ms, 1000), 'UTC')), 0, 0, 0, 0, 0, 0, -1, -1, 0, 0, -1, -1, -1, -1, -1, -1,
    begins, if(begins, opens_ms, 0), if(begins, ends_ms, 0), not begins, if(begins, -1, greatest(ends_ms - opens_ms, -1)),
    '', '', '', cityHash64('incident', scope, team, opens_ms, ends_ms, begins)
  from
  (
    -- each incident where it opened, and where it was restored
    select
      arrayJoin(if(incident.environment is null, [concat('tier:', tier)], [concat('environment:', assumeNotNull(incident.environment)), concat('tier:', tier)])) as scope, service, team,
      toUnixTimestamp64Milli(incident.opened_at) as opens_ms,
      coalesce(toUnixTimestamp64Milli(incident.restored_at), 9223372036854775807) as ends_ms,
      arrayJoin(if(incident.restored_at is null, [true], [true, false])) as begins,
      if(begins, opens_ms, ends_ms) as at_ms
    from batch_incidents as incident
    where incident_id != '' and not cancelled and service in (select service from recompute_batch)
  )
  where at_ms >= (select toUnixTimestamp64Milli(any(recent_from)) from recompute_batch)
)
union all
select batch, '', '', '', toDateTime(0, 'UTC'), 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, '', '', '', 0 from batch_judged where deployment_id = '';

create materialized view batch_weeks refresh every 100 year settings refresh_retries = 0
(
  batch UInt64 comment 'the batch, in the row that carries it; else 0',
  service String comment 'a service of the batch',
  week Date comment 'Monday of a week (UTC) in which something differs from what was last summed up',
  fingerprint UInt64 comment 'sum of the hashes of its parts',
  revision UInt64 comment 'revision of the row that keeps it'
)
engine = Memory
empty
comment 'The weeks whose parts differ from those that were last summed up: only they are summed up again' as
select toUInt64(0) as batch, service, week, sum(parted) as fingerprint, max(stored_revision) + 1 as revision
from
(
  select service, toMonday(bucket) as week, part.fingerprint as parted, toUInt64(0) as kept, toUInt64(0) as stored_revision
  from batch_parts as part
  where scope != ''
  union all
  select service, toDate(bucket), 0, digest, revision
  from dora_buckets final
  where period = '2106-01-01' and service in (select service from recompute_batch)
    and bucket >= (select any(recent_from) from recompute_batch)
)
group by service, week
having sum(kept) != fingerprint or revision = 1
union all
select batch, '', toDate(0), 0, 0 from batch_parts where scope = '';

create materialized view recompute_aggregates refresh every 100 year settings refresh_retries = 0 append to dora_buckets
empty
comment 'Writes the quarter-hours of the batch that differ from what is stored, and in the same part what each service''s recompute had seen' as
with
  summed as
  (
    select
      scope, service, team, bucket,
      toUInt32(sum(part.attempts)) as attempts,
      toUInt32(sum(part.deployments)) as deployments,
      toUInt32(sum(part.rollbacks)) as rollbacks,
      toUInt32(sum(part.failed)) as failed_deployments,
      toUInt32(sum(part.failed_linked)) as failed_deployments_linked,
      toUInt32(sum(part.failed) - sum(part.unrecovered)) as recovered_deployments,
      toUInt32(sum(part.unrecovered)) as unrecovered_deployments,
      minOrNullIf(fromUnixTimestamp64Milli(part.unrecovered_at_ms, 'UTC'), part.unrecovered_at_ms != -1) as oldest_unrecovered_at,
      toUInt32(sum(part.rework)) as rework_deployments,
      toUInt32(sum(part.changes)) as changes,
      arraySort(groupArrayIf(part.lead_ms, part.lead_ms >= 0)) as lead_times,
      arraySort(groupArrayIf(part.coding_ms, part.coding_ms >= 0)) as coding_times,
      arraySort(groupArrayIf(part.pickup_ms, part.pickup_ms >= 0)) as pickup_times,
      arraySort(groupArrayIf(part.review_ms, part.review_ms >= 0)) as review_times,
      arraySort(groupArrayIf(part.queue_ms, part.queue_ms >= 0)) as queue_times,
      arraySort(groupArrayIf(part.deploy_ms, part.deploy_ms >= 0)) as deploy_times,
      arraySort(groupArrayIf(part.recovery_ms, part.recovery_ms >= 0)) as recovery_times,
      toUInt32(sum(part.opened)) as incidents_opened,
      toUInt32(sum(part.restored)) as incidents_restored,
      arraySort(groupArrayIf(part.restore_ms, part.restore_ms >= 0)) as restore_times,
      arraySort(groupArrayIf((part.opened_ms, part.open_until_ms), part.opened = 1)) as incident_spans,
      toUInt32(countIf(part.without_changes != '')) as deployments_without_changes,
      toUInt32(countIf(part.without_commit_time != '')) as changes_without_commit_time,
      toUInt32(countIf(part.negative_lead_time != '')) as negative_lead_times,
      minIf(part.without_changes, part.without_changes != '') as without_changes_example,
      minIf(part.without_commit_time, part.without_commit_time != '') as without_commit_time_example,
      minIf(part.negative_lead_time, part.negative_lead_time != '') as negative_lead_time_example,
      sum(part.fingerprint) as digest,
      max(part.stored_digest) as stored_digest,
      max(part.stored_revision) + 1 as revision
    from
    (
      select * except (batch), toUInt64(0) as stored_digest, toUInt64(0) as stored_revision
      from batch_parts
      where scope != '' and (service, toMonday(bucket)) in (select service, week from batch_weeks)
      union all
      -- what is stored and has become empty is written as zeros
      select scope, service, team, bucket, 0, 0, 0, 0, 0, 0, -1, -1, 0, 0, -1, -1, -1, -1, -1, -1, 0, 0, 0, 0, -1, '', '', '', 0, digest, revision
      from dora_buckets final
      where scope != '' and (service, period) in (select service, toStartOfQuarter(arrayJoin([week, week + 6])) from batch_weeks) and (service, toMonday(bucket)) in (select service, week from batch_weeks)
    ) as part
    group by scope, service, team, bucket
    having revision = 1 or digest != stored_digest
  )
select
  * except (stored_digest),
  toStartOfQuarter(bucket) as period,
  arrayMax(arrayMap(span -> span.2, incident_spans)) as last_restored_ms,
  toInt64(0) as seen,
  toInt64(0) as facts_seen,
  toUInt64(0) as turn,
  toInt64(0) as recent_seen,
  toUInt64(0) as recent_turn,
  toDateTime64(0, 3, 'UTC') as recomputed_at
from summed
where (select any(batch) from recompute_batch) = (select max(batch) from batch_weeks)
union all
-- what was summed up, week by week; a second after its start, where no quarter-hour begins
select
  '', service, '', toDateTime(batch_weeks.week, 'UTC') + 1, 0, 0, 0, 0, 0, 0, 0, null, 0, 0, [], [], [], [], [], [], [], 0, 0, [], [],
  0, 0, 0, '', '', '', fingerprint, revision, toDate('2106-01-01'), 0, 0, 0, 0, 0, 0, now64(3, 'UTC')
from batch_weeks
where batch_weeks.batch = 0 and (select any(batch) from recompute_batch) = (select max(batch) from batch_weeks)
union all
select
  '', batch.service, '', toDateTime(0, 'UTC'), 0, 0, 0, 0, 0, 0, 0, null, 0, 0, [], [], [], [], [], [], [], 0, 0, [], [],
  0, 0, 0, '', '', '', toUInt64(0), batch.revision, toDate('2106-01-02'), 0, batch.seen, batch.facts_seen, batch.turn, batch.pending_seen, batch.revision, now64(3, 'UTC')
from recompute_batch as batch
where batch.batch = (select max(batch) from batch_weeks)
settings min_insert_block_size_rows = 100000000, min_insert_block_size_bytes = 0, max_insert_threads = 1;
