-- What must be recomputed. No clock decides: every fact leaves a random number in `marks`, and whatever the sum of a
-- key's numbers differs from what its last recompute had seen is dirty. A mark is written after its fact is visible,
-- and after the links that lead from it to services are (marks of links hang on the link tables, not on the facts).

create table marks
(
  entity LowCardinality(String) comment 'what was touched: service, incident, review, change, pull_request',
  key String comment 'service; incident or review id; repository',
  subkey String comment 'change id or pull request; else empty',
  pending Int64 comment 'random; a service is dirty while the sum differs from the sum its last recompute had seen, any other entity while the sum is not 0',
  facts Int64 comment 'reports that left the mark; decides only whose turn it is'
)
engine = SummingMergeTree((pending, facts))
order by (entity, key, subkey)
settings non_replicated_deduplication_window = 10000
comment 'What new facts touched and the aggregates do not yet hold';

create table change_links
(
  service LowCardinality(String) comment 'a service that carried the change',
  repository LowCardinality(String) comment 'repository as host/owner/name',
  change_id String comment 'commit SHA; empty: a whole pull request',
  pull_request String comment 'pull request; empty: unknown',
  reported_at DateTime64(3, 'UTC') comment 'a report of it, the latest of those that came together, UTC; says only whether it belongs to recent history'
)
engine = ReplacingMergeTree(reported_at)
order by (toRelativeQuarterNum(reported_at), service, repository, change_id, pull_request)
settings index_granularity = 1024, non_replicated_deduplication_window = 10000
comment 'Which changes a service ever carried, by any report; the way from a service to its changes';

create table pull_request_changes
(
  repository LowCardinality(String) comment 'repository as host/owner/name',
  pull_request String comment 'pull request',
  change_id String comment 'a commit that some report puts into it',
  reported_at DateTime64(3, 'UTC') comment 'such a report, the latest of those that came together, UTC; says only whether it belongs to recent history'
)
engine = ReplacingMergeTree(reported_at)
order by (toRelativeQuarterNum(reported_at), repository, pull_request, change_id)
settings index_granularity = 1024, non_replicated_deduplication_window = 10000
comment 'Which commits a pull request ever had, by any report';

create table deployment_commits
(
  repository LowCardinality(String) comment 'repository as host/owner/name; empty: unknown',
  commit String comment 'commit SHA',
  service LowCardinality(String) comment 'service deployed',
  environment LowCardinality(String) comment 'environment deployed to',
  deployment_id String comment 'the deployment',
  event_id String comment 'the report',
  content_sha256 String comment 'SHA-256 of the report''s canonical JSON, hex',
  commit_at DateTime64(3, 'UTC') comment 'commit time, UTC'
)
engine = ReplacingMergeTree
order by (toRelativeQuarterNum(commit_at), repository, commit, service, environment, deployment_id, event_id, content_sha256)
settings index_granularity = 1024, non_replicated_deduplication_window = 10000
comment 'Commit times that deployments told; the way from a commit to the services that deployed it';

create table incident_mentions
(
  service LowCardinality(String) comment 'a service that a report of the incident names; empty: none',
  deployment_id String comment 'the deployment that it names; empty: none',
  incident_id String comment 'the incident',
  reported_at DateTime64(3, 'UTC') comment 'such a report, the latest of those that came together, UTC; says only whether it belongs to recent history'
)
engine = ReplacingMergeTree(reported_at)
order by (toRelativeQuarterNum(reported_at), service, deployment_id, incident_id)
settings index_granularity = 1024, non_replicated_deduplication_window = 10000
comment 'What the reports of an incident name; the way from a service or a deployment to its incidents';

create materialized view mark_deployment_facts to marks
comment 'A deployment fact marks its service' as
select 'service' as entity, service as key, '' as subkey, sum(reinterpretAsInt64(rand64())) as pending, count() as facts
from deployment_facts
group by service;

create materialized view link_deployment_commits to deployment_commits
comment 'Keeps the commit times that deployments tell' as
select coalesce(fact.repository, '') as repository, assumeNotNull(fact.commit) as commit, service, environment, deployment_id, event_id, content_sha256, assumeNotNull(fact.commit_at) as commit_at
from deployment_facts as fact
where fact.commit is not null and fact.commit_at is not null;

