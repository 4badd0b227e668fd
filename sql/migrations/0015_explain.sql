-- The rows behind the numbers: what was counted, what was left out, by which rule, on what evidence.
-- Counted rows, counted again, are the number (docs/definitions.md, Evidence). A rollout, which counts once when asked by
-- tier, is counted at the member that finished last; its other members are there as `rollout_member`.

-- explain_deliveries: the deployments and rollbacks behind a number, and every match of every rule of failure.
-- Parameters:
--   metric String: deployments, attempts, rollbacks, change_fail_rate, change_fail_rate_linked, rework_rate or recovery_time
--   services Array(String): services asked for; empty: all
--   team String: team asked for; empty: any
--   scope String: tier:<name>, or environment:<name>
--   since, until DateTime64(3, 'UTC'): the range [since, until)
--   now DateTime64(3, 'UTC'): instant of asking
-- Columns:
--   at: instant by which the row belongs to the range: finish (of a rollout: of its last member; unfinished: the start), UTC
--   service: the service
--   environment: the environment
--   id: the deployment
--   subject: deployment, or failure_reason: a match of a rule, which is never counted itself
--   stage: empty
--   counted: it is in the number (rates: in the denominator)
--   numerator: rates: it is in the numerator; else false
--   value_seconds: recovery_time: failed deployment to restored, of one not restored to now, seconds; else null
--   rule: what decided: the rule by which it failed, why it is left out, else what it is
--   reason: the same in words
--   evidence: what the rule points at: incident, rollback, hotfix, review, deployment, rollout or version; several are separated by ", "
create view explain_deliveries as
select
  at, service, environment, deployment_id as id,
  line.1 as subject,
  '' as stage,
  CAST(line.2, 'Bool') as counted,
  CAST(line.3, 'Bool') as numerator,
  line.4 as value_seconds,
  line.5 as rule,
  if(line.7 != '', line.7, transform(line.5,
    ['unfinished', 'detected_rollback', 'is_rollback', 'rollback', 'did_not_reach_users', 'rollout_member', 'no_rollback', 'rollout', 'succeeded', 'aborted', 'failed', 'cancelled',
     'review', 'incident', 'hotfix', 'attribution', 'cleared', 'only_inferred', 'not_failed', 'fixes_deployment', 'fixes_incident', 'planned', 'not_restored', 'next_deployment'],
    ['no finish was reported yet',
     'a deploy of a version that was live before the current one is a rollback',
     if({metric:String} = 'rollbacks', 'it is a rollback', 'a rollback is no deployment'),
     if({metric:String} = 'recovery_time', 'a rollback took it back', 'a rollback targets it'),
     'it failed or was cancelled before it reached users',
     'it belongs to a rollout, which counts once, at its last finish',
     'it is no rollback',
     'a rollout, which counts once, at its last finish',
     'it succeeded',
     'it failed or was cancelled after it had reached users',
     'it failed', 'it was cancelled',
     'people judged that it failed',
     if({metric:String} = 'recovery_time', 'all its incidents are restored', 'an incident names it'),
     if({metric:String} = 'rework_rate', 'it is a hotfix', 'a later deployment fixes it'),
     'an incident opened within the attribution window',
     'people judged that it did not fail',
     'it failed, but nobody named it, so it is not in this rate',
     'no rule of failure matches',
     'it fixes a deployment', 'it fixes an incident', 'planned work',
     'not restored yet; it shows as unrecovered',
     'the next deployment that succeeded'], '')) as reason,
  line.6 as evidence
