-- The recompute, first half: which services, and what happened to them. A chain of refreshable views, one after the other, with two forks
-- whose ways go side by side:
-- expand_marks → recompute_batch → batch_placed → batch_deployments
-- → (batch_rollbacks → batch_incidents → batch_links → batch_reverts → batch_named_incidents → batch_blames → batch_hotfixes → batch_reasons)
--   beside (batch_change_keys → batch_commits → batch_pull_requests → batch_change_times → batch_carried → batch_changes)
-- → batch_judged → recompute_deployments beside (batch_parts → batch_weeks) → recompute_aggregates.
-- What a recompute of few services costs is the analysis of its queries, not their data. It grows faster than a query: each mention of a
-- CTE, an alias or a scalar subquery is analysed again. So what is mentioned twice is a step.
-- The batch_… tables hold only the batch at hand. Each carries the batch's random id in a row without a deployment; the last
-- step writes nothing unless all ids agree, so two chains that interleave cost time, never truth. What counts as done is
-- written by the last step together with the numbers, in one part: a kill anywhere only means that the batch is done again.
-- The views refresh when told (`system refresh view`, by the refresher after a write, in this order).

create table recompute_limits
(
  id UInt8 default 0 comment '0: as it was set; 1: what batches that did not bear it have narrowed it to',
  services_per_refresh UInt32 comment 'services a batch takes at the most',
  facts_per_refresh UInt64 default 50000 comment 'facts that the services of a batch may have together, the first one excepted',
  facts_per_service UInt64 comment 'a service with more deployment facts fails instead of starving the others',
  whole_facts UInt64 default 20000 comment 'a batch whose services have more facts together recomputes only their recent history at first',
  recent_days UInt16 default 7 comment 'days before the latest report that recent history has at the least; it begins with a Monday',
  context_days UInt16 default 21 comment 'days before recent history that its recompute looks at, too',
  changed_at DateTime64(3, 'UTC') default now64(3) comment 'when it was set, UTC'
)
engine = ReplacingMergeTree(changed_at)
order by id
comment 'Bounds of one recompute';

insert into recompute_limits (services_per_refresh, facts_per_service) values (40, 5000000);

create table quarantined_services
(
  service String comment 'the service whose recompute fails alone',
  seen Int64 comment 'sum of its marks when it failed; other marks give it another try',
  reason String comment 'exception',
  quarantined_at DateTime64(3, 'UTC') default now64(3) comment 'when, UTC'
)
engine = ReplacingMergeTree(quarantined_at)
order by service
comment 'Services whose recompute failed alone: left out so that the others go on, until new facts arrive';

