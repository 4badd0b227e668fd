-- The recompute, changes: what is known of every commit and pull request that the batch's services carried, and which
-- deployment carried which.

create materialized view batch_change_keys refresh every 100 year settings refresh_retries = 0
(
  batch UInt64 comment 'the batch, in the row that carries it; else 0',
  repository String comment 'repository as host/owner/name',
  change_id String comment 'commit SHA; empty: the row stands for a pull request',
  pull_request String comment 'the pull request; empty: the row stands for a commit; both empty: the row that carries the batch'
)
engine = Memory
empty
comment 'The changes and pull requests that the batch''s services carried, and every known commit of those pull requests' as
with
  (
    select groupArray(link)
    from
    (
      select (repository, change_id, pull_request) as link from change_links where service in (select service from recompute_batch) and reported_at >= (select any(context_from) from recompute_batch)
      union distinct
      select (coalesce(repository, ''), assumeNotNull(commit), '') as link from batch_deployments where batch_deployments.commit is not null and batch_deployments.commit_at is not null
    )
  ) as links,
  (
    select groupArray((repository, pull_request))
    from
    (
      select link.1 as repository, link.3 as pull_request from (select arrayJoin(links) as link) where link.2 = ''
      union distinct
      select repository, pull_request from change_facts where occurred_at >= (select any(reports_from) from recompute_batch) and (repository, change_id) in (select (link.1, link.2) from (select arrayJoin(links) as link) where link.2 != '')
    )
    where pull_request != ''
  ) as pull_requests
select distinct toUInt64(0) as batch, repository, change_id, pull_request
from
(
  select link.1 as repository, link.2 as change_id, '' as pull_request from (select arrayJoin(links) as link) where link.2 != ''
  union all
  select repository, change_id, '' from pull_request_changes where reported_at >= (select any(reports_from) from recompute_batch) and (repository, pull_request) in (select arrayJoin(pull_requests))
  union all
  select request.1, '', request.2 from (select arrayJoin(pull_requests) as request)
)
union all
select batch, '', '', '' from batch_deployments where deployment_id = '';

create materialized view batch_commits refresh every 100 year settings refresh_retries = 0
(
  batch UInt64 comment 'the batch, in the row that carries it; else 0',
  repository String comment 'repository as host/owner/name',
  change_id String comment 'commit SHA; empty: the row that carries the batch',
  pull_request String comment 'its pull request; empty: none known',
  merge_commit Bool comment 'it stands for its pull request',
  committed_at Nullable(DateTime64(3, 'UTC')) comment 'least known commit time, UTC',
  opened_at Nullable(DateTime64(3, 'UTC')) comment 'pull request opened, UTC',
  first_review_at Nullable(DateTime64(3, 'UTC')) comment 'first review, UTC',
  approved_at Nullable(DateTime64(3, 'UTC')) comment 'approved, UTC',
  merged_at Nullable(DateTime64(3, 'UTC')) comment 'merged, UTC',
  carriers Array(Tuple(service String, environment String, deployment_id String)) comment 'deployments that some report says carried it'
)
engine = Memory
empty
comment 'The commits of batch_change_keys, merged from their facts and from what deployments told' as
select
  toUInt64(0) as batch,
  repository,
  change_id,
  max(latest_pull_request) as pull_request,
  max(merges) as merge_commit,
  min(first_committed_at) as committed_at,
  min(first_opened_at) as opened_at,
  min(first_reviewed_at) as first_review_at,
  min(first_approved_at) as approved_at,
  max(last_merged_at) as merged_at,
  arrayDistinct(arrayFlatten(groupArray(carrier_list))) as carriers