from
(
  select
    at, service, environment, deployment_id,
    arrayJoin(arrayConcat(
      [(
        'deployment', in_number, in_number and in_rate, milliseconds / 1000, decided,
        multiIf(
          decided in ('rollout', 'rollout_member'), coalesce(rollout_id, ''),
          rollback, coalesce(rolls_back_deployment, rolls_back_to_version, version, ''),
          {metric:String} = 'rework_rate', unit_reworks.3,
          {metric:String} = 'recovery_time', if(decided = 'not_restored', unit_awaited, unit_restored.3),
          decided = 'cleared', unit_cleared_by.2,
          in_rate, unit_decisive.3,
          ''),
        '')],
      arrayMap(
        match -> ('failure_reason', false, false, CAST(null, 'Nullable(Float64)'), match.1, match.2,
          multiIf(
            cleared_by is not null, 'matches; a judgement that it did not fail decides',
            {metric:String} = 'change_fail_rate_linked' and not match.3, 'matches; nobody named it, so it is not in this rate',
            match.1 = decisive.4 and match.2 = decisive.3, 'matches, and decides',
            'matches, too')),
        if(counted and {metric:String} in ('change_fail_rate', 'change_fail_rate_linked'), matches, [])))) as line
  from
  (
    select
      *,
      multiIf(
        {metric:String} in ('deployments', 'rework_rate', 'change_fail_rate', 'change_fail_rate_linked'), left_out = '',
        {metric:String} = 'attempts', finished and not rollback and stands,
        {metric:String} = 'rollbacks', rollback and stands,
        stands and unrecovered = 0) as in_number,
      multiIf(
        {metric:String} = 'deployments', multiIf(left_out != '', left_out, members > 1, 'rollout', outcome = 'succeeded', 'succeeded', 'aborted'),
        {metric:String} = 'attempts', multiIf(left_out not in ('', 'rollout_member', 'did_not_reach_users'), left_out, not stands, 'rollout_member', members > 1, 'rollout', assumeNotNull(toString(outcome))),
        {metric:String} = 'rollbacks', multiIf(left_out = 'unfinished', left_out, not rollback, 'no_rollback', not stands, 'rollout_member', members > 1, 'rollout', left_out),
        {metric:String} = 'rework_rate', if(left_out != '', left_out, unit_reworks.2),
        {metric:String} = 'recovery_time', multiIf(not stands, 'rollout_member', unrecovered > 0, 'not_restored', unit_restored.2),
        multiIf(left_out != '', left_out, in_rate, unit_decisive.4, unit_failed, 'only_inferred', unit_cleared_by.2 != '', 'cleared', 'not_failed')) as decided,
      multiIf(
        {metric:String} != 'recovery_time', null,
        stands and unrecovered = 0, unit_recovery_ms,
        not stands and recovery_time_ms is not null, recovery_time_ms,
        greatest(0, toUnixTimestamp64Milli({now:DateTime64(3, 'UTC')}) - toUnixTimestamp64Milli(if(stands, oldest_unrecovered_at, failed_at)))) as milliseconds
    from
    (
      select
        *,
        max(at_own) over place as at,
        count() over place as members,
        (at_own, deployment_id, environment) = max((at_own, deployment_id, environment)) over place as stands,
        argMax(team, (at_own, deployment_id, environment)) over place as unit_team,
        max(failed) over place as unit_failed,
        max(multiIf({metric:String} = 'rework_rate', rework, {metric:String} = 'change_fail_rate_linked', failed_linked, {metric:String} = 'change_fail_rate', failed, false)) over place as in_rate,
        min(decisive) over place as unit_decisive,
        -- a judgement of the member that finished first, of those that have one
        min(if(cleared_by is null, ((toDateTime64('2299-12-31 00:00:00', 3, 'UTC'), '', ''), ''), ((at_own, deployment_id, toString(environment)), assumeNotNull(cleared_by)))) over place as unit_cleared_by,
        min(reworks) over place as unit_reworks,
        max(restored) over place as unit_restored,
        countIf(failed and recovery_time_ms is null) over place as unrecovered,
        max(recovery_time_ms) over place as unit_recovery_ms,
        min(if(failed and recovery_time_ms is null, failed_at, null)) over place as oldest_unrecovered_at,
        max(if(failed and recovery_time_ms is null, arrayStringConcat(incident_ids, ', '), '')) over place as unit_awaited,
        multiIf(
          not finished, 'unfinished',
          detected, 'detected_rollback',
          rollback, 'is_rollback',
          not max(counted) over place, 'did_not_reach_users',
          not stands, 'rollout_member',
          '') as left_out
      from
      (
        select
          *,
          if(grouped, ('rollout', assumeNotNull(rollout_id)), (toString(environment), deployment_id)) as unit,
          -- the match that decides: of the first rule the first by instant and id; nothing of a deployment that did not fail
          if(failed and notEmpty(ranked), arrayReduce('min', ranked), (toUInt64(9), toDateTime64(0, 3, 'UTC'), '', '')) as decisive,
          multiIf(
            not rework, (4, 'planned', ''),
            action = 'hotfix', (1, 'hotfix', coalesce(fixes_deployment, fixes_incident, '')),
            fixes_deployment is not null, (2, 'fixes_deployment', coalesce(fixes_deployment, '')),
            (3, 'fixes_incident', coalesce(fixes_incident, ''))) as reworks,
          multiIf(
            recovery_time_ms is null, (toInt64(-1), '', ''),
            notEmpty(incident_ids), (assumeNotNull(recovery_time_ms), 'incident', arrayStringConcat(incident_ids, ', ')),
            outcome != 'succeeded', (assumeNotNull(recovery_time_ms), 'aborted', ''),
            rolled_back_by is not null, (assumeNotNull(recovery_time_ms), 'rollback', assumeNotNull(rolled_back_by)),
            has(matches.1, 'hotfix'), (assumeNotNull(recovery_time_ms), 'hotfix', matches.2[indexOf(matches.1, 'hotfix')]),
            (assumeNotNull(recovery_time_ms), 'next_deployment', restored_by_next)) as restored
        from
        (
          select
            *,
            arrayMap(match -> (indexOf(['review', 'aborted', 'incident', 'rollback', 'hotfix', 'attribution'], match.1), match.4, match.2, match.1),
              arrayFilter(match -> match.3 or {metric:String} != 'change_fail_rate_linked', matches)) as ranked
          from
          (
            select
              service, environment, deployment_id, team, action, version, rollout_id, rolls_back_deployment, rolls_back_to_version, fixes_deployment, fixes_incident,
              outcome, counted, detected, rollback, rework, failed, failed_linked, cleared_by, incident_ids, rolled_back_by, recovery_time_ms, restored_by_next, failed_at,
              delivery.finished_at is not null as finished,
              delivery.finished_at is not null and startsWith({scope:String}, 'tier:') and delivery.rollout_id is not null as grouped,
              coalesce(delivery.finished_at, delivery.started_at) as at_own,
              arrayMap((entry, named, at) -> (entry.1, coalesce(entry.2, entry.3, entry.4, entry.5, ''), named, at), failure_reasons, failure_reasons_named, failure_reasons_at) as matches
            from deployments_recomputed as delivery final
            where (empty({services:Array(String)}) or service in {services:Array(String)})
              and if(startsWith({scope:String}, 'tier:'), concat('tier:', tier), concat('environment:', environment)) = {scope:String}
              and (coalesce(delivery.finished_at, delivery.started_at) >= {since:DateTime64(3, 'UTC')} and coalesce(delivery.finished_at, delivery.started_at) < {until:DateTime64(3, 'UTC')}
                or delivery.rollout_id is not null and startsWith({scope:String}, 'tier:'))
              and {metric:String} in ('deployments', 'attempts', 'rollbacks', 'change_fail_rate', 'change_fail_rate_linked', 'rework_rate', 'recovery_time')
          )
        )
      )
      window place as (partition by service, finished, rollback, unit)
    )
    where at >= {since:DateTime64(3, 'UTC')} and at < {until:DateTime64(3, 'UTC')}
      and ({team:String} = '' or unit_team = {team:String})
      and ({metric:String} != 'recovery_time' or unit_failed and (stands or failed))
  )
);

