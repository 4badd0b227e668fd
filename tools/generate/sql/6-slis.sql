-- Windows of one length from one instant to another. They are worse while their service has an incident.
insert into sli_facts (slo_id, window_start, window_end, good, total, event_id, occurred_at, observed_at, source, content_sha256, inserted_at)
with
  troubled as
  (
    select distinct service, toInt64(arrayJoin(range(toUInt64(intDiv(greatest(from_ms, {from_ms:Int64}), {step_ms:Int64})), toUInt64(intDiv(least(to_ms, {to_ms:Int64}), {step_ms:Int64}) + 1)))) as step, 1 as hit
    from generate_troubles
    where to_ms > {from_ms:Int64} and from_ms < {to_ms:Int64}
  ),
  cityHash64(slo.hash, window.start_ms) as hash
select
  slo_id,
  generate_instant(window.start_ms) as window_start,
  generate_instant(window.start_ms + {step_ms:Int64}) as window_end,
  total - least(total, floor(total * bad_share * (0.2 + 1.6 * generate_uniform(hash, 1)) * if(troubled.hit = 1, 12, 1) + generate_uniform(hash, 2))) as good,
  -- a wave of a day
  floor(events_per_minute * {step_ms:Int64} / 60000 * (0.6 + 0.4 * sin(window.start_ms / 86400000 * 6.283185307179586)) * (0.8 + 0.4 * generate_uniform(hash, 3)) + generate_uniform(hash, 4)) as total,
  generate_sha256((slo_id, window_start, window_end)) as event_id,
  window_end as occurred_at, window_end, 'otlp', generate_sha256((event_id, good, total)), window_end + toIntervalMillisecond(1500)
from generate_slos(first_slo = {first_slo:UInt32}, last_slo = {last_slo:UInt32}, first = {first:UInt32}, last = {last:UInt32}) as slo
cross join (select {from_ms:Int64} + number * {step_ms:Int64} as start_ms from numbers(toUInt64(intDiv({to_ms:Int64} - {from_ms:Int64}, {step_ms:Int64})))) as window
left join troubled on troubled.service = slo.service and troubled.step = intDiv(window.start_ms, {step_ms:Int64});
