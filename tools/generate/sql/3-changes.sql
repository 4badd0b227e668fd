insert into change_facts (repository, change_id, pull_request, service, environment, deployment_id, committed_at, opened_at, first_review_at, merged_at, lines_changed, files_changed, event_id, occurred_at, observed_at, source, content_sha256, inserted_at)
with
  assumeNotNull((select until_ms from generate_plan)) as until_ms,
  cityHash64(release_hash, number) as hash,
  -- the oldest first; the release's own commit is the youngest
  started_ms - 1800000 - toInt64(if(number = 0, 0, age_ms * (0.1 + generate_uniform(hash, 1)) * (1 + number / 4))) as committed_ms,
  generate_instant(started_ms) as occurred_at
select
  repository,
  substring(generate_sha256((release_hash, number)), 1, 40) as change_id,
  if(pull_requests, toString(release * 64 + intDiv(number, 2) + 1), '') as pull_request,
  service, environment, deployment_id,
  if(generate_uniform(hash, 2) < 0.01, null, generate_instant(committed_ms)) as committed_at,
  if(pull_requests, generate_instant(committed_ms + toInt64((started_ms - committed_ms) * 0.2 * generate_uniform(hash, 3))), null) as opened_at,
  if(pull_requests and generate_uniform(hash, 4) < 0.8, generate_instant(committed_ms + toInt64((started_ms - committed_ms) * (0.2 + 0.3 * generate_uniform(hash, 5)))), null) as first_review_at,
  if(pull_requests, generate_instant(committed_ms + toInt64((started_ms - committed_ms) * (0.5 + 0.45 * generate_uniform(hash, 6)))), null) as merged_at,
  toUInt64(1 + exp(3 + 1.5 * generate_normal(hash, 7))) as lines_changed,
  1 + intDiv(lines_changed, 40) as files_changed,
  concat(lower(hex(sipHash128(deployment.hash, 'trace'))), ':', lower(hex(sipHash64(deployment.hash, 'span'))), ':change:', lower(hex(sipHash128(hash)))) as event_id,
  occurred_at, occurred_at + toIntervalMillisecond(1500), 'otlp', generate_sha256((event_id, occurred_at)), occurred_at + toIntervalMillisecond(2500)
from generate_deployments(first = {first:UInt32}, last = {last:UInt32}) as deployment
array join range(deployment.changes) as number
where role in ('release', 'attempt') and started_ms < until_ms;

-- Every change was named by a deployment of its own service, which is marked; what the changes' own marks would add is
-- there already. Left to the recompute they would be taken back 100 000 at a time.
insert into marks (entity, key, subkey, pending, facts)
select entity, key, subkey, -sum(mark.pending), -sum(mark.facts)
from marks as mark
where entity in ('change', 'pull_request')
  and key in (select repository from generate_services(first = {first:UInt32}, last = {last:UInt32}))
group by entity, key, subkey
having sum(mark.pending) != 0;
