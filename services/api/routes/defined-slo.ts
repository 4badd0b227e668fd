import { EvenkeelError } from '@evenkeel/runtime';
import type { ApiContext } from '../http/read-route.ts';
import { sloRow } from '../rows/slo.ts';

/** @throws EvenkeelError `not_found` unless the SLO was ever defined; retired ones were */
export async function requireDefinedSlo(context: ApiContext, id: string): Promise<void> {
  const [definition] = await context.views.read({
    view: 'slo_definitions',
    row: sloRow.pick({ slo_id: true }),
    where: { slo_id: id },
    limit: 1,
  });
  if (definition === undefined) throw new EvenkeelError('not_found', 'No SLO with this id was ever defined.');
}
