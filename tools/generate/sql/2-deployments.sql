insert into deployment_facts (service, environment, deployment_id, phase, outcome, action, version, commit, commit_at, repository, strategy, step, rollout_id, rolls_back_to_version, fixes_deployment, automatic,
  artifact_digest, url, trace_id, event_id, occurred_at, observed_at, source, attributes, content_sha256, inserted_at)
with
  assumeNotNull((select until_ms from generate_plan)) as until_ms,
  fact.1 as phase,
  generate_instant(fact.2) as occurred_at,
  deployment.finished_ms - deployment.started_ms as took_ms,
  role in ('release', 'attempt', 'staging', 'hotfix') as new
select
  service, environment, deployment_id, phase,
  if(phase = 'finished', deployment.outcome, null) as outcome,
  action, version,
  if(new, substring(generate_sha256((release_hash, if(role = 'hotfix', 1000, 0))), 1, 40), null) as commit,
  if(new, generate_instant(started_ms - if(role = 'hotfix', 600000, 1800000)), null) as commit_at,
  repository, strategy,
  if(phase = 'advanced', '10 %', null) as step,
  rollout_id,
  if(role = 'rollback', version, null) as rolls_back_to_version,
  fixes_deployment,
  style_automatic as automatic,
  if(with_digest, concat('sha256:', generate_sha256((service, version))), null) as artifact_digest,
  concat('https://ci.example.com/', service, '/runs/', toString(hash % 1000000000)) as url,
  lower(hex(sipHash128(hash, 'trace'))) as trace_id,
  concat(trace_id, ':', lower(hex(sipHash64(hash, 'span'))), ':deployment:', phase) as event_id,
  occurred_at, occurred_at + toIntervalMillisecond(500 + hash % 2000), 'otlp', map('cicd.pipeline.name', 'deploy'),
  generate_sha256((event_id, occurred_at)), occurred_at + toIntervalMillisecond(2500)
from
(
  select *, hash % 3 > 0 as style_automatic
  from generate_deployments(first = {first:UInt32}, last = {last:UInt32})
) as deployment
array join arrayConcat(
  [('started', started_ms), ('finished', finished_ms)],
  if(in_steps and role not in ('staging', 'attempt'), [('advanced', intDiv(started_ms + finished_ms, 2))], [])) as fact
where fact.2 < until_ms;
