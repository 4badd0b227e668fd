insert into service_facts (service, team, repository, tiers, attribution_window_seconds, detect_rollbacks, severity_ranks, event_id, occurred_at, observed_at, source, content_sha256, inserted_at)
with assumeNotNull((select since_ms from generate_plan)) as since_ms
select
  setting.1 as service, setting.2 as team, setting.3 as repository, setting.4 as tiers, setting.5 as attribution_window_seconds, setting.6 as detect_rollbacks, setting.7 as severity_ranks,
  generate_sha256(('service', setting)) as event_id,
  generate_instant(setting.8) as occurred_at, occurred_at, 'import', event_id, occurred_at
from
(
  select arrayJoin(arrayConcat(
    [(
      service, if(generate_uniform(hash, 40) < 0.05, 'team-before', team), repository,
      if(length(places) > 1, '{"prod-eu":"production","prod-us":"production"}', null),
      if(generate_uniform(hash, 41) < 0.1, toNullable(7200), null),
      if(generate_uniform(hash, 42) < 0.05, toNullable(false), null),
      '{"sev1":1,"sev2":2,"sev3":3}',
      since_ms)],
    -- a few services went to another team in the middle of the history
    if(generate_uniform(hash, 40) < 0.05, [(service, team, repository, null, null, null, null, since_ms + 86400000 * 100)], []))) as setting
  from generate_services(first = {first:UInt32}, last = {last:UInt32})
);