create table dora_buckets
(
  period Date default toStartOfQuarter(bucket) comment 'first day of the quarter of the year (UTC) in which the bucket lies; 2106-01-01: the rows with the hash of each week''s parts as digest; 2106-01-02: the row that says what the service''s last recompute had seen',
  scope LowCardinality(String) comment 'environment:<name> or tier:<name>; empty: the row that says what the service''s last recompute had seen',
  service LowCardinality(String) comment 'the service; empty: incidents that name none',
  team LowCardinality(String) comment 'owning team in force; empty: none told',
  bucket DateTime('UTC') comment 'start of the quarter-hour, UTC',
  revision UInt64 comment 'greater is newer',
  digest UInt64 comment 'hash of the numbers; a row is written only when it differs',
  attempts UInt32 comment 'finished deploys and hotfixes of any outcome, detected rollbacks left out',
  deployments UInt32 comment 'counted deployments',
  rollbacks UInt32 comment 'finished rollbacks of any outcome, detected ones too',
  failed_deployments UInt32 comment 'counted deployments that failed',
  failed_deployments_linked UInt32 comment 'those that failed by what somebody named, not by inference',
  recovered_deployments UInt32 comment 'failed deployments that are restored',
  unrecovered_deployments UInt32 comment 'failed deployments that are not restored yet',
  oldest_unrecovered_at Nullable(DateTime64(3, 'UTC')) comment 'earliest instant from which an unrecovered deployment is measured, UTC',
  rework_deployments UInt32 comment 'counted hotfixes, or counted deployments that fix an incident or a deployment',
  changes UInt32 comment 'changes first carried to users here',
  lead_times Array(Int64) comment 'commit to finish of those changes, milliseconds',
  coding_times Array(Int64) comment 'commit to pull request opened, milliseconds',
  pickup_times Array(Int64) comment 'opened to first review, milliseconds',
  review_times Array(Int64) comment 'first review (without one: opened) to merged, milliseconds',
  queue_times Array(Int64) comment 'merged to deployment started, milliseconds',
  deploy_times Array(Int64) comment 'deployment started to finished, milliseconds',
  recovery_times Array(Int64) comment 'failed deployment to restored, milliseconds',
  incidents_opened UInt32 comment 'incidents opened, cancelled ones left out',
  incidents_restored UInt32 comment 'incidents restored',
  restore_times Array(Int64) comment 'opened to restored, milliseconds, negative ones left out',
  incident_spans Array(Tuple(Int64, Int64)) comment 'opened and restored of the incidents opened here, milliseconds since 1970; an open one ends at 9223372036854775807',
  deployments_without_changes UInt32 comment 'counted deployments for which no change is known',
  changes_without_commit_time UInt32 comment 'changes first carried here whose commit time is not known',
  negative_lead_times UInt32 comment 'changes first carried here that were committed after the finish',
  without_changes_example String comment 'a deployment without changes; empty: none',
  without_commit_time_example String comment 'a change without commit time; empty: none',
  negative_lead_time_example String comment 'a change with a negative lead time; empty: none',
  last_restored_ms Int64 comment 'latest end of incident_spans, milliseconds since 1970; 0: there are none',
  seen Int64 comment 'sum of the service''s marks that its last whole recompute had seen',
  facts_seen Int64 comment 'reports that had left those marks',
  turn UInt64 comment 'turn of that recompute, 0: none yet; grows by one a recompute: the service whose turn was longest ago comes first',
  recent_seen Int64 comment 'sum of its marks that the last recompute of at least its recent history had seen',
  recent_turn UInt64 comment 'turn of that recompute',
  recomputed_at DateTime64(3, 'UTC') comment 'when, UTC; for people, nothing is decided by it',
  -- what lies in a range or reaches into it from before is found by both together
  index last_restored_range last_restored_ms type minmax granularity 1,
  index bucket_range bucket type minmax granularity 1
)
engine = ReplacingMergeTree(revision)
-- The period comes first for two reasons: a year of all services is read without the other years, and a fresh part, which
-- holds recent buckets of a few services, overlaps only the tail of the others, so that FINAL has little to merge.
order by (period, scope, service, team, bucket)
settings index_granularity = 1024, min_compress_block_size = 16384, ratio_of_defaults_for_sparse_serialization = 0.8
comment 'Aggregates in quarter-hours (UTC), recomputed a service at a time';

-- recompute_state: what each service's last recompute had seen.
-- Columns:
--   service: the service
--   seen: sum of the service's marks that its last whole recompute had seen
--   facts_seen: reports that had left those marks
--   turn: grows by one a recompute; 0: none was whole yet
--   recent_seen: sum of its marks that the last recompute of at least its recent history had seen
--   recent_turn: turn of that recompute
--   recomputed_at: when that was, UTC
create view recompute_state as
select service, seen, facts_seen, turn, recent_seen, recent_turn, recomputed_at
from dora_buckets final
where period = '2106-01-02';

-- dirty_services: services whose marks differ from what their last whole recompute had seen, the one whose turn was longest ago first.
-- Columns:
--   service: the service
--   pending_seen: sum of its marks now
--   facts: reports that it ever had, one delivered twice counted twice
--   waiting_facts: those of them since its last whole recompute
--   seen: sum of its marks that its last whole recompute had seen
--   turn: turn of that; 0 when there was none
--   recent_turn: turn of the last recompute of at least its recent history; 0 when there was none
--   recent: its marks differ from what that had seen, too
--   recomputed_at: when that was, UTC; 1970 when never
--   quarantined: its recompute failed alone with just these marks
create view dirty_services as
select
  service,
  sum(entry.marked) as pending_seen,
  sum(entry.all_facts) as facts,
  facts - sum(entry.old_facts) as waiting_facts,
  sum(entry.whole_seen) as seen,
  max(entry.whole_turn) as turn,
  max(entry.any_turn) as recent_turn,
  recent_turn = 0 or sum(entry.any_seen) != pending_seen as recent,
  max(entry.recomputed_at) as recomputed_at,
  max(entry.failed) = 1 and sum(entry.failed_seen) = pending_seen as quarantined
