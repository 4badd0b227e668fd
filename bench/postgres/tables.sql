-- What a collector such as DevLake keeps: normalized tables of deployments, changes and incidents, and beside them two
-- tables that it computes when it collects: which deployment carried a change first, and which one failed for what.

create table project_mapping
(
  project_name text not null,
  service text not null,
  primary key (project_name, service)
);

create table deployments
(
  service text not null,
  environment text not null,
  deployment_id text not null,
  unit text not null,
  tier text not null,
  counted boolean not null,
  finished_at timestamptz not null,
  primary key (service, environment, deployment_id)
);

create table change_deployments
(
  service text not null,
  repository text not null,
  change_id text not null,
  environment text not null,
  deployment_id text not null,
  finished_at timestamptz not null,
  committed_at timestamptz
);

create table deployment_failures
(
  service text not null,
  environment text not null,
  deployment_id text not null,
  recovery_ms bigint,
  primary key (service, environment, deployment_id)
);

create table incidents
(
  incident_id text primary key,
  service text,
  tier text not null,
  opened_at timestamptz not null,
  restored_at timestamptz
);
