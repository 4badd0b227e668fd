-- When an answer rests on thin data: what the API tells in meta.quality beside every answer. Thresholds: docs/definitions.md, Thin data.
-- A note is (check, affected, of, share, message). What an answer's own rows tell (counts of deliveries, states of SLOs, the state of the
-- recompute) is judged by a function over them, without another reading; unseen_data is what they cannot tell, thin_data all of it for
-- answers whose rows are no counts. Both read only counts of the aggregates and run beside the answer's own query.

-- evenkeel_notes: those notes that apply.
-- Parameters:
--   notes: of each (check, affected, of, message, it applies)
create function evenkeel_notes as (notes) ->
  CAST(arrayMap(note -> (note.1, note.2, note.3, if(note.3 = 0, null, note.2 / note.3), note.4), arrayFilter(note -> note.5, notes)), 'Array(Tuple(check String, affected UInt64, of UInt64, share Nullable(Float64), message String))');

-- evenkeel_thin_notes: the notes about deliveries, from counts of dora_summary or of the buckets of dora_timeseries.
-- Parameters:
--   deployments: deployments of each row
--   without_changes: deployments_without_changes
--   changes: changes
--   timed: lead_time_changes
--   failed: failed_deployments
--   linked: failed_deployments_linked
--   recovered: recovered_deployments
--   restored: time_to_restore_incidents
create function evenkeel_thin_notes as (deployments, without_changes, changes, timed, failed, linked, recovered, restored) ->
  arrayMap((counted, silent, carried, known, bad, named, better, over) -> evenkeel_notes(arrayZip(
    ['few_deployments', 'few_changes', 'few_recoveries', 'few_restorations', 'deployments_without_changes', 'changes_without_lead_time', 'inferred_failures'],
    [counted, known, better, over, silent, toUInt64(carried - known), toUInt64(bad - named)],
    [10, 10, 5, 5, counted, carried, bad],
    ['fewer than 10 deployments: each moves a rate by more than 10 points',
     'fewer than 10 lead times: the upper percentiles are guesses',
     'fewer than 5 recoveries: their median is a guess',
     'fewer than 5 restored incidents: their median is a guess',
     'a fifth or more of the deployments tell no change: lead times leave them out',
     'a fifth or more of the changes have no commit time, or one after their deployment',
     'more than half of the failures were only inferred: nobody named them'],
    [counted < 10, known < 10, better between 1 and 4, over between 1 and 4, silent > 0 and silent * 5 >= counted, known < carried and (carried - known) * 5 >= carried, (bad - named) * 2 > bad])),
    [arraySum(deployments)], [arraySum(without_changes)], [arraySum(changes)], [arraySum(timed)], [arraySum(failed)], [arraySum(linked)], [arraySum(recovered)], [arraySum(restored)])[1];

-- evenkeel_unseen_notes: the notes about what is in no number.
-- Parameters:
--   nowhere: incidents without service
--   opened: those and the incidents of the selection
--   rejected: rejected messages
create function evenkeel_unseen_notes as (nowhere, opened, rejected) ->
  evenkeel_notes(arrayZip(
    ['incidents_without_service', 'rejected_messages'], [nowhere, rejected], [opened, 0],
    ['incidents that name no service cannot be in these numbers', 'messages of the range could not be understood; they are not in any number'],
    [nowhere > 0, rejected > 0]));

-- evenkeel_slo_notes: the notes about the budgets or burn rates of an answer.
-- Parameters:
--   states: state of each row
--   no_data_shares: share of each row's window without data; 0 where it has none
create function evenkeel_slo_notes as (states, no_data_shares) ->
  CAST(arrayMap((state, no_data_share) -> arrayMap(note -> (note.1, note.2, toUInt64(length(state)), note.2 / length(state), note.3), arrayFilter(note -> note.2 > 0, [
    ('no_data', toUInt64(countEqual(state, 'no_data')), 'no event in the window: nothing is known, nothing is well'),
    ('insufficient_data', toUInt64(countEqual(state, 'insufficient_data')), 'too few events, or most of the last 24 h without data'),
    ('gaps', toUInt64(arrayCount((one, share) -> one not in ('no_data', 'insufficient_data') and coalesce(share, 0) >= 0.1, state, no_data_share)), 'a tenth or more of the window is without data')
  ])), [states], [no_data_shares])[1], 'Array(Tuple(check String, affected UInt64, of UInt64, share Nullable(Float64), message String))');

