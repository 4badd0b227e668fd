-- The facts: append-only rows that somebody reported, one table a kind (docs/facts.schema.json has the fields).
-- The same fact delivered twice is one row after merging; readers take one row an event_id, of conflicting
-- contents the one with the smaller SHA-256, so no number depends on what came first.

create table deployment_facts
(
  service LowCardinality(String) comment 'the deployed service',
  environment LowCardinality(String) comment 'the place it was deployed to, as the producer names it',
  deployment_id String comment 'the producers id of the deployment, unique within service and environment',
  phase LowCardinality(String) comment 'queued, started, advanced (users have it: a canary, ring or traffic step) or finished',
  outcome LowCardinality(Nullable(String)) comment 'with finished: succeeded, failed or cancelled',
  action LowCardinality(Nullable(String)) comment 'deploy, rollback or hotfix; null: deploy',
  version Nullable(String) comment 'version deployed (a rollback: the version it returns to, where rolls_back_to_version is absent)',
  commit Nullable(String) comment 'commit deployed (SHA)',
  commit_at Nullable(DateTime64(3, 'UTC')) comment 'commit time of that commit, UTC',
  repository Nullable(String) comment 'repository of the commit as host/owner/name',
  strategy LowCardinality(Nullable(String)) comment 'all_at_once, rolling, canary, blue_green or ring',
  step Nullable(String) comment 'text of an advance',
  rollout_id Nullable(String) comment 'one rollout over several environments; asked by tier its members count once',
  rolls_back_deployment Nullable(String) comment 'deployment_id that this rollback targets',
  rolls_back_to_version Nullable(String) comment 'version that this rollback returns to',
  fixes_deployment Nullable(String) comment 'deployment_id that this deployment fixes',
  fixes_incident Nullable(String) comment 'incident_id that this deployment fixes',
  automatic Nullable(Bool) comment 'true: no person started it',
  artifact_digest Nullable(String) comment 'digest of the deployed artifact',
  url Nullable(String) comment 'page of the run',
  trace_id Nullable(String) comment 'trace that reported it',
  event_id String comment 'deterministic id of the report; the same report delivered again has the same id' codec(ZSTD(1)),
  occurred_at DateTime64(3, 'UTC') comment 'when it happened by the producer''s clock, UTC, milliseconds',
  observed_at DateTime64(3, 'UTC') comment 'when Evenkeel first received it, UTC, milliseconds; no metric looks at it',
  source LowCardinality(String) default 'api' comment 'kind of producer: otlp, api, import, …',
  attributes Map(LowCardinality(String), String) comment 'what else the payload had that someone may query',
  content_sha256 String comment 'SHA-256 of the canonical JSON, hex; of two facts with one event_id the smaller counts' codec(ZSTD(1)),
  inserted_at DateTime64(3, 'UTC') default now64(3) comment 'when the row was written, UTC; read only on start, to mark again what a crash may have left unmarked',
  observed_rank UInt64 materialized 9223372036854775807 - toUnixTimestamp64Milli(observed_at) comment 'greater when observed earlier, so that the earliest delivery is kept',
  index inserted_at_range inserted_at type minmax granularity 1,
  index deployment_id_filter deployment_id type bloom_filter granularity 4
)
engine = ReplacingMergeTree(observed_rank)
-- by quarter of the year first: recent history of a service is read without the rest of it
order by (toRelativeQuarterNum(occurred_at), service, environment, deployment_id, event_id, content_sha256)
settings index_granularity = 1024, non_replicated_deduplication_window = 10000, fsync_after_insert = 1, fsync_part_directory = 1
comment 'One row a report about a deployment or rollback: queued, started, advanced or finished';