-- explain_changes: the changes behind a number, a row a deployment that brought them in the range.
-- Parameters:
--   metric String: changes, change_lead_time or lead_time_stages
--   services Array(String): services asked for; empty: all
--   team String: team asked for; empty: any
--   scope String: tier:<name>, or environment:<name>
--   since, until DateTime64(3, 'UTC'): the range [since, until)
-- Columns:
--   at: instant by which the row belongs to the range: finish of the deployment (of a rollout: of its last member; unfinished: the start), UTC
--   service: the service
--   environment: the environment
--   id: repository@commit; of a pull request none of whose commits is known repository#number
--   subject: change
--   stage: lead_time_stages: coding, pickup, review, queue or deploy; else empty
--   counted: it is in the number
--   numerator: false
--   value_seconds: what it adds to the quantiles, seconds; of one left out because it is negative that; null: not known
--   rule: what decided: why it is left out, else what it is
--   reason: the same in words
--   evidence: the deployment that carried it
create view explain_changes as
select
  at, service, environment, id, 'change' as subject,
  line.1 as stage,
  CAST(line.2, 'Bool') as counted,
  CAST(false, 'Bool') as numerator,
  line.3 / 1000 as value_seconds,
  line.4 as rule,
  concat(transform(rule,
    ['unfinished', 'is_rollback', 'not_delivered', 'rollout_member', 'carried_before', 'no_commit_time', 'negative', 'end_unknown', 'first_carried', 'timed'],
    ['the deployment that carries it has not finished',
     'a rollback brought it, which is no deployment',
     'the deployment that carried it did not succeed',
     'another member of the rollout brought it first',
     'an earlier deployment brought it to users',
     'its commit time is not known',
     if({metric:String} = 'lead_time_stages', 'its end lies before its start', 'it was committed after the deployment finished'),
     'an end of the stage is not known',
     'first brought to users by this deployment',
     'both ends of the stage are known'], ''), if(brought_by = '', '', ': '), brought_by) as reason,
  carried_by as evidence
