-- What the generated organization is like. Everything follows from the seed: generate_uniform is a number in [0, 1) that
-- belongs to a hash and a salt, and every choice has a salt of its own. The views are dropped when all is written.

drop table if exists generate_plan;

create table generate_plan
(
  seed UInt64 comment 'of the choices',
  services UInt32 comment 'how many',
  slos UInt32 comment 'how many',
  since_ms Int64 comment 'start of the history, a Monday, milliseconds since 1970',
  until_ms Int64 comment 'its end, exclusive, milliseconds since 1970'
)
engine = TinyLog;

insert into generate_plan (seed, services, slos, since_ms, until_ms)
select {seed:UInt64}, {services:UInt32}, {slos:UInt32}, {since_ms:Int64}, {until_ms:Int64};

drop table if exists generate_troubles;

create table generate_troubles
(
  service LowCardinality(String) comment 'whose',
  from_ms Int64 comment 'opened, milliseconds since 1970',
  to_ms Int64 comment 'mitigated, milliseconds since 1970'
)
engine = MergeTree
order by to_ms;

create or replace function generate_uniform as (hash, salt) ->
  intHash64(bitXor(hash, salt * 11400714819323198485)) / 18446744073709551616.;

-- about normal, mean 0, deviation 1
create or replace function generate_normal as (hash, salt) ->
  (generate_uniform(hash, salt) + generate_uniform(hash, salt + 1) + generate_uniform(hash, salt + 2) - 1.5) * 2;

create or replace function generate_instant as (ms) ->
  fromUnixTimestamp64Milli(toInt64(ms), 'UTC');

create or replace function generate_uuid as (hash) ->
  toString(reinterpretAsUUID(sipHash128(hash)));

create or replace function generate_sha256 as (content) ->
  lower(hex(SHA256(toString(content))));

create or replace view generate_services as
with
  (select (seed, services, since_ms, until_ms) from generate_plan) as plan,
  cityHash64(plan.1, number, 'service') as hash,
  generate_uniform(hash, 1) as style_draw
select
  toUInt32(number) as service_number,
  hash,
  multiIf(style_draw < 0.45, 'steady', style_draw < 0.6, 'continuous', style_draw < 0.8, 'batching', style_draw < 0.9, 'rare', 'fragile') as style,
  concat(
    arrayElement(['checkout', 'catalog', 'search', 'payments', 'identity', 'orders', 'shipping', 'pricing', 'inventory', 'billing', 'notify', 'media', 'profile', 'ledger', 'routing', 'reviews', 'loyalty', 'fraud', 'export', 'gateway'], 1 + number % 20),
    '-', arrayElement(['api', 'worker', 'web', 'batch', 'stream'], 1 + intDiv(number, 20) % 5), '-', leftPad(toString(number), 4, '0')) as service,
  toUInt32(floor(generate_uniform(hash, 2) * greatest(2, plan.2 / 9))) as team_number,
  concat('team-', leftPad(toString(team_number), 3, '0')) as team,
  -- a fifth of the teams keeps everything in one repository
  if(intHash64(team_number) % 5 = 0, concat('example.com/acme/', team), concat('example.com/acme/', service)) as repository,
  toUInt32(ceil((plan.4 - plan.3) / 86400000
    * multiIf(style = 'steady', 2.2, style = 'continuous', 11, style = 'batching', 0.6, style = 'rare', 0.12, 2.5)
    * exp(0.5 * generate_normal(hash, 3)))) as releases,
  multiIf(style = 'steady', 3.3, style = 'continuous', 2, style = 'batching', 25, style = 'rare', 15, 4) as batch_mean,
  multiIf(style = 'steady', 0.06, style = 'continuous', 0.03, style = 'batching', 0.12, style = 'rare', 0.1, 0.25) * exp(0.3 * generate_normal(hash, 6)) as failure_share,
  style = 'continuous' or generate_uniform(hash, 9) < 0.05 as at_weekends,
  generate_uniform(hash, 10) * 43200000 as zone_offset_ms,
  if(generate_uniform(hash, 11) < 0.15, ['prod-eu', 'prod-us'], ['production']) as places,
  generate_uniform(hash, 12) < 0.2 as has_staging,
  arrayElement(['all_at_once', 'rolling', 'rolling', 'canary', 'blue_green'], 1 + toUInt8(floor(generate_uniform(hash, 13) * 5))) as strategy,
  (120 + 2400 * pow(generate_uniform(hash, 14), 2)) * 1000 as duration_ms,
  3600000 * exp(2 + generate_normal(hash, 15)) as age_ms,
  generate_uniform(hash, 18) < 0.7 as pull_requests,
  generate_uniform(hash, 19) < 0.3 as with_digest