create table change_facts
(
  repository LowCardinality(String) comment 'repository as host/owner/name',
  change_id String default '' comment 'commit SHA; empty: the row speaks of a pull request',
  pull_request String default '' comment 'pull request number; empty: unknown',
  service LowCardinality(Nullable(String)) comment 'service of the deployment that carried it',
  environment LowCardinality(Nullable(String)) comment 'environment of the deployment that carried it',
  deployment_id Nullable(String) comment 'the deployment that carried it',
  merge_commit Nullable(Bool) comment 'true: this commit stands for its pull request',
  committed_at Nullable(DateTime64(3, 'UTC')) comment 'commit time, UTC',
  opened_at Nullable(DateTime64(3, 'UTC')) comment 'pull request opened, UTC',
  first_review_at Nullable(DateTime64(3, 'UTC')) comment 'first review by someone other than the author, UTC',
  approved_at Nullable(DateTime64(3, 'UTC')) comment 'approved, UTC',
  merged_at Nullable(DateTime64(3, 'UTC')) comment 'merged, UTC',
  lines_changed Nullable(UInt64) comment 'lines added and removed',
  files_changed Nullable(UInt64) comment 'files touched',
  url Nullable(String) comment 'page of the change',
  event_id String comment 'deterministic id of the report; the same report delivered again has the same id' codec(ZSTD(1)),
  occurred_at DateTime64(3, 'UTC') comment 'when it happened by the producer''s clock, UTC, milliseconds',
  observed_at DateTime64(3, 'UTC') comment 'when Evenkeel first received it, UTC, milliseconds; no metric looks at it',
  source LowCardinality(String) default 'api' comment 'kind of producer: otlp, api, import, …',
  attributes Map(LowCardinality(String), String) comment 'what else the payload had that someone may query',
  content_sha256 String comment 'SHA-256 of the canonical JSON, hex; of two facts with one event_id the smaller counts' codec(ZSTD(1)),
  inserted_at DateTime64(3, 'UTC') default now64(3) comment 'when the row was written, UTC; read only on start, to mark again what a crash may have left unmarked',
  observed_rank UInt64 materialized 9223372036854775807 - toUnixTimestamp64Milli(observed_at) comment 'greater when observed earlier, so that the earliest delivery is kept',
  index inserted_at_range inserted_at type minmax granularity 1
)
engine = ReplacingMergeTree(observed_rank)
-- by quarter of the year first: commits are found by hashes that lie anywhere in a repository
order by (toRelativeQuarterNum(occurred_at), repository, change_id, pull_request, event_id, content_sha256)
settings index_granularity = 1024, non_replicated_deduplication_window = 10000, fsync_after_insert = 1, fsync_part_directory = 1
comment 'One row a report about a commit or pull request: its times, its size, the deployment that carried it';

create table incident_facts
(
  incident_id String comment 'id of the incident, prefixed by its tool',
  transition LowCardinality(String) comment 'opened, acknowledged, mitigated, resolved, reopened, updated, cancelled, linked or unlinked',
  service LowCardinality(Nullable(String)) comment 'affected service (on linked and unlinked: the deployments)',
  environment LowCardinality(Nullable(String)) comment 'affected environment (on linked and unlinked: the deployments)',
  severity Nullable(String) comment 'severity in the tools words',
  title Nullable(String) comment 'title',
  url Nullable(String) comment 'page of the incident',
  detected_by LowCardinality(Nullable(String)) comment 'monitoring, people or customer',
  deployment_id Nullable(String) comment 'deployment named; any transition but unlinked links it',
  opened_at Nullable(DateTime64(3, 'UTC')) comment 'when it was opened, UTC, where a later transition knows it',
  reason Nullable(String) comment 'why',
  event_id String comment 'deterministic id of the report; the same report delivered again has the same id' codec(ZSTD(1)),
  occurred_at DateTime64(3, 'UTC') comment 'when it happened by the producer''s clock, UTC, milliseconds',
  observed_at DateTime64(3, 'UTC') comment 'when Evenkeel first received it, UTC, milliseconds; no metric looks at it',
  source LowCardinality(String) default 'api' comment 'kind of producer: otlp, api, import, …',
  attributes Map(LowCardinality(String), String) comment 'what else the payload had that someone may query',
  content_sha256 String comment 'SHA-256 of the canonical JSON, hex; of two facts with one event_id the smaller counts' codec(ZSTD(1)),
  inserted_at DateTime64(3, 'UTC') default now64(3) comment 'when the row was written, UTC; read only on start, to mark again what a crash may have left unmarked',
  observed_rank UInt64 materialized 9223372036854775807 - toUnixTimestamp64Milli(observed_at) comment 'greater when observed earlier, so that the earliest delivery is kept',
  index inserted_at_range inserted_at type minmax granularity 1
)
engine = ReplacingMergeTree(observed_rank)
order by (incident_id, event_id, content_sha256)
settings index_granularity = 64, non_replicated_deduplication_window = 10000, fsync_after_insert = 1, fsync_part_directory = 1
comment 'One row a transition of an incident, or a link of it to a deployment';