from
(
  select
    at, service, environment,
    if(change_id = '', concat(repository, '#', pull_request), concat(repository, '@', change_id)) as id,
    multiIf(
      not finished, 'unfinished',
      rollback, 'is_rollback',
      not delivered, 'not_delivered',
      first_carrier.1 != at or first_carrier.2 != unit, 'carried_before',
      first_carrier.4 != deployment_id or first_carrier.5 != environment, 'rollout_member',
      '') as left_out,
    toUnixTimestamp64Milli(at) as finished_ms,
    toUnixTimestamp64Milli(unit_started_at) as started_ms,
    toUnixTimestamp64Milli(times.1) as committed_ms,
    toUnixTimestamp64Milli(times.2) as opened_ms,
    toUnixTimestamp64Milli(times.3) as reviewed_ms,
    toUnixTimestamp64Milli(times.4) as merged_ms,
    deployment_id as carried_by,
    if(left_out in ('carried_before', 'rollout_member'), first_carrier.4, '') as brought_by,
    arrayJoin(multiIf(
      left_out != '', [('', false, CAST(null, 'Nullable(Int64)'), left_out)],
      {metric:String} = 'changes', [('', true, CAST(null, 'Nullable(Int64)'), 'first_carried')],
      {metric:String} = 'change_lead_time', [('', coalesce(finished_ms >= committed_ms, false), finished_ms - committed_ms, multiIf(committed_ms is null, 'no_commit_time', finished_ms < assumeNotNull(committed_ms), 'negative', 'first_carried'))],
      arrayMap(entry -> (entry.1, coalesce(entry.2 >= 0, false), entry.2, multiIf(entry.2 is null, 'end_unknown', assumeNotNull(entry.2) < 0, 'negative', 'timed')),
        [('coding', opened_ms - committed_ms), ('pickup', reviewed_ms - opened_ms), ('review', merged_ms - coalesce(reviewed_ms, opened_ms)), ('queue', started_ms - merged_ms), ('deploy', toNullable(finished_ms - started_ms))]))) as line
  from
  (
    select
      *,
      -- a merge commit beside commits of its pull request: it is not counted here, nor wherever it is carried again
      merges and countIf(not merges) over (partition by service, delivered, unit, repository, pull_request) > 0 as beside,
      -- tuples of one order with batch_first_carried
      min(if(delivered, (at, unit, at_own, deployment_id, environment), (toDateTime64('2299-12-31 00:00:00', 3, 'UTC'), ('', ''), toDateTime64('2299-12-31 00:00:00', 3, 'UTC'), '', ''))) over its_change as first_carrier,
      (min(its_times.1) over of_change, min(its_times.2) over of_change, min(its_times.3) over of_change, min(its_times.4) over of_change) as times
    from
    (
      select
        delivery.service as service, delivery.environment as environment, delivery.deployment_id as deployment_id, delivery.rollback as rollback,
        delivery.finished_at is not null as finished,
        finished and counted and coalesce(outcome = 'succeeded', false) as delivered,
        finished and startsWith({scope:String}, 'tier:') and delivery.rollout_id is not null as grouped,
        coalesce(delivery.finished_at, delivery.started_at) as at_own,
        if(grouped, rollout.last_finished_at, at_own) as at,
        if(grouped, rollout.first_started_at, delivery.started_at) as unit_started_at,
        if(grouped, rollout.last_team, delivery.team) as unit_team,
        if(grouped, ('rollout', assumeNotNull(delivery.rollout_id)), (toString(delivery.environment), delivery.deployment_id)) as unit,
        change.1 as repository, change.2 as change_id, change.3 as pull_request, if(change.2 = '', change.3, '') as pull_request_key,
        change.8 as merges,
        (change.4, change.5, change.6, change.7) as its_times
      from
      (
        select service, environment, deployment_id, rollback, counted, outcome, started_at, finished_at, rollout_id, team, change
        from deployments_recomputed as brought final
        array join evenkeel_brought(brought.carried, brought.merge_commits) as change
        where (empty({services:Array(String)}) or service in {services:Array(String)})
          and if(startsWith({scope:String}, 'tier:'), concat('tier:', tier), concat('environment:', environment)) = {scope:String}
          and (service, change.1, change.2, if(change.2 = '', change.3, '')) in
          (
            select service, its_change.1, its_change.2, if(its_change.2 = '', its_change.3, '')
            from deployments_recomputed as ranged final
            array join ranged.carried as its_change
            where (empty({services:Array(String)}) or service in {services:Array(String)})
              and if(startsWith({scope:String}, 'tier:'), concat('tier:', tier), concat('environment:', environment)) = {scope:String}
              and (coalesce(ranged.finished_at, ranged.started_at) >= {since:DateTime64(3, 'UTC')} and coalesce(ranged.finished_at, ranged.started_at) < {until:DateTime64(3, 'UTC')}
                or ranged.rollout_id is not null and startsWith({scope:String}, 'tier:'))
          )
          and {metric:String} in ('changes', 'change_lead_time', 'lead_time_stages')
      ) as delivery
      left join
      (
        select
          service, rollback, assumeNotNull(member.rollout_id) as rollout_id,
          max(assumeNotNull(member.finished_at)) as last_finished_at,
          min(member.started_at) as first_started_at,
          argMax(member.team, (assumeNotNull(member.finished_at), member.deployment_id)) as last_team
        from deployments_recomputed as member final
        where (empty({services:Array(String)}) or service in {services:Array(String)})
          and concat('tier:', tier) = {scope:String} and member.finished_at is not null and member.rollout_id is not null
          and {metric:String} in ('changes', 'change_lead_time', 'lead_time_stages')
        group by service, rollback, rollout_id
      ) as rollout on rollout.service = delivery.service and rollout.rollback = delivery.rollback and rollout.rollout_id = coalesce(delivery.rollout_id, '')
    )
    window
      its_change as (partition by service, repository, change_id, pull_request_key),
      of_change as (partition by service, repository, change_id, pull_request_key, delivered)
  )
  where at >= {since:DateTime64(3, 'UTC')} and at < {until:DateTime64(3, 'UTC')} and not beside
    and ({team:String} = '' or unit_team = {team:String})
);