from numbers({first:UInt32}, {last:UInt32} - {first:UInt32});

-- one row a release: a version that a service brings to users, in one place or several
create or replace view generate_releases as
with
  (select (seed, since_ms, until_ms) from generate_plan) as plan,
  (release + 0.9 * generate_uniform(hash, 1)) / releases as position,
  position * (plan.3 - plan.2) / 604800000 as week,
  (week - floor(week)) * 5 as workday
select
  service_number, service, team, repository, places, has_staging, strategy, pull_requests, with_digest, age_ms, style,
  release,
  cityHash64(service.hash, release) as hash,
  -- without weekends: five working days of eleven hours a week
  toInt64(plan.2 + if(at_weekends, position * (plan.3 - plan.2), (floor(week) * 7 + floor(workday)) * 86400000 + (workday - floor(workday)) * 39600000 + zone_offset_ms)) as started_ms,
  toInt64(duration_ms * (0.7 + 0.6 * generate_uniform(hash, 2))) as took_ms,
  concat('1.', toString(release)) as version,
  concat('1.', toString(release - 1)) as version_before,
  least(60, 1 + toUInt32(floor(-log(1 - generate_uniform(hash, 3)) * (batch_mean - 0.5)))) as changes,
  generate_uniform(hash, 4) < 0.02 as broke_off,
  strategy in ('canary', 'rolling') as in_steps,
  multiIf(generate_uniform(hash, 5) >= failure_share, 'fine', broke_off, 'fine',
    arrayElement(['rollback', 'rollback', 'rollback', 'redeployed', 'linked', 'linked', 'linked', 'unlinked', 'unlinked', 'hotfix'], 1 + toUInt8(floor(generate_uniform(hash, 6) * 10)))) as fate,
  fate in ('linked', 'unlinked') or (fate != 'fine' and generate_uniform(hash, 7) < 0.4) as has_incident,
  toInt64(exp(7 + generate_normal(hash, 8)) * 1000) as noticed_ms,
  toInt64(exp(8 + generate_normal(hash, 11)) * 1000) as restored_ms
from
(
  select *, arrayJoin(range(releases)) as release
  from generate_services(first = {first:UInt32}, last = {last:UInt32})
) as service;

-- one row a deployment of a release: its places, the try before, the way back, the fix
create or replace view generate_deployments as
select
  release.service as service, release.team as team, release.repository as repository, release.release as release, release.hash as release_hash, release.changes as changes,
  release.pull_requests as pull_requests, release.age_ms as age_ms, release.strategy as strategy, release.in_steps as in_steps, release.with_digest as with_digest,
  deployment.1 as role,
  deployment.2 as environment,
  cityHash64(release.hash, role, environment) as hash,
  generate_uuid(hash) as deployment_id,
  deployment.3 as started_ms,
  started_ms + release.took_ms as finished_ms,
  deployment.4 as action,
  deployment.5 as version,
  deployment.6 as outcome,
  if(role = 'hotfix', generate_uuid(cityHash64(release.hash, 'release', environment)), null) as fixes_deployment,
  if(length(release.places) > 1 and role in ('release', 'attempt'), concat(release.service, '-', release.version), null) as rollout_id