create materialized view mark_deployment_commits to marks
comment 'A commit time marks the change, for the other services that carry it' as
select 'change' as entity, repository as key, commit as subkey, sum(reinterpretAsInt64(rand64())) as pending, count() as facts
from deployment_commits
group by repository, commit;

create materialized view link_changes to change_links
comment 'Keeps which service carried which change' as
select assumeNotNull(fact.service) as service, repository, change_id, pull_request, max(fact.occurred_at) as reported_at
from change_facts as fact
where fact.service is not null
group by service, repository, change_id, pull_request;

create materialized view mark_change_links to marks
comment 'A carried change marks the service that carried it' as
select 'service' as entity, service as key, '' as subkey, sum(reinterpretAsInt64(rand64())) as pending, count() as facts
from change_links
group by service;

create materialized view link_pull_requests to pull_request_changes
comment 'Keeps which commit belongs to which pull request' as
select repository, pull_request, change_id, max(occurred_at) as reported_at
from change_facts
where pull_request != '' and change_id != ''
group by repository, pull_request, change_id;

create materialized view mark_pull_request_changes to marks
comment 'A new commit of a pull request marks the pull request' as
select 'pull_request' as entity, repository as key, pull_request as subkey, sum(reinterpretAsInt64(rand64())) as pending, count() as facts
from pull_request_changes
group by repository, pull_request;

create materialized view mark_change_facts to marks
comment 'A change fact marks its change, or its pull request' as
select if(change_id = '', 'pull_request', 'change') as entity, repository as key, if(change_id = '', pull_request, change_id) as subkey, sum(reinterpretAsInt64(rand64())) as pending, count() as facts
from change_facts
group by entity, key, subkey;

create materialized view link_incidents to incident_mentions
comment 'Keeps what the reports of an incident name' as
select coalesce(fact.service, '') as service, coalesce(fact.deployment_id, '') as deployment_id, incident_id, max(fact.occurred_at) as reported_at
from incident_facts as fact
group by service, deployment_id, incident_id;

create materialized view mark_incident_mentions to marks
comment 'A report of an incident marks it' as
select 'incident' as entity, incident_id as key, '' as subkey, sum(reinterpretAsInt64(rand64())) as pending, count() as facts
from incident_mentions
group by incident_id;

create materialized view mark_service_facts to marks
comment 'A setting marks its service' as
select 'service' as entity, service as key, '' as subkey, sum(reinterpretAsInt64(rand64())) as pending, count() as facts
from service_facts
group by service;

create materialized view mark_review_facts to marks
comment 'A judgement marks its review' as
select 'review' as entity, review_id as key, '' as subkey, sum(reinterpretAsInt64(rand64())) as pending, count() as facts
from review_facts
where subject = 'deployment'
group by review_id;

-- How far each source has come: what people are told, and where recent history ends.

create table watermarks
(
  source LowCardinality(String) comment 'kind of producer: otlp, api, import, …',
  kind LowCardinality(String) comment 'kind of fact',
  occurred_at SimpleAggregateFunction(max, DateTime64(3, 'UTC')) comment 'latest instant that a fact tells of, UTC',
  observed_at SimpleAggregateFunction(max, DateTime64(3, 'UTC')) comment 'latest receipt, UTC'
)
engine = AggregatingMergeTree
order by (source, kind)
comment 'How far each source has come';

create materialized view watermark_deployments to watermarks comment 'Watermarks of deployment facts' as
select source, 'deployment' as kind, max(fact.occurred_at) as occurred_at, max(fact.observed_at) as observed_at from deployment_facts as fact group by source;

create materialized view watermark_changes to watermarks comment 'Watermarks of change facts' as
select source, 'change' as kind, max(fact.occurred_at) as occurred_at, max(fact.observed_at) as observed_at from change_facts as fact group by source;

create materialized view watermark_incidents to watermarks comment 'Watermarks of incident facts' as
select source, 'incident' as kind, max(fact.occurred_at) as occurred_at, max(fact.observed_at) as observed_at from incident_facts as fact group by source;

create materialized view watermark_sli to watermarks comment 'Watermarks of SLI facts' as
select source, 'sli' as kind, max(fact.occurred_at) as occurred_at, max(fact.observed_at) as observed_at from sli_facts as fact group by source;
