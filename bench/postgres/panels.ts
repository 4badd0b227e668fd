/** One panel of a dashboard: its own query, as dashboards over DevLake have one a number. */
export interface Panel {
  readonly name: string;
  /** Columns of the view `dora_summary` that its row has, in this order. */
  readonly columns: readonly string[];
  readonly query: string;
}

/** Which services and which time; the values are this bench's own. */
export interface Asked {
  /** A service; undefined: the project of all services. */
  readonly service: string | undefined;
  readonly from: string;
  readonly to: string;
}

/** The panels of a summary at tier production. */
export function panels({ service, from, to }: Asked): Panel[] {
  const mapped = (alias: string) =>
    service === undefined
      ? `join project_mapping as mapping on mapping.service = ${alias}.service and mapping.project_name = 'everything'`
      : '';
  const chosen = (alias: string) => (service === undefined ? '' : `and ${alias}.service = '${service}'`);
  // DevLake, too, takes several deployments of one pipeline for one that finished with the last of them.
  const units = `
    with units as
    (
      select deployment.service, deployment.unit, max(deployment.finished_at) as finished_at
      from deployments as deployment
      ${mapped('deployment')}
      where deployment.tier = 'production' ${chosen('deployment')}
      group by deployment.service, deployment.unit
      having bool_or(deployment.counted) and max(deployment.finished_at) >= '${from}' and max(deployment.finished_at) < '${to}'
    )`;
  return [
    {
      name: 'deployment frequency',
      columns: ['deployments', 'deployment_days'],
      query: `${units}
    select count(*), count(distinct (finished_at at time zone 'UTC')::date) from units`,
    },
    {
      name: 'change lead time',
      columns: ['changes', 'lead_time_changes', 'lead_time_p50_seconds', 'lead_time_p90_seconds'],
      query: `
    with changes as
    (
      select extract(epoch from change.finished_at - change.committed_at) as seconds
      from change_deployments as change
      ${mapped('change')}
      where change.finished_at >= '${from}' and change.finished_at < '${to}' ${chosen('change')}
    )
    select count(*), count(*) filter (where seconds >= 0),
      percentile_cont(0.5) within group (order by seconds) filter (where seconds >= 0),
      percentile_cont(0.9) within group (order by seconds) filter (where seconds >= 0)
    from changes`,
    },
    {
      name: 'change fail rate and recovery time',
      columns: [
        'failed_deployments',
        'change_fail_rate',
        'recovered_deployments',
        'recovery_time_p50_seconds',
        'recovery_time_p90_seconds',
      ],
      query: `${units},
    failed as
    (
      select
        units.service, units.unit,
        count(failure.deployment_id) > 0 as failed,
        count(failure.deployment_id) = count(failure.recovery_ms) as recovered,
        max(failure.recovery_ms) / 1000.0 as seconds
      from units
      join deployments as deployment on deployment.service = units.service and deployment.unit = units.unit and deployment.tier = 'production'
      left join deployment_failures as failure
        on failure.service = deployment.service and failure.environment = deployment.environment and failure.deployment_id = deployment.deployment_id
      group by units.service, units.unit
    )
    select count(*) filter (where failed), count(*) filter (where failed)::float8 / nullif(count(*), 0), count(*) filter (where failed and recovered),
      percentile_cont(0.5) within group (order by seconds) filter (where failed and recovered),
      percentile_cont(0.9) within group (order by seconds) filter (where failed and recovered)
    from failed`,
    },
    {
      name: 'incidents',
      columns: ['incidents_opened'],
      query: `
    select count(*) from incidents as incident
    where incident.tier = 'production' and incident.opened_at >= '${from}' and incident.opened_at < '${to}' ${chosen('incident')}`,
    },
    {
      name: 'time to restore',
      columns: ['incidents_restored', 'time_to_restore_p50_seconds', 'time_to_restore_p90_seconds'],
      query: `
    with restored as
    (
      select extract(epoch from incident.restored_at - incident.opened_at) as seconds
      from incidents as incident
      where incident.tier = 'production' and incident.restored_at >= '${from}' and incident.restored_at < '${to}' ${chosen('incident')}
    )
    select count(*),
      percentile_cont(0.5) within group (order by seconds) filter (where seconds >= 0),
      percentile_cont(0.9) within group (order by seconds) filter (where seconds >= 0)
    from restored`,
    },
  ];
}