from
(
  select
    repository,
    change_id,
    argMaxIf(fact.pull_request, (occurred_at, event_id), fact.pull_request != '') as latest_pull_request,
    coalesce(argMaxIf(fact.merge_commit, (occurred_at, event_id), fact.merge_commit is not null), false) as merges,
    min(fact.committed_at) as first_committed_at,
    min(fact.opened_at) as first_opened_at,
    min(fact.first_review_at) as first_reviewed_at,
    min(fact.approved_at) as first_approved_at,
    max(fact.merged_at) as last_merged_at,
    groupUniqArrayIf((assumeNotNull(toString(fact.service)), assumeNotNull(toString(fact.environment)), assumeNotNull(fact.deployment_id)), fact.deployment_id is not null) as carrier_list
  from
  (
    select * from change_facts
    where occurred_at >= (select any(reports_from) from recompute_batch) and (repository, change_id) in (select repository, change_id from batch_change_keys where change_id != '')
    order by repository, change_id, event_id, content_sha256
    limit 1 by repository, change_id, event_id
  ) as fact
  group by repository, change_id
  union all
  select repository, commit, '', false, min(told.commit_at), null, null, null, null, []
  from
  (
    select * from deployment_commits
    where commit_at >= (select any(reports_from) from recompute_batch) and (repository, commit) in (select repository, change_id from batch_change_keys where change_id != '')
    order by repository, commit, service, environment, deployment_id, event_id, content_sha256
    limit 1 by repository, commit, service, environment, deployment_id, event_id
  ) as told
  group by repository, commit
)
group by repository, change_id
union all
select batch, '', '', '', false, null, null, null, null, null, [] from batch_change_keys where change_id = '' and pull_request = '';

create materialized view batch_pull_requests refresh every 100 year settings refresh_retries = 0
(
  batch UInt64 comment 'the batch, in the row that carries it; else 0',
  repository String comment 'repository as host/owner/name',
  pull_request String comment 'the pull request; empty: the row that carries the batch',
  committed_at Nullable(DateTime64(3, 'UTC')) comment 'least commit time told of the pull request itself, UTC',
  opened_at Nullable(DateTime64(3, 'UTC')) comment 'opened, UTC',
  first_review_at Nullable(DateTime64(3, 'UTC')) comment 'first review, UTC',
  approved_at Nullable(DateTime64(3, 'UTC')) comment 'approved, UTC',
  merged_at Nullable(DateTime64(3, 'UTC')) comment 'merged, UTC',
  carriers Array(Tuple(service String, environment String, deployment_id String)) comment 'deployments that some report says carried it',
  commit_count UInt64 comment 'its known commits',
  first_commit_at Nullable(DateTime64(3, 'UTC')) comment 'least commit time of those, UTC'
)
engine = Memory
empty
comment 'The pull requests of batch_change_keys, merged from their own facts, with what their commits say' as
select
  toUInt64(0) as batch,
  repository,
  pull_request,
  min(first_committed_at) as committed_at,
  min(first_opened_at) as opened_at,
  min(first_reviewed_at) as first_review_at,
  min(first_approved_at) as approved_at,
  max(last_merged_at) as merged_at,
  arrayDistinct(arrayFlatten(groupArray(carrier_list))) as carriers,
  sum(known_commits) as commit_count,
  min(commits_committed_at) as first_commit_at
from
(
  select
    repository,
    pull_request,
    min(fact.committed_at) as first_committed_at,
    min(fact.opened_at) as first_opened_at,
    min(fact.first_review_at) as first_reviewed_at,
    min(fact.approved_at) as first_approved_at,
    max(fact.merged_at) as last_merged_at,
    groupUniqArrayIf((assumeNotNull(toString(fact.service)), assumeNotNull(toString(fact.environment)), assumeNotNull(fact.deployment_id)), fact.deployment_id is not null) as carrier_list,
    toUInt64(0) as known_commits,
    CAST(null, 'Nullable(DateTime64(3, \'UTC\'))') as commits_committed_at
  from
  (
    select * from change_facts
    where change_id = '' and occurred_at >= (select any(reports_from) from recompute_batch) and (repository, pull_request) in (select repository, pull_request from batch_change_keys where pull_request != '')
    order by repository, pull_request, event_id, content_sha256
    limit 1 by repository, pull_request, event_id
  ) as fact
  group by repository, pull_request
  union all
  select repository, pull_request, null, null, null, null, null, [], count(), min(known.committed_at)
  from batch_commits as known
  where pull_request != ''
  group by repository, pull_request
)
group by repository, pull_request
union all
select batch, '', '', null, null, null, null, null, [], 0, null from batch_commits where change_id = '';