-- explain_incidents: the incidents behind a number.
-- Parameters:
--   metric String: incidents_opened, incidents_restored, incidents_open or time_to_restore
--   services Array(String): services asked for; empty: all
--   team String: team asked for; empty: any
--   scope String: tier:<name>, or environment:<name>
--   since, until DateTime64(3, 'UTC'): the range [since, until)
--   now DateTime64(3, 'UTC'): instant of asking
-- Columns:
--   at: instant by which the row belongs to the range: opening; incidents_restored, time_to_restore: restoration, where there is one, UTC. An incident that is still open may have opened before the range
--   service: the service; empty: not told
--   environment: the environment; empty: not told, then at tier production
--   id: the incident
--   subject: incident
--   stage: empty
--   counted: it is in the number
--   numerator: false
--   value_seconds: time_to_restore: opened to restored; incidents_open: its age at the end of the range or now; else null
--   rule: what decided: why it is left out, else what it is
--   reason: the same in words
--   evidence: page of the incident; empty: not told
create view explain_incidents as
select
  at, service, environment, id, 'incident' as subject, '' as stage, counted, numerator, value_seconds, rule,
  transform(rule,
    ['cancelled', 'not_restored', 'negative', 'restored', 'opened', 'open', 'restored_before', 'opened_after'],
    ['a false alarm', 'not restored yet; it shows as open', 'it was restored before it opened', 'opened to restored', 'it opened', 'neither restored nor cancelled at the end of the range, or now', 'restored before the end of the range', 'opened after now'], '') as reason,
  evidence