from
(
  select
    *,
    arrayJoin(arrayConcat(
      if(each.has_staging, [('staging', 'staging', each.started_ms - 2 * each.took_ms - 600000, 'deploy', each.version, 'succeeded')], []),
      arrayFlatten(arrayMap((place, index) -> arrayConcat(
        if(each.broke_off, [('attempt', place, each.started_ms + index * each.took_ms, 'deploy', each.version, 'failed'), ('release', place, each.started_ms + index * each.took_ms + 2 * each.took_ms + 900000, 'deploy', each.version, 'succeeded')],
          [('release', place, each.started_ms + index * each.took_ms, 'deploy', each.version, if(each.fate = 'rollback' and each.in_steps and index = 0 and intHash64(each.hash) % 4 = 0, 'failed', 'succeeded'))]),
        if(each.fate = 'rollback', [('rollback', place, each.started_ms + length(each.places) * each.took_ms + each.noticed_ms, 'rollback', each.version_before, 'succeeded')], []),
        if(each.fate = 'redeployed', [('redeployed', place, each.started_ms + length(each.places) * each.took_ms + each.noticed_ms, 'deploy', each.version_before, 'succeeded')], []),
        if(each.fate = 'hotfix', [('hotfix', place, each.started_ms + length(each.places) * each.took_ms + each.noticed_ms, 'hotfix', concat(each.version, '.1'), 'succeeded')], [])),
        each.places, range(length(each.places)))))) as deployment
  from generate_releases(first = {first:UInt32}, last = {last:UInt32}) as each
) as release;

-- one row an incident: those that follow a release, and a few a year that nobody's release began
create or replace view generate_incidents as
with (select (seed, since_ms, until_ms) from generate_plan) as plan
select
  service, environment, hash,
  concat('pager:', substring(lower(hex(SHA256(toString(hash)))), 1, 14)) as incident_id,
  opened_ms,
  opened_ms + restored_ms as mitigated_ms,
  deployment_id,
  arrayElement(['sev1', 'sev2', 'sev2', 'sev3', 'sev3', 'sev3'], 1 + toUInt8(floor(generate_uniform(hash, 1) * 6))) as severity
from
(
  select
    release.service as service, release.places[1] as environment, cityHash64(release.hash, 'incident') as hash,
    started_ms + took_ms + noticed_ms as opened_ms, restored_ms,
    if(fate = 'linked', generate_uuid(cityHash64(release.hash, 'release', release.places[1])), null) as deployment_id
  from generate_releases(first = {first:UInt32}, last = {last:UInt32}) as release
  where has_incident
  union all
  select
    if(generate_uniform(hash, 30) < 0.005, null, service.service) as service, places[1] as environment,
    cityHash64(service.hash, number, 'background') as hash,
    toInt64(plan.2 + generate_uniform(hash, 31) * (plan.3 - plan.2)) as opened_ms,
    toInt64(exp(8 + generate_normal(hash, 32)) * 1000) as restored_ms,
    null
  from
  (
    select *, arrayJoin(range(toUInt32(ceil((plan.3 - plan.2) / 86400000 / 365 * 3)))) as number
    from generate_services(first = {first:UInt32}, last = {last:UInt32})
  ) as service
);

create or replace view generate_slos as
with
  (select seed from generate_plan) as seed,
  cityHash64(seed, number, 'slo') as hash
select
  toUInt32(number) as slo_number,
  hash,
  service.service as service,
  service.places as places,
  concat(service.service, if(number < {last:UInt32}, '-availability', concat('-', toString(intDiv(number, {last:UInt32}) + 1)))) as slo_id,
  arrayElement([0.99, 0.995, 0.999, 0.999, 0.9995, 0.95], 1 + toUInt8(floor(generate_uniform(hash, 1) * 6))) as objective,
  multiIf(generate_uniform(hash, 2) < 0.8, 'occurrences', generate_uniform(hash, 2) < 0.9, 'timeslices', 'ratio_timeslices') as method,
  multiIf(generate_uniform(hash, 3) < 0.6, 28, generate_uniform(hash, 3) < 0.85, 30, 7) as rolling_days,
  generate_uniform(hash, 4) < 0.15 as calendar,
  5 + 400 * pow(generate_uniform(hash, 5), 4) as events_per_minute,
  (1 - objective) * (0.1 + 1.1 * pow(generate_uniform(hash, 6), 2)) as bad_share
from numbers({first_slo:UInt32}, {last_slo:UInt32} - {first_slo:UInt32}) as slo
inner join generate_services(first = {first:UInt32}, last = {last:UInt32}) as service on service.service_number = slo.number % {last:UInt32};
