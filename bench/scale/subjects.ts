import type { Embedded } from '@evenkeel/embedded';
import { selectRows } from '@evenkeel/store';

/** What of a generated store the requests ask for. */
export interface Subjects {
  /** End of the stored history: what the API takes for now, in this bench. */
  readonly now: Date;
  /** The service in the middle by deployments, and the one with most. */
  readonly service: string;
  readonly busiest: string;
  readonly team: string;
  readonly deployment: { id: string; service: string; environment: string };
  /** An SLO by occurrences over a rolling window. */
  readonly slo: string;
  readonly deployments: number;
  readonly changes: number;
  readonly slis: number;
}

/** Chooses them; the same store gives the same ones. */
export async function chooseSubjects(client: ReturnType<Embedded['reader']>): Promise<Subjects> {
  const one = async <Row>(query: string): Promise<Row> => {
    const [row] = await selectRows<Row>(client, query);
    if (row === undefined) throw new Error(`the store is empty: ${query}`);
    return row;
  };
  const { end } = await one<{ end: string }>(
    'select toStartOfHour(max(occurred_at)) as end from deployment_facts',
  );
  const services = await selectRows<{ service: string; team: string; deployments: number }>(
    client,
    `select service, max(deployment.team) as team, count() as deployments from deployments_recomputed as deployment final
     where counted and tier = 'production' and deployment.team != '' group by service order by deployments, service`,
  );
  const [middle, most] = [services[Math.floor(services.length / 2)], services.at(-1)];
  if (middle === undefined || most === undefined) throw new Error('nothing was recomputed yet');
  const deployment = await one<Subjects['deployment']>(
    `select deployment_id as id, service, environment from deployments_recomputed final
     where service = '${middle.service}' and failed order by finished_at desc limit 1`,
  );
  const slo = await selectRows<{ slo_id: string }>(
    client,
    `select slo_id from slo_facts where method = 'occurrences' and window_rolling_days is not null order by slo_id limit 1`,
  );
  const { changes } = await one<{ changes: number }>('select count() as changes from change_facts');
  const { slis } = await one<{ slis: number }>('select count() as slis from sli_facts');
  return {
    now: new Date(end),
    service: middle.service,
    busiest: most.service,
    team: middle.team,
    deployment,
    slo: slo[0]?.slo_id ?? '',
    deployments: (
      await one<{ deployments: number }>('select count() as deployments from deployments_recomputed final')
    ).deployments,
    changes,
    slis,
  };
}
