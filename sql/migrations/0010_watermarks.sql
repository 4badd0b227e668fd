-- How far the numbers have come, and what waits.

-- recompute_status: one row: how far the numbers have come, what waits and what is stuck.
-- Columns:
--   watermark: latest instant that any fact tells of, UTC; null: no fact yet
--   refreshed_at: when a service was last recomputed, UTC; null: never
--   pending_services: services whose numbers do not yet hold all their facts
--   provisional_services: services whose recent history holds all its facts, and whose older history is still to be recomputed with them
--   pending_entities: touched incidents, reviews, changes and pull requests not yet turned into services
--   oldest_pending_seconds: age of the oldest deployment, incident or setting not yet in the numbers, seconds; 0: none
--   quarantined: services whose recompute fails alone
--   failing: the last exception of a step of the recompute, without its stack; empty: none
create view recompute_status as
with
  -- Read once, as a scalar: each reference to a CTE plans and runs dirty_services again.
  (select (groupArrayIf((service, recomputed_at), recent and not quarantined), arraySort(groupArrayIf(service, quarantined)), countIf(not recent and not quarantined)) from dirty_services) as waiting,
  mapFromArrays(waiting.1.1, waiting.1.2) as behind,
  -- what was written before none of them was recomputed is skipped without being read
  arrayMin(waiting.1.2) as behind_since
select
  (select if(count() = 0, null, max(occurred_at)) from watermarks) as watermark,
  (select if(count() = 0, null, max(recomputed_at)) from recompute_state) as refreshed_at,
  length(waiting.1) as pending_services,
  waiting.3 as provisional_services,
  (select count() from (select entity, key, subkey from marks where entity != 'service' group by entity, key, subkey having sum(pending) != 0)) as pending_entities,
  (
    select coalesce(max(dateDiff('millisecond', fact.inserted_at, now64(3))) / 1000, 0)
    from
    (
      select service, inserted_at from deployment_facts where service in (select arrayJoin(mapKeys(behind))) and inserted_at > behind_since
      union all
      select coalesce(service, '') as service, inserted_at from incident_facts where coalesce(service, '') in (select arrayJoin(mapKeys(behind))) and inserted_at > behind_since
      union all
      select service, inserted_at from service_facts where service in (select arrayJoin(mapKeys(behind))) and inserted_at > behind_since
    ) as fact
    where fact.inserted_at > behind[toString(fact.service)]
  ) as oldest_pending_seconds,
  waiting.2 as quarantined,
  (select coalesce(any(splitByString(', Stack trace', exception)[1]), '') from system.view_refreshes where database = currentDatabase() and exception != '') as failing;

-- recompute_version: one row, cheap to ask: while its version stays, recompute_status stays, but for ages that grow.
-- Columns:
--   version: hash, as hex, of the parts of the tables that recompute_status reads, and of the refreshes that failed
--   numbers: hash, as hex, of the parts of dora_buckets: while it stays, so do the numbers about deliveries
--   rejected: hash, as hex, of the parts of rejected_messages: while it and numbers stay, so does thin_data
--   watermark: latest instant that any fact tells of, UTC; null: no fact yet
create view recompute_version as
select
  hex(sipHash64(
    arraySort(groupArrayIf((table, name), table != 'rejected_messages')),
    (select groupArray((view, exception)) from system.view_refreshes where database = currentDatabase() and exception != ''))) as version,
  hex(sumIf(cityHash64(name), table = 'dora_buckets')) as numbers,
  hex(sumIf(cityHash64(name), table = 'rejected_messages')) as rejected,
  (select if(count() = 0, null, max(occurred_at)) from watermarks) as watermark
from system.parts
where database = currentDatabase() and active and table in ('marks', 'dora_buckets', 'quarantined_services', 'rejected_messages');

-- store_version: one row, cheap to ask: while its hashes stay, so does every answer, but for ages that grow.
-- Columns:
--   version: as of recompute_version
--   numbers: as of recompute_version
--   rejected: as of recompute_version
--   watermark: latest instant that any fact tells of, UTC; null: no fact yet
--   stored: hash, as hex, of the parts of every table
create view store_version as
select
  version,
  numbers,
  rejected,
  watermark,
  (select hex(sum(cityHash64(table, name))) from system.parts where database = currentDatabase() and active) as stored
from recompute_version;