create table slo_facts
(
  slo_id String comment 'id of the SLO',
  service LowCardinality(String) comment 'service that it watches',
  environment LowCardinality(Nullable(String)) comment 'environment that it watches; null: all of tier production',
  objective Float64 comment 'target ratio, 0 < objective < 1',
  window_rolling_days Nullable(Float64) comment 'length of a rolling window in days',
  window_calendar LowCardinality(Nullable(String)) comment 'week, month, quarter or year',
  window_timezone Nullable(String) comment 'IANA zone of a calendar window',
  method LowCardinality(String) comment 'occurrences, timeslices or ratio_timeslices',
  title Nullable(String) comment 'title',
  slice_seconds Nullable(UInt32) comment 'length of a slice in seconds: 60 (default) or 300',
  slice_target Nullable(Float64) comment 'ratio from which a slice is good',
  no_data LowCardinality(Nullable(String)) comment 'ignored (default) or bad',
  minimum_events Nullable(Float64) comment 'fewer events in a window than this: insufficient_data',
  retired Nullable(Bool) comment 'true ends the SLO',
  event_id String comment 'deterministic id of the report; the same report delivered again has the same id' codec(ZSTD(1)),
  occurred_at DateTime64(3, 'UTC') comment 'when it happened by the producer''s clock, UTC, milliseconds',
  observed_at DateTime64(3, 'UTC') comment 'when Evenkeel first received it, UTC, milliseconds; no metric looks at it',
  source LowCardinality(String) default 'api' comment 'kind of producer: otlp, api, import, …',
  attributes Map(LowCardinality(String), String) comment 'what else the payload had that someone may query',
  content_sha256 String comment 'SHA-256 of the canonical JSON, hex; of two facts with one event_id the smaller counts' codec(ZSTD(1)),
  inserted_at DateTime64(3, 'UTC') default now64(3) comment 'when the row was written, UTC; read only on start, to mark again what a crash may have left unmarked',
  observed_rank UInt64 materialized 9223372036854775807 - toUnixTimestamp64Milli(observed_at) comment 'greater when observed earlier, so that the earliest delivery is kept',
  index inserted_at_range inserted_at type minmax granularity 1
)
engine = ReplacingMergeTree(observed_rank)
order by (slo_id, event_id, content_sha256)
settings non_replicated_deduplication_window = 10000, fsync_after_insert = 1, fsync_part_directory = 1
comment 'One row a definition of an SLO as of a time; a later one replaces it as a whole from then on';

create table sli_facts
(
  slo_id LowCardinality(String) comment 'id of the SLO',
  window_start DateTime64(3, 'UTC') comment 'start of the window, UTC',
  window_end DateTime64(3, 'UTC') comment 'end of the window, UTC, exclusive, at most 24 h later',
  good Nullable(Float64) comment 'good events',
  total Nullable(Float64) comment 'all events',
  bad Nullable(Float64) comment 'bad events',
  series LowCardinality(String) default '' comment 'source series; several are added up',
  version LowCardinality(String) default '' comment 'version of the service; empty: unknown',
  event_id String comment 'deterministic id of the report; the same report delivered again has the same id' codec(ZSTD(1)),
  occurred_at DateTime64(3, 'UTC') comment 'when it happened by the producer''s clock, UTC, milliseconds',
  observed_at DateTime64(3, 'UTC') comment 'when Evenkeel first received it, UTC, milliseconds; no metric looks at it',
  source LowCardinality(String) default 'api' comment 'kind of producer: otlp, api, import, …',
  attributes Map(LowCardinality(String), String) comment 'what else the payload had that someone may query',
  content_sha256 String comment 'SHA-256 of the canonical JSON, hex; of two facts with one event_id the smaller counts' codec(ZSTD(1)),
  inserted_at DateTime64(3, 'UTC') default now64(3) comment 'when the row was written, UTC; read only on start, to mark again what a crash may have left unmarked',
  observed_rank UInt64 materialized 9223372036854775807 - toUnixTimestamp64Milli(observed_at) comment 'greater when observed earlier, so that the earliest delivery is kept',
  index inserted_at_range inserted_at type minmax granularity 1
)
engine = ReplacingMergeTree(observed_rank)
partition by toYYYYMM(window_start)
order by (toStartOfHour(window_start), slo_id, window_start, window_end, series, version, event_id, content_sha256)
settings non_replicated_deduplication_window = 10000, fsync_after_insert = 1, fsync_part_directory = 1
comment 'One row a report of good and total events of an SLO in a window of time';

