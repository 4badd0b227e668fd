/** What counts as one deployment. */
const unit =
  "if(rollout_id is null, concat(environment, '/', deployment_id), concat('rollout/', assumeNotNull(rollout_id)))";

/**
 * Where each table's rows come from: the entities that Evenkeel has merged and judged on the same facts. So PostgreSQL
 * gets for nothing what its collector would compute: merging, counting, first carriers, attribution, recovery.
 */
export const exports: readonly { readonly table: string; readonly query: string }[] = [
  {
    table: 'project_mapping',
    query: `select distinct 'everything', service from deployments_recomputed final
      union all select distinct team, service from deployments_recomputed final where team != ''`,
  },
  {
    table: 'deployments',
    query: `select service, environment, deployment_id,
        ${unit},
        tier, counted ? 't' : 'f', formatDateTime(assumeNotNull(finished_at), '%Y-%m-%d %H:%i:%S.%fZ', 'UTC')
      from deployments_recomputed final where finished_at is not null and not rollback and action in ('deploy', 'hotfix')`,
  },
  {
    table: 'change_deployments',
    query: `select service, change.1 as repository, if(change.2 = '', concat('pull/', change.3), change.2) as key,
        argMin(environment, (unit_finished_at, deployment_id)), argMin(deployment_id, (unit_finished_at, deployment_id)),
        formatDateTime(min(unit_finished_at), '%Y-%m-%d %H:%i:%S.%fZ', 'UTC'), if(min(change.4) is null, null, formatDateTime(assumeNotNull(min(change.4)), '%Y-%m-%d %H:%i:%S.%fZ', 'UTC'))
      from
      (
        select service, environment, deployment_id, outcome, carried,
          max(assumeNotNull(finished_at)) over (partition by service, ${unit}) as unit_finished_at
        from deployments_recomputed final where counted and tier = 'production'
      )
      array join carried as change where outcome = 'succeeded' group by service, repository, key`,
  },
  {
    table: 'deployment_failures',
    query:
      'select service, environment, deployment_id, recovery_time_ms from deployments_recomputed final where failed',
  },
  {
    table: 'incidents',
    query: `select incident_id, service, 'production', formatDateTime(opened_at, '%Y-%m-%d %H:%i:%S.%fZ', 'UTC'),
        if(restored_at is null, null, formatDateTime(assumeNotNull(restored_at), '%Y-%m-%d %H:%i:%S.%fZ', 'UTC'))
      from incidents where not cancelled and (environment is null or environment in ('production', 'prod-eu', 'prod-us'))`,
  },
];
