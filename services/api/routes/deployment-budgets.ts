import type { z } from 'zod';
import type { ApiContext } from '../http/read-route.ts';
import { deploymentBudgetRow, type deploymentRow, type uncostedDeploymentRow } from '../rows/deployment.ts';
import type { KeyedRow } from '../store/view-reader.ts';

type Uncosted = z.output<typeof uncostedDeploymentRow>;

/** Puts beside each deployment what it cost; asked for these alone, because costs of a whole range are many. */
export async function withBudgets(
  context: ApiContext,
  deployments: readonly Uncosted[],
): Promise<z.output<typeof deploymentRow>[]> {
  if (deployments.length === 0) return [];
  const budgets = await context.views.read({
    view: 'deployment_budgets',
    parameters: {
      services: deployments.map(({ service }) => service),
      environments: deployments.map(({ environment }) => environment),
      deployment_ids: deployments.map(({ deployment_id }) => deployment_id),
    },
    row: deploymentBudgetRow,
  });
  const known = new Map(budgets.map((row) => [keyOf(row), row.budget_minutes]));
  return deployments.map((row) => ({ ...row, budget_minutes: known.get(keyOf(row)) ?? null }));
}

/** The same for rows with the values of their key. */
export async function keyedWithBudgets(
  context: ApiContext,
  rows: readonly KeyedRow<Uncosted>[],
): Promise<KeyedRow<z.output<typeof deploymentRow>>[]> {
  const costed = await withBudgets(
    context,
    rows.map(({ row }) => row),
  );
  return costed.map((row, index) => ({ row, key: rows[index]?.key ?? [] }));
}

function keyOf(row: { service: string; environment: string; deployment_id: string }): string {
  return JSON.stringify([row.service, row.environment, row.deployment_id]);
}