create table slo_alert_facts
(
  slo_id String comment 'id of the SLO',
  fingerprint String comment 'the tools id of the alert',
  state LowCardinality(String) comment 'firing or resolved',
  starts_at DateTime64(3, 'UTC') comment 'when this firing began, UTC',
  severity Nullable(String) comment 'severity',
  url Nullable(String) comment 'page of the alert',
  event_id String comment 'deterministic id of the report; the same report delivered again has the same id' codec(ZSTD(1)),
  occurred_at DateTime64(3, 'UTC') comment 'when it happened by the producer''s clock, UTC, milliseconds',
  observed_at DateTime64(3, 'UTC') comment 'when Evenkeel first received it, UTC, milliseconds; no metric looks at it',
  source LowCardinality(String) default 'api' comment 'kind of producer: otlp, api, import, …',
  attributes Map(LowCardinality(String), String) comment 'what else the payload had that someone may query',
  content_sha256 String comment 'SHA-256 of the canonical JSON, hex; of two facts with one event_id the smaller counts' codec(ZSTD(1)),
  inserted_at DateTime64(3, 'UTC') default now64(3) comment 'when the row was written, UTC; read only on start, to mark again what a crash may have left unmarked',
  observed_rank UInt64 materialized 9223372036854775807 - toUnixTimestamp64Milli(observed_at) comment 'greater when observed earlier, so that the earliest delivery is kept',
  index inserted_at_range inserted_at type minmax granularity 1
)
engine = ReplacingMergeTree(observed_rank)
order by (slo_id, fingerprint, starts_at, event_id, content_sha256)
settings non_replicated_deduplication_window = 10000, fsync_after_insert = 1, fsync_part_directory = 1
comment 'One row a burn-rate alert of another tool that fired or resolved';

create table correction_facts
(
  correction_id String comment 'id of the correction',
  slo_id String comment 'id of the SLO',
  starts_at DateTime64(3, 'UTC') comment 'start of the range, UTC',
  ends_at DateTime64(3, 'UTC') comment 'end of the range, UTC, exclusive',
  category LowCardinality(String) comment 'maintenance, false_positive, dependency or other',
  reason String comment 'why',
  by String comment 'who answers for it',
  void Nullable(Bool) comment 'true takes it back',
  event_id String comment 'deterministic id of the report; the same report delivered again has the same id' codec(ZSTD(1)),
  occurred_at DateTime64(3, 'UTC') comment 'when it happened by the producer''s clock, UTC, milliseconds',
  observed_at DateTime64(3, 'UTC') comment 'when Evenkeel first received it, UTC, milliseconds; no metric looks at it',
  source LowCardinality(String) default 'api' comment 'kind of producer: otlp, api, import, …',
  attributes Map(LowCardinality(String), String) comment 'what else the payload had that someone may query',
  content_sha256 String comment 'SHA-256 of the canonical JSON, hex; of two facts with one event_id the smaller counts' codec(ZSTD(1)),
  inserted_at DateTime64(3, 'UTC') default now64(3) comment 'when the row was written, UTC; read only on start, to mark again what a crash may have left unmarked',
  observed_rank UInt64 materialized 9223372036854775807 - toUnixTimestamp64Milli(observed_at) comment 'greater when observed earlier, so that the earliest delivery is kept',
  index inserted_at_range inserted_at type minmax granularity 1
)
engine = ReplacingMergeTree(observed_rank)
order by (correction_id, event_id, content_sha256)
settings non_replicated_deduplication_window = 10000, fsync_after_insert = 1, fsync_part_directory = 1
comment 'One row a report of a time range excluded from an SLOs budget';