create materialized view batch_change_times refresh every 100 year settings refresh_retries = 0
(
  batch UInt64 comment 'the batch, in the row that carries it; else 0',
  repository String comment 'repository as host/owner/name',
  change_id String comment 'commit SHA; empty: the pull request itself; both empty: the row that carries the batch',
  pull_request String comment 'its pull request; empty: none known',
  merge_commit Bool comment 'it stands for its pull request',
  pull_request_commits UInt64 comment 'known commits of its pull request',
  committed_at Nullable(DateTime64(3, 'UTC')) comment 'least known commit time (a merge commit: of its pull request''s commits), UTC',
  opened_at Nullable(DateTime64(3, 'UTC')) comment 'pull request opened, UTC',
  first_review_at Nullable(DateTime64(3, 'UTC')) comment 'first review, UTC',
  approved_at Nullable(DateTime64(3, 'UTC')) comment 'approved, UTC',
  merged_at Nullable(DateTime64(3, 'UTC')) comment 'merged, UTC',
  carriers Array(Tuple(service String, environment String, deployment_id String)) comment 'deployments that some report says carried it'
)
engine = Memory
empty
comment 'The changes that the batch''s services carried; what a commit lacks comes from its pull request' as
select
  toUInt64(0) as batch,
  known.repository as repository,
  known.change_id as change_id,
  known.pull_request as pull_request,
  known.merge_commit as merge_commit,
  request.commit_count as pull_request_commits,
  if(known.merge_commit and known.pull_request != '', coalesce(request.first_commit_at, request.committed_at), coalesce(known.committed_at, request.committed_at)) as committed_at,
  coalesce(known.opened_at, request.opened_at) as opened_at,
  coalesce(known.first_review_at, request.first_review_at) as first_review_at,
  coalesce(known.approved_at, request.approved_at) as approved_at,
  coalesce(known.merged_at, request.merged_at) as merged_at,
  known.carriers as carriers
from (select * from batch_commits where change_id != '') as known
left join (select * from batch_pull_requests where pull_request != '') as request on request.repository = known.repository and request.pull_request = known.pull_request
union all
select batch, repository, '', pull_request, false, commit_count, committed_at, opened_at, first_review_at, approved_at, merged_at, carriers
from batch_pull_requests;

create materialized view batch_carried refresh every 100 year settings refresh_retries = 0
(
  batch UInt64 comment 'the batch, in the row that carries it; else 0',
  service String comment 'the service',
  environment String comment 'the environment; empty: the row that carries the batch',
  deployment_id String comment 'the deployment',
  repository String comment 'repository as host/owner/name',
  change_id String comment 'commit SHA; empty: the whole pull request',
  pull_request String comment 'the pull request; empty: none told',
  own_commit_at Nullable(DateTime64(3, 'UTC')) comment 'commit time that the deployment told of its own commit, when that is all that it carried, UTC'
)
engine = Memory
empty
comment 'What each deployment of the batch carried, as reported: named for it, named for an earlier attempt of the same version that did not succeed, else its own commit' as
with named as
(
  select carrier.1 as service, carrier.2 as environment, carrier.3 as deployment_id, repository, change_id, pull_request
  from batch_change_times
  array join carriers as carrier
  where service in (select service from recompute_batch)
)
select toUInt64(0) as batch, service, environment, deployment_id, repository, change_id, pull_request, CAST(null, 'Nullable(DateTime64(3, \'UTC\'))') as own_commit_at from named
union distinct
select 0, later.service, later.environment, later.deployment_id, named.repository, named.change_id, named.pull_request, null
from named
inner join (select * from batch_deployments where finished and action in ('deploy', 'hotfix') and not live and version is not null) as earlier
  on earlier.service = named.service and earlier.environment = named.environment and earlier.deployment_id = named.deployment_id
inner join (select * from batch_deployments where version is not null) as later
  on later.service = earlier.service and later.environment = earlier.environment and later.version = earlier.version
