import { EvenkeelError } from '@evenkeel/runtime';
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { type ApiContext, registerRead } from '../http/read-route.ts';
import { commonQuery, oneQuery, pageQuery } from '../parameters/schemas.ts';
import { sloCostRow } from '../rows/attribution.ts';
import {
  carriedChangeRow,
  deploymentDetail,
  deploymentIncidentRow,
  deploymentRow,
  uncostedDeploymentRow,
} from '../rows/deployment.ts';
import { readFreshness } from '../store/recompute-status.ts';
import { readWithNotes } from '../store/thin-data.ts';
import type { KeyColumn, ViewParameters } from '../store/view-reader.ts';
import { keyedWithBudgets, withBudgets } from './deployment-budgets.ts';
import { cutPage, describeSelection, pageOf, selectionParameters } from './selection.ts';

const KEY: readonly KeyColumn[] = [
  { column: 'at', type: "DateTime64(3, 'UTC')" },
  { column: 'service', type: 'String' },
  { column: 'environment', type: 'String' },
  { column: 'deployment_id', type: 'String' },
];

/** `/v1/deployments` and `/v1/deployments/{id}`. */
export function registerDeployments(app: FastifyInstance, context: ApiContext): void {
  registerRead(app, context, {
    address: '/v1/deployments',
    tag: 'Events',
    summary: 'Deployments and rollbacks of a range',
    description:
      'By `finished_at` (while it runs: `started_at`), ascending. Deployments that do not count and rollbacks are in the list as well: `counted` and `action` tell them apart.',
    query: { ...commonQuery, ...pageQuery },
    row: deploymentRow,
    shape: 'page',
    caching: 'revalidate',
    find: async ({ query, now, version }) => {
      const page = await pageOf('deployments', query, now, context);
      const { freshness, answer: rows } = await readWithNotes(
        context,
        { now, version },
        selectionParameters(page.selection),
        () =>
          context.views.readKeyed({
            view: 'deployment_rows',
            parameters: selectionParameters(page.selection),
            row: uncostedDeploymentRow,
            key: KEY,
            after: page.after,
            limit: page.limit + 1,
          }),
      );
      return {
        ...cutPage('deployments', page, await keyedWithBudgets(context, rows)),
        columns: Object.keys(deploymentRow.shape),
        parameters: { ...describeSelection(page.selection), limit: page.limit },
        freshness,
      };
    },
  });

  registerRead(app, context, {
    address: '/v1/deployments/:id',
    tag: 'Events',
    summary: 'One deployment with its changes, incidents and costs',
    description:
      'The row of `/v1/deployments`, with `carried_changes`, `incidents` and `slo_costs`. An id is unique within a service and an environment: where it names several deployments, `service` and `environment` choose.',
    query: oneQuery,
    params: { id: z.string().min(1).max(512).describe('`deployment_id`') },
    row: deploymentDetail,
    shape: 'one',
    caching: 'revalidate',
    problems: [404, 409],
    find: async ({ query, params, version }) => {
      const freshness = await readFreshness(context.views, await version());
      const deployment = await findOne(context, { deployment_id: params.id, ...query });
      const parameters: ViewParameters = {
        service: deployment.service,
        environment: deployment.environment,
        deployment_id: deployment.deployment_id,
      };
      const [costed, carried_changes, incidents, slo_costs] = await Promise.all([
        withBudgets(context, [deployment]),
        context.views.read({ view: 'deployment_changes', parameters, row: carriedChangeRow }),
        context.views.read({ view: 'deployment_incidents', parameters, row: deploymentIncidentRow }),
        context.views.read({ view: 'deployment_costs', parameters, row: sloCostRow }),
      ]);
      return {
        data: {
          ...(costed[0] ?? { ...deployment, budget_minutes: null }),
          carried_changes,
          incidents,
          slo_costs,
        },
        columns: Object.keys(deploymentDetail.shape),
        parameters: {
          id: params.id,
          service: query.service ?? null,
          environment: query.environment ?? null,
        },
        freshness,
      };
    },
  });
}

/** Most candidates that a 409 names. */
const MAX_CANDIDATES = 20;

/**
 * The one deployment that fits.
 *
 * @throws EvenkeelError `not_found`, or `ambiguous_id` with the candidates in its `errors`
 */
async function findOne(
  context: ApiContext,
  asked: { deployment_id: string; service?: string | undefined; environment?: string | undefined },
): Promise<z.output<typeof uncostedDeploymentRow>> {
  const candidates = await context.views.read({
    view: 'deployments',
    where: asked,
    row: uncostedDeploymentRow,
    key: KEY,
    limit: MAX_CANDIDATES,
  });
  const [only, ...others] = candidates;
  if (only === undefined) throw new EvenkeelError('not_found', 'No deployment has this id.');
  if (others.length === 0) return only;
  throw new EvenkeelError('ambiguous_id', 'Name the deployment by service and environment as well.', {
    errors: candidates.map(({ service, environment }) => ({
      field: 'id',
      message: `?${new URLSearchParams({ service, environment })}`,
    })),
  });
}