-- evenkeel_status_notes: the notes about numbers that are not up to date, from the one row of recompute_status.
-- Parameters:
--   pending: pending_services
--   oldest: oldest_pending_seconds
--   stuck: quarantined
--   failures: failing
create function evenkeel_status_notes as (pending, oldest, stuck, failures) ->
  CAST(arrayMap(note -> (note.1, note.2, toUInt64(0), null, note.3), arrayFilter(note -> note.2 > 0, arrayFlatten(arrayMap((services, seconds, quarantined, exception) -> [
    ('not_refreshed', toUInt64(if(seconds > 60, services, 0)), 'services with facts older than a minute that are not in the numbers yet'),
    ('quarantined_services', toUInt64(length(quarantined)), 'services that cannot be recomputed: their numbers are old'),
    ('recompute_failing', toUInt64(exception != ''), 'the recompute fails: numbers may be old')
  ], pending, oldest, stuck, failures)))), 'Array(Tuple(check String, affected UInt64, of UInt64, share Nullable(Float64), message String))');

-- unseen_data: what may belong to a selection and is in no number, a row a reason; no row: nothing.
-- Parameters:
--   services Array(String): services asked for; empty: all
--   team String: team asked for; empty: any
--   scope String: tier:<name>, or environment:<name>
--   since, until DateTime64(3, 'UTC'): the range [since, until), on quarter-hours
-- Columns:
--   check: incidents_without_service or rejected_messages
--   affected: how many there are
--   of: out of how many; 0: not known
--   share: affected / of; null: of nothing
--   message: the same in words
create view unseen_data as
select note.1 as check, note.2 as affected, note.3 as of, note.4 as share, note.5 as message
from
(
  select arrayJoin(evenkeel_unseen_notes(
    sumIf(part.incidents_opened, part.service = ''),
    sum(part.incidents_opened),
    (select uniqExact(source, rejected_id) from rejected_messages where received_at >= {since:DateTime64(3, 'UTC')} and received_at < {until:DateTime64(3, 'UTC')}))) as note
  from dora_buckets as part final
  where scope = {scope:String}
    -- of everything nothing is left out
    and (notEmpty({services:Array(String)}) or {team:String} != '')
    and (empty({services:Array(String)}) or service in arrayPushBack({services:Array(String)}, ''))
    and (service = '' or {team:String} = '' or team = {team:String})
    and period >= toStartOfQuarter({since:DateTime64(3, 'UTC')}) and period <= toStartOfQuarter({until:DateTime64(3, 'UTC')})
    and bucket >= {since:DateTime64(3, 'UTC')} and bucket < {until:DateTime64(3, 'UTC')}
);

-- thin_data: why the numbers of a selection rest on thin data, a row a reason; no row: they do not.
-- Parameters:
--   services Array(String): services asked for; empty: all
--   team String: team asked for; empty: any
--   scope String: tier:<name>, or environment:<name>
--   since, until DateTime64(3, 'UTC'): the range [since, until), on quarter-hours
-- Columns:
--   check: what makes it thin
--   affected: how many show it; few_…: how many there are
--   of: out of how many; few_…: how many it takes; 0: not known
--   share: affected / of; null: of nothing
--   message: the same in words
create view thin_data as
select note.1 as check, note.2 as affected, note.3 as of, note.4 as share, note.5 as message
from
(
  select arrayJoin(arrayConcat(
    evenkeel_thin_notes([sumIf(part.deployments, asked)], [sumIf(part.deployments_without_changes, asked)], [sumIf(part.changes, asked)], [sumIf(length(part.lead_times), asked)],
      [sumIf(part.failed_deployments, asked)], [sumIf(part.failed_deployments_linked, asked)], [sumIf(part.recovered_deployments, asked)], [sumIf(length(part.restore_times), asked)]),
    evenkeel_unseen_notes(
      sumIf(part.incidents_opened, not asked), sum(part.incidents_opened),
      (select uniqExact(source, rejected_id) from rejected_messages where received_at >= {since:DateTime64(3, 'UTC')} and received_at < {until:DateTime64(3, 'UTC')})))) as note
  from
  (
    -- what names no service is nobody's, and may be theirs
    select
      deployments, deployments_without_changes, changes, lead_times, failed_deployments, failed_deployments_linked, recovered_deployments, restore_times, incidents_opened,
      (empty({services:Array(String)}) or service in {services:Array(String)}) and ({team:String} = '' or team = {team:String}) as asked
    from dora_buckets final
    where scope = {scope:String}
      and (empty({services:Array(String)}) or service in arrayPushBack({services:Array(String)}, ''))
      and ({team:String} = '' or team in ({team:String}, ''))
      and period >= toStartOfQuarter({since:DateTime64(3, 'UTC')}) and period <= toStartOfQuarter({until:DateTime64(3, 'UTC')})
      and bucket >= {since:DateTime64(3, 'UTC')} and bucket < {until:DateTime64(3, 'UTC')}
      and (service = '' or {team:String} = '' or team = {team:String})
  ) as part
);
