insert into incident_facts (incident_id, transition, service, environment, severity, title, detected_by, deployment_id, event_id, occurred_at, observed_at, source, content_sha256, inserted_at)
with
  assumeNotNull((select until_ms from generate_plan)) as until_ms,
  fact.1 as transition,
  generate_instant(fact.2) as occurred_at
select
  incident_id, transition, incident.service, incident.environment,
  if(transition = 'opened', severity, null), if(transition = 'opened', concat(coalesce(incident.service, 'something'), ' misbehaves'), null),
  if(transition = 'opened', arrayElement(['monitoring', 'monitoring', 'people', 'customer'], 1 + hash % 4), null),
  if(transition = 'opened', incident.deployment_id, null),
  generate_sha256((incident_id, fact)) as event_id, occurred_at, occurred_at + toIntervalMillisecond(1500), 'api', event_id, occurred_at + toIntervalMillisecond(2500)
from generate_incidents(first = {first:UInt32}, last = {last:UInt32}) as incident
array join arrayConcat(
  [('opened', opened_ms), ('acknowledged', opened_ms + intDiv(mitigated_ms - opened_ms, 10))],
  if(generate_uniform(hash, 20) < 0.02, [('cancelled', mitigated_ms)], [('mitigated', mitigated_ms), ('resolved', mitigated_ms + 1800000)]),
  if(generate_uniform(hash, 21) < 0.03, [('reopened', mitigated_ms + 7200000), ('mitigated', mitigated_ms + 10800000), ('resolved', mitigated_ms + 12600000)], [])) as fact
where fact.2 < until_ms;

insert into review_facts (review_id, subject, verdict, by, service, environment, deployment_id, reason, event_id, occurred_at, observed_at, source, content_sha256, inserted_at)
with assumeNotNull((select until_ms from generate_plan)) as until_ms
select
  concat('review-', lower(hex(deployment.hash))) as review_id, 'deployment', if(deployment.hash % 2 = 0, 'failed', 'cleared') as verdict, 'on-call', service, environment, deployment_id, 'looked at together',
  generate_sha256((review_id, verdict)) as event_id, generate_instant(finished_ms + 86400000) as occurred_at, occurred_at, 'api', event_id, occurred_at
from generate_deployments(first = {first:UInt32}, last = {last:UInt32}) as deployment
where role = 'release' and generate_uniform(deployment.hash, 50) < 0.002 and finished_ms + 86400000 < until_ms;

insert into generate_troubles
select assumeNotNull(service), opened_ms, mitigated_ms
from generate_incidents(first = {first:UInt32}, last = {last:UInt32}) as incident
where incident.service is not null;