where (earlier.started_at, earlier.deployment_id) < (later.started_at, later.deployment_id)
union distinct
select 0, service, environment, deployment_id, coalesce(deployment.repository, ''), assumeNotNull(deployment.commit), '', deployment.commit_at
from batch_deployments as deployment
where deployment.commit is not null and deployment.commit_at is not null
  and (service, environment, deployment_id) not in (select service, environment, deployment_id from named)
union distinct
select batch, '', '', '', '', '', '', null from batch_change_times where repository = '' and change_id = '' and pull_request = '';

create materialized view batch_changes refresh every 100 year settings refresh_retries = 0
(
  batch UInt64 comment 'the batch, in the row that carries it; else 0',
  service String comment 'the service',
  environment String comment 'the environment; empty: the row that carries the batch',
  deployment_id String comment 'the deployment that carried the change',
  repository String comment 'repository as host/owner/name',
  change_id String comment 'commit SHA; empty: a pull request none of whose commits is known',
  pull_request String comment 'its pull request; empty: none known',
  committed_at Nullable(DateTime64(3, 'UTC')) comment 'commit time, UTC',
  opened_at Nullable(DateTime64(3, 'UTC')) comment 'pull request opened, UTC',
  first_review_at Nullable(DateTime64(3, 'UTC')) comment 'first review, UTC',
  merged_at Nullable(DateTime64(3, 'UTC')) comment 'merged, UTC',
  merges Bool comment 'a merge commit, which stands for its pull request',
  beside Bool comment 'a merge commit beside commits of its pull request: it is not counted'
)
engine = Memory
empty
comment 'Which deployment of the batch carried which change' as
with
  told as
  (
    -- a deployment's own commit and its time may have come in different reports: what one of the service's deployments tells so holds for all
    select service, repository, change_id, min(own_commit_at) as told_at
    from batch_carried
    where own_commit_at is not null
    group by service, repository, change_id
  ),
  expanded as
  (
    -- a pull request stands for its commits where any is known
    select
      carried.service as service, carried.environment as environment, carried.deployment_id as deployment_id, carried.repository as repository, carried.change_id as change_id, times.pull_request as pull_request, times.merge_commit as merge_commit,
      if(told.told_at is null or times.committed_at < told.told_at, times.committed_at, told.told_at) as committed_at, times.opened_at as opened_at, times.first_review_at as first_review_at, times.merged_at as merged_at
    from batch_carried as carried
    left join (select * from batch_change_times where change_id != '') as times on times.repository = carried.repository and times.change_id = carried.change_id
    left join told on told.service = carried.service and told.repository = carried.repository and told.change_id = carried.change_id
    where carried.change_id != ''
    union all
    select carried.service, carried.environment, carried.deployment_id, times.repository, times.change_id, times.pull_request, times.merge_commit,
      times.committed_at, times.opened_at, times.first_review_at, times.merged_at
    from batch_carried as carried
    inner join (select * from batch_change_times where pull_request != '' and (change_id != '' or pull_request_commits = 0)) as times on times.repository = carried.repository and times.pull_request = carried.pull_request
    where carried.change_id = '' and carried.environment != ''
  )
select
  toUInt64(0) as batch,
  service, environment, deployment_id, repository, change_id, pull_request, committed_at, opened_at, first_review_at, merged_at,
  merge_commit and pull_request != '' as merges, merges and plain_commits > 0 as beside
from
(
  select
    *,
    countIf(not merge_commit) over (partition by service, environment, deployment_id, repository, pull_request) as plain_commits
  from
  (
    -- named alone and within its pull request it is one change, of which only the commit time can differ
    select
      service, environment, deployment_id, repository, change_id, pull_request,
      max(expanded.merge_commit) as merge_commit, min(expanded.committed_at) as committed_at,
      min(expanded.opened_at) as opened_at, min(expanded.first_review_at) as first_review_at, max(expanded.merged_at) as merged_at
    from expanded
    group by service, environment, deployment_id, repository, change_id, pull_request
  )
)
union all
select batch, '', '', '', '', '', '', null, null, null, null, false, false from batch_carried where environment = '';