from
(
  select key as service, pending as marked, marks.facts as all_facts, 1 as known, toInt64(0) as whole_seen, toInt64(0) as old_facts, toUInt64(0) as whole_turn, toInt64(0) as any_seen, toUInt64(0) as any_turn, toDateTime64(0, 3, 'UTC') as recomputed_at, 0 as failed, toInt64(0) as failed_seen
  from marks
  where entity = 'service'
  union all
  select service, 0, 0, 0, seen, facts_seen, turn, recent_seen, recent_turn, recomputed_at, 0, 0 from recompute_state
  union all
  select service, 0, 0, 0, 0, 0, 0, 0, 0, toDateTime64(0, 3, 'UTC'), 1, seen from quarantined_services final
) as entry
group by service
having max(entry.known) = 1 and (turn = 0 or seen != pending_seen)
order by recent_turn, service;

create materialized view expand_marks refresh every 100 year settings refresh_retries = 0 append to marks
empty
comment 'Turns touched incidents, reviews, changes and pull requests into touched services: every one that they ever had' as
select row.1 as entity, row.2 as key, row.3 as subkey, row.4 as pending, row.5 as facts
from
(
  with
    (select groupArray((entity, key, subkey, pending, facts)) from (select entity, key, subkey, sum(marks.pending) as pending, sum(marks.facts) as facts from marks where entity != 'service' group by entity, key, subkey having pending != 0 order by entity in ('change', 'pull_request'), entity, key, subkey limit 100000)) as touched,
    arrayMap(mark -> mark.2, arrayFilter(mark -> mark.1 = 'incident', touched)) as touched_incidents,
    arrayMap(mark -> mark.2, arrayFilter(mark -> mark.1 = 'review', touched)) as touched_reviews,
    arrayMap(mark -> (mark.2, mark.3), arrayFilter(mark -> mark.1 = 'change', touched)) as touched_changes,
    arrayMap(mark -> (mark.2, mark.3), arrayFilter(mark -> mark.1 = 'pull_request', touched)) as touched_pull_requests,
    (select groupUniqArray((repository, pull_request)) from change_facts where (repository, change_id) in (select arrayJoin(touched_changes)) and pull_request != '') as their_pull_requests,
    arrayDistinct(arrayConcat(touched_pull_requests, their_pull_requests)) as all_pull_requests,
    (select groupUniqArray((repository, change_id)) from pull_request_changes where (repository, pull_request) in (select arrayJoin(all_pull_requests))) as their_changes,
    arrayDistinct(arrayConcat(touched_changes, their_changes)) as all_changes,
    (select groupUniqArray(assumeNotNull(deployment_id)) from incident_facts where incident_id in (select arrayJoin(touched_incidents)) and deployment_id is not null) as linked_deployments,
    (select groupUniqArray(assumeNotNull(deployment_id)) from review_facts where review_id in (select arrayJoin(touched_reviews)) and deployment_id is not null) as judged_deployments,
    (
      select groupUniqArray(service)
      from
      (
        select coalesce(service, '') as service from incident_facts where incident_id in (select arrayJoin(touched_incidents))
        union all
        select assumeNotNull(fact.service) as service from review_facts as fact where review_id in (select arrayJoin(touched_reviews)) and fact.service is not null
        union all
        select service from deployment_facts where deployment_id in (select arrayJoin(arrayConcat(linked_deployments, judged_deployments)))
        union all
        select assumeNotNull(fact.service) as service from change_facts as fact where (repository, change_id) in (select arrayJoin(all_changes)) and fact.service is not null
        union all
        select assumeNotNull(fact.service) as service from change_facts as fact where change_id = '' and (repository, pull_request) in (select arrayJoin(all_pull_requests)) and fact.service is not null
        union all
        select service from deployment_commits where (repository, commit) in (select arrayJoin(all_changes))
      )
    ) as services
  select arrayJoin(arrayConcat(
    arrayMap(mark -> (mark.1, mark.2, mark.3, -mark.4, -mark.5), touched),
    arrayMap((service, number) -> ('service', service, '', reinterpretAsInt64(sipHash64(service, number)), toInt64(1)), services, arrayMap(service -> generateUUIDv4(service), services))
  )) as row
);

