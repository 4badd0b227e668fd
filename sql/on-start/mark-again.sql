-- A crash can fall between a fact and its mark, or between a fact and its link. So on start everything written since ten
-- minutes before the last recompute is linked and marked again; the links first, because their own marks hang on them.
-- The time only bounds what is looked at again: nothing is left out or counted by it.

insert into change_links
select assumeNotNull(fact.service), repository, change_id, pull_request, occurred_at
from change_facts as fact
where fact.service is not null
  and inserted_at >= (select max(recomputed_at) - toIntervalMinute(10) from recompute_state);

insert into pull_request_changes
select repository, pull_request, change_id, occurred_at
from change_facts
where pull_request != '' and change_id != ''
  and inserted_at >= (select max(recomputed_at) - toIntervalMinute(10) from recompute_state);

insert into deployment_commits
select coalesce(fact.repository, ''), assumeNotNull(fact.commit), service, environment, deployment_id, event_id, content_sha256, assumeNotNull(fact.commit_at)
from deployment_facts as fact
where fact.commit is not null and fact.commit_at is not null
  and inserted_at >= (select max(recomputed_at) - toIntervalMinute(10) from recompute_state);

insert into incident_mentions
select coalesce(fact.service, ''), coalesce(fact.deployment_id, ''), incident_id, occurred_at
from incident_facts as fact
where inserted_at >= (select max(recomputed_at) - toIntervalMinute(10) from recompute_state);

insert into marks (entity, key, subkey, pending)
select 'service', service, '', reinterpretAsInt64(rand64())
from
(
  select service from deployment_facts
  where inserted_at >= (select max(recomputed_at) - toIntervalMinute(10) from recompute_state)
  union distinct
  select service from service_facts
  where inserted_at >= (select max(recomputed_at) - toIntervalMinute(10) from recompute_state)
);

insert into marks (entity, key, subkey, pending)
select 'review', review_id, '', reinterpretAsInt64(rand64())
from
(
  select distinct review_id from review_facts
  where subject = 'deployment' and inserted_at >= (select max(recomputed_at) - toIntervalMinute(10) from recompute_state)
);

insert into marks (entity, key, subkey, pending)
select entity, repository, subkey, reinterpretAsInt64(rand64())
from
(
  select distinct if(change_id = '', 'pull_request', 'change') as entity, repository, if(change_id = '', pull_request, change_id) as subkey
  from change_facts
  where inserted_at >= (select max(recomputed_at) - toIntervalMinute(10) from recompute_state)
);

-- Marks of SLIs hang on the facts, and on the link table of the windows that reach beyond their hour.
insert into sli_long_windows
select
  arrayJoin(arrayMap(later -> started_hour + later * 3600, range(1, toUInt32(intDiv(dateDiff('millisecond', toDateTime64(started_hour, 3, 'UTC'), window_end) + 3599999, 3600000))))) as hour,
  slo_id,
  toStartOfHour(window_start, 'UTC') as started_hour
from sli_facts
where inserted_at >= (select max(recomputed_at) - toIntervalMinute(10) from sli_recompute_state)
  and window_start >= toDateTime64('1971-01-01 00:00:00', 3, 'UTC') and window_start < toDateTime64('2105-01-01 00:00:00', 3, 'UTC')
group by started_hour, slo_id, hour;

insert into sli_marks
select hour, slo_id, reinterpretAsInt64(rand64())
from
(
  select distinct toStartOfHour(window_start, 'UTC') as hour, slo_id from sli_facts
  where inserted_at >= (select max(recomputed_at) - toIntervalMinute(10) from sli_recompute_state)
    and window_start >= toDateTime64('1971-01-01 00:00:00', 3, 'UTC') and window_start < toDateTime64('2105-01-01 00:00:00', 3, 'UTC')
);

-- Costs: what hangs on deployments that were written lately, as mark_cost_of_deployments has it (their parts say when; a large one
-- is old parts that were merged), and a service or SLO whose settings or definition came in, on all days.
insert into cost_marks
select
  'service', service,
  toDate32(min(least(cost_from, replaced_cost_from))), toDate32(max(greatest(cost_until, replaced_cost_until))),
  reinterpretAsInt64(rand64())
from deployments_recomputed
where (cost_from is not null or replaced_cost_from is not null) and service in (select slo.service from slo_facts as slo)
  and _part in
  (
    select name from system.parts
    where database = currentDatabase() and table = 'deployments_recomputed' and active and rows < 1000000
      and modification_time >= (select max(recomputed_at) - toIntervalMinute(10) from recompute_state)
  )
group by service, toYYYYMM(coalesce(cost_from, replaced_cost_from));

insert into cost_marks
select 'service', service, toDate32(0), toDate32('2299-01-01'), reinterpretAsInt64(rand64())
from
(
  select distinct service from service_facts
  where inserted_at >= (select max(recomputed_at) - toIntervalMinute(10) from recompute_state)
);

insert into cost_marks
select entity, key, from_day, until_day, reinterpretAsInt64(rand64())
from
(
  select distinct 'incident' as entity, incident_id as key, toDate32(0) as from_day, toDate32(0) as until_day from incident_facts
  where inserted_at >= (select max(recomputed_at) - toIntervalMinute(10) from recompute_state)
  union all
  select distinct 'correction', correction_id, toDate32(0), toDate32(0) from correction_facts
  where inserted_at >= (select max(recomputed_at) - toIntervalMinute(10) from recompute_state)
  union all
  select distinct 'slo', slo_id, toDate32(0), toDate32('2299-01-01') from slo_facts
  where inserted_at >= (select max(recomputed_at) - toIntervalMinute(10) from recompute_state)
);