from
(
  select
    if({metric:String} in ('incidents_restored', 'time_to_restore'), coalesce(restored_at, opened_at), opened_at) as at,
    coalesce(incident.service, '') as service,
    coalesce(incident.environment, '') as environment,
    incident_id as id,
    least({until:DateTime64(3, 'UTC')}, {now:DateTime64(3, 'UTC')}) as seen_until,
    multiIf(
      cancelled, 'cancelled',
      {metric:String} = 'incidents_opened', 'opened',
      {metric:String} = 'incidents_open', multiIf(opened_at >= seen_until, 'opened_after', coalesce(restored_at < seen_until, false), 'restored_before', 'open'),
      restored_at is null, 'not_restored',
      {metric:String} = 'time_to_restore' and restored_at < opened_at, 'negative',
      'restored') as rule,
    CAST(rule in ('opened', 'restored', 'open'), 'Bool') as counted,
    CAST(false, 'Bool') as numerator,
    multiIf(
      {metric:String} = 'time_to_restore', toUnixTimestamp64Milli(restored_at) - toUnixTimestamp64Milli(opened_at),
      {metric:String} = 'incidents_open' and counted, toUnixTimestamp64Milli(seen_until) - toUnixTimestamp64Milli(opened_at),
      null) / 1000 as value_seconds,
    coalesce(url, '') as evidence
  from
  (
    select
      found.*,
      evenkeel_in_force(history.teams, opened_at, '') as team,
      evenkeel_in_force(history.tiers, opened_at, CAST(map(), 'Map(String, String)')) as tiers,
      arrayJoin(if(environment is null, ['tier:production'], [concat('environment:', assumeNotNull(environment)), concat('tier:', if(mapContains(tiers, assumeNotNull(environment)), tiers[assumeNotNull(environment)], assumeNotNull(environment)))])) as scope
    from
    (
      select * from incidents
      where (empty({services:Array(String)}) or coalesce(service, '') in {services:Array(String)})
        and incident_id in
        (
          select incident_id from incident_mentions
          where (empty({services:Array(String)}) or service in {services:Array(String)})
            and {metric:String} in ('incidents_opened', 'incidents_restored', 'incidents_open', 'time_to_restore')
        )
    ) as found
    left join service_history as history on history.service = coalesce(found.service, '')
  ) as incident
  where scope = {scope:String}
    and ({team:String} = '' or team = {team:String})
)
where (at >= {since:DateTime64(3, 'UTC')} or {metric:String} = 'incidents_open' and counted) and at < {until:DateTime64(3, 'UTC')};

-- explain: the rows behind a number of the summary or the stages, whichever it is; its parts are explain_deliveries, explain_changes and explain_incidents.
-- Parameters:
--   metric String: deployments, attempts, rollbacks, changes, change_lead_time, lead_time_stages, change_fail_rate, change_fail_rate_linked, recovery_time, rework_rate, incidents_opened, incidents_restored, incidents_open or time_to_restore
--   services Array(String): services asked for; empty: all
--   team String: team asked for; empty: any
--   scope String: tier:<name>, or environment:<name>
--   since, until DateTime64(3, 'UTC'): the range [since, until)
--   now DateTime64(3, 'UTC'): instant of asking
-- Columns:
--   at: instant by which the row belongs to the range, UTC
--   service: the service; empty: not told
--   environment: the environment; empty: not told
--   id: the deployment or incident; of a change repository@commit, of a pull request repository#number
--   subject: deployment, change, incident, or failure_reason: a match of a rule of failure, which is never counted itself
--   stage: lead_time_stages: coding, pickup, review, queue or deploy; else empty
--   counted: it is in the number (rates: in the denominator)
--   numerator: rates: it is in the numerator; else false
--   value_seconds: what it adds to the quantiles, of one left out what it would; incidents_open: its age; null: none
--   rule: what decided: the rule by which it failed, why it is left out, else what it is
--   reason: the same in words
--   evidence: what the rule points at: incident, rollback, hotfix, review, deployment, rollout, version or page; several are separated by ", "
create view explain as
select at, service, environment, id, subject, stage, counted, numerator, value_seconds, rule, reason, evidence
from explain_deliveries(metric = {metric:String}, services = {services:Array(String)}, team = {team:String}, scope = {scope:String}, since = {since:DateTime64(3, 'UTC')}, until = {until:DateTime64(3, 'UTC')}, now = {now:DateTime64(3, 'UTC')})
union all
select at, service, environment, id, subject, stage, counted, numerator, value_seconds, rule, reason, evidence
from explain_changes(metric = {metric:String}, services = {services:Array(String)}, team = {team:String}, scope = {scope:String}, since = {since:DateTime64(3, 'UTC')}, until = {until:DateTime64(3, 'UTC')})
union all
select at, service, environment, id, subject, stage, counted, numerator, value_seconds, rule, reason, evidence
from explain_incidents(metric = {metric:String}, services = {services:Array(String)}, team = {team:String}, scope = {scope:String}, since = {since:DateTime64(3, 'UTC')}, until = {until:DateTime64(3, 'UTC')}, now = {now:DateTime64(3, 'UTC')});