create table service_facts
(
  service LowCardinality(String) comment 'the service',
  team Nullable(String) comment 'owning team',
  repository Nullable(String) comment 'repository as host/owner/name',
  tiers Nullable(String) comment 'JSON object: environment to tier',
  attribution_window_seconds Nullable(UInt32) comment 'seconds after a deployment in which an incident is attributed to it (default 14400)',
  detect_rollbacks Nullable(Bool) comment 'detect a rollback in a deploy of an earlier version (default true)',
  ranges Nullable(String) comment 'JSON object: metric to its healthy range',
  trivial_lines Nullable(UInt32) comment 'changed lines up to which a deployment is trivial',
  severity_ranks Nullable(String) comment 'JSON object: severity to rank, 1 the worst',
  event_id String comment 'deterministic id of the report; the same report delivered again has the same id' codec(ZSTD(1)),
  occurred_at DateTime64(3, 'UTC') comment 'when it happened by the producer''s clock, UTC, milliseconds',
  observed_at DateTime64(3, 'UTC') comment 'when Evenkeel first received it, UTC, milliseconds; no metric looks at it',
  source LowCardinality(String) default 'api' comment 'kind of producer: otlp, api, import, …',
  attributes Map(LowCardinality(String), String) comment 'what else the payload had that someone may query',
  content_sha256 String comment 'SHA-256 of the canonical JSON, hex; of two facts with one event_id the smaller counts' codec(ZSTD(1)),
  inserted_at DateTime64(3, 'UTC') default now64(3) comment 'when the row was written, UTC; read only on start, to mark again what a crash may have left unmarked',
  observed_rank UInt64 materialized 9223372036854775807 - toUnixTimestamp64Milli(observed_at) comment 'greater when observed earlier, so that the earliest delivery is kept',
  index inserted_at_range inserted_at type minmax granularity 1
)
engine = ReplacingMergeTree(observed_rank)
order by (service, event_id, content_sha256)
settings non_replicated_deduplication_window = 10000, fsync_after_insert = 1, fsync_part_directory = 1
comment 'One row a change of what a service is and of its settings; numbers use what was in force at the instant that is judged';

create table review_facts
(
  review_id String comment 'id of the review',
  subject LowCardinality(String) comment 'deployment, incident, metric or friction',
  verdict LowCardinality(String) comment 'failed, cleared, reviewed, hides_something, chosen, removed or dropped',
  by String comment 'who answers for it',
  service LowCardinality(Nullable(String)) comment 'service',
  environment LowCardinality(Nullable(String)) comment 'environment',
  deployment_id Nullable(String) comment 'deployment judged',
  incident_id Nullable(String) comment 'incident',
  metric Nullable(String) comment 'metric',
  friction Nullable(String) comment 'friction',
  owner Nullable(String) comment 'team or role that owns the friction',
  reason Nullable(String) comment 'why',
  url Nullable(String) comment 'page',
  event_id String comment 'deterministic id of the report; the same report delivered again has the same id' codec(ZSTD(1)),
  occurred_at DateTime64(3, 'UTC') comment 'when it happened by the producer''s clock, UTC, milliseconds',
  observed_at DateTime64(3, 'UTC') comment 'when Evenkeel first received it, UTC, milliseconds; no metric looks at it',
  source LowCardinality(String) default 'api' comment 'kind of producer: otlp, api, import, …',
  attributes Map(LowCardinality(String), String) comment 'what else the payload had that someone may query',
  content_sha256 String comment 'SHA-256 of the canonical JSON, hex; of two facts with one event_id the smaller counts' codec(ZSTD(1)),
  inserted_at DateTime64(3, 'UTC') default now64(3) comment 'when the row was written, UTC; read only on start, to mark again what a crash may have left unmarked',
  observed_rank UInt64 materialized 9223372036854775807 - toUnixTimestamp64Milli(observed_at) comment 'greater when observed earlier, so that the earliest delivery is kept',
  index inserted_at_range inserted_at type minmax granularity 1
)
engine = ReplacingMergeTree(observed_rank)
order by (review_id, event_id, content_sha256)
settings non_replicated_deduplication_window = 10000, fsync_after_insert = 1, fsync_part_directory = 1
comment 'One row something that people said: a judgement of a deployment, a post-mortem held, a friction chosen';

