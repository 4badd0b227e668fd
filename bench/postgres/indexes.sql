create index on deployments (finished_at);
create index on deployments (service, finished_at);
create index on change_deployments (finished_at);
create index on change_deployments (service, finished_at);
create index on incidents (opened_at);
create index on incidents (service, opened_at);
create index on incidents (restored_at);
create index on incidents (service, restored_at);
vacuum analyze;