-- A whole recompute judges a service from its first fact on, which takes the longer the longer its history is. So where many facts wait, the
-- recent history of their services is recomputed first: what ended since `recent_from`, with what ended since `context_from` as its past, from
-- what was reported since `reports_from`: to find a few thousand commits among millions costs more than to judge them. That is
-- almost always the whole truth; whatever reaches further back (a rollback to last year's version, an incident of last year that is
-- resolved now) is right after the whole recompute, which the service waits for all the same.
create materialized view recompute_batch refresh every 100 year settings refresh_retries = 0
(
  batch UInt64 comment 'random id of the batch',
  service String comment 'a dirty service',
  pending_seen Int64 comment 'sum of its marks when the batch was taken',
  seen Int64 comment 'sum of its marks that its last whole recompute will have seen after this one',
  facts_seen Int64 comment 'reports that had left those marks',
  turn UInt64 comment 'turn of that recompute',
  revision UInt64 comment 'this recompute''s turn',
  recent_from DateTime64(3, 'UTC') comment 'what ended from here on is recomputed, UTC; 1970: everything',
  context_from DateTime64(3, 'UTC') comment 'deployments and changes of which something was reported from here on are looked at, UTC; 1970: all',
  reports_from DateTime64(3, 'UTC') comment 'their earlier reports are left out, UTC; 1900: none are'
)
engine = Memory
empty
comment 'The dirty services that the recompute at hand takes. Those that an import has touched take turns with the others, so that neither starves the other; now and then those come first of which only the recent history is recomputed' as
with
  (select rand64()) as batch,
  (select greatest(max(turn), max(recent_turn)) + 1 from recompute_state) as next_turn,
  (select tuple(min(services_per_refresh), maxIf(facts_per_refresh, id = 0), maxIf(whole_facts, id = 0), maxIf(recent_days, id = 0), maxIf(context_days, id = 0)) from recompute_limits final) as limits,
  (select toMonday(max(occurred_at) - toIntervalDay(limits.4)) from watermarks where kind != 'sli') as recent_start
select
  batch,
  service,
  pending_seen,
  if(whole, pending_seen, stored_seen) as seen,
  facts - if(whole, 0, waiting_facts) as facts_seen,
  if(whole, next_turn, stored_turn) as turn,
  next_turn as revision,
  if(whole, toDateTime64(0, 3, 'UTC'), toDateTime64(recent_start, 3, 'UTC')) as recent_from,
  if(whole, toDateTime64(0, 3, 'UTC'), recent_from - toIntervalDay(limits.5)) as context_from,
  if(whole, toDateTime64('1900-01-01 00:00:00', 3, 'UTC'), context_from - toIntervalDay(2 * limits.5)) as reports_from
from
(
  select *, class != 'recent' or sum(facts) over () <= limits.3 as whole
  from
  (
    select *, row_number() over ahead as number, sum(facts) over ahead as facts_so_far, first_value(class) over ahead as first_class
    from
    (
      select
        service, pending_seen, facts, waiting_facts, dirty.seen as stored_seen, dirty.turn as stored_turn,
        multiIf(waiting_facts > 1000, 'imported', recent, 'recent', 'whole') as class,
        indexOf(multiIf(next_turn % 25 = 0, ['whole', 'recent', 'imported'], next_turn % 2 = 0, ['imported', 'recent', 'whole'], ['recent', 'imported', 'whole']), class) as place,
        if(class = 'recent', recent_turn, dirty.turn) as last_turn
      from dirty_services as dirty
      where not quarantined
    )
    window ahead as (order by place, last_turn, service rows between unbounded preceding and current row)
  )
  where class = first_class
    and number <= limits.1
    and (number = 1 or facts_so_far <= transform(class, ['imported', 'whole'], [limits.2, limits.3], limits.2 * 30))
);