create table gate_decision_facts
(
  decision_id String comment 'id of the decision',
  service LowCardinality(String) comment 'service',
  environment LowCardinality(String) comment 'environment',
  outcome LowCardinality(String) comment 'allow, caution or block',
  rules Array(String) comment 'rules that decided',
  policy Nullable(String) comment 'policy',
  deployment_id Nullable(String) comment 'deployment asked about',
  overridden Nullable(Bool) comment 'true: somebody went on all the same',
  by Nullable(String) comment 'who overrode it',
  reason Nullable(String) comment 'why',
  event_id String comment 'deterministic id of the report; the same report delivered again has the same id' codec(ZSTD(1)),
  occurred_at DateTime64(3, 'UTC') comment 'when it happened by the producer''s clock, UTC, milliseconds',
  observed_at DateTime64(3, 'UTC') comment 'when Evenkeel first received it, UTC, milliseconds; no metric looks at it',
  source LowCardinality(String) default 'api' comment 'kind of producer: otlp, api, import, …',
  attributes Map(LowCardinality(String), String) comment 'what else the payload had that someone may query',
  content_sha256 String comment 'SHA-256 of the canonical JSON, hex; of two facts with one event_id the smaller counts' codec(ZSTD(1)),
  inserted_at DateTime64(3, 'UTC') default now64(3) comment 'when the row was written, UTC; read only on start, to mark again what a crash may have left unmarked',
  observed_rank UInt64 materialized 9223372036854775807 - toUnixTimestamp64Milli(observed_at) comment 'greater when observed earlier, so that the earliest delivery is kept',
  index inserted_at_range inserted_at type minmax granularity 1
)
engine = ReplacingMergeTree(observed_rank)
order by (service, environment, decision_id, event_id, content_sha256)
settings non_replicated_deduplication_window = 10000, fsync_after_insert = 1, fsync_part_directory = 1
comment 'One row an answer of the gate';

create table drill_facts
(
  drill_id String comment 'id of the drill',
  service LowCardinality(String) comment 'service',
  environment LowCardinality(String) comment 'environment',
  outcome LowCardinality(String) comment 'succeeded or failed',
  started_at Nullable(DateTime64(3, 'UTC')) comment 'when it began, UTC',
  automatic Nullable(Bool) comment 'true: no person started it',
  url Nullable(String) comment 'page',
  event_id String comment 'deterministic id of the report; the same report delivered again has the same id' codec(ZSTD(1)),
  occurred_at DateTime64(3, 'UTC') comment 'when it happened by the producer''s clock, UTC, milliseconds',
  observed_at DateTime64(3, 'UTC') comment 'when Evenkeel first received it, UTC, milliseconds; no metric looks at it',
  source LowCardinality(String) default 'api' comment 'kind of producer: otlp, api, import, …',
  attributes Map(LowCardinality(String), String) comment 'what else the payload had that someone may query',
  content_sha256 String comment 'SHA-256 of the canonical JSON, hex; of two facts with one event_id the smaller counts' codec(ZSTD(1)),
  inserted_at DateTime64(3, 'UTC') default now64(3) comment 'when the row was written, UTC; read only on start, to mark again what a crash may have left unmarked',
  observed_rank UInt64 materialized 9223372036854775807 - toUnixTimestamp64Milli(observed_at) comment 'greater when observed earlier, so that the earliest delivery is kept',
  index inserted_at_range inserted_at type minmax granularity 1
)
engine = ReplacingMergeTree(observed_rank)
order by (service, environment, drill_id, event_id, content_sha256)
settings non_replicated_deduplication_window = 10000, fsync_after_insert = 1, fsync_part_directory = 1
comment 'One row a rollback exercised on purpose';

create table rejected_messages
(
  rejected_id String comment 'SHA-256 of source, code, field and payload: a redelivery is the same row',
  received_at DateTime64(3, 'UTC') comment 'when it was received, UTC',
  source LowCardinality(String) comment 'way in: otlp_traces, otlp_logs, otlp_metrics, facts',
  place String comment 'where it came from: HTTP path, or Kafka topic/partition/offset',
  code LowCardinality(String) comment 'stable code of the reason',
  field String comment 'field that failed; empty: the whole message',
  reason String comment 'reason in words',
  payload String comment 'the message as it came, so that it can be replayed'
)
engine = ReplacingMergeTree
order by (source, rejected_id)
settings non_replicated_deduplication_window = 10000, fsync_after_insert = 1, fsync_part_directory = 1
comment 'Messages that ought to be ours and could not be understood, kept whole with the reason';
