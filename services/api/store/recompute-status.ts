import { z } from 'zod';
import { count, instant, seconds, text } from '../rows/columns.ts';
import type { ViewReader } from './view-reader.ts';

/** The one row of the view `recompute_status`. */
export const recomputeStatusRow = z.object({
  watermark: instant('Everything that was received until then is in the numbers').nullable(),
  refreshed_at: instant('Last time that numbers were recomputed').nullable(),
  pending_services: count('Services with facts that are not in the numbers yet'),
  oldest_pending_seconds: seconds('Age of the oldest fact that is not in the numbers yet').nullable(),
  quarantined: z.array(text('A service that cannot be recomputed')),
  failing: text('What fails; empty: nothing').nullable(),
});

/** How far the numbers reach: what every `meta` carries. */
export const freshness = z
  .object({
    watermark: recomputeStatusRow.shape.watermark,
    refreshed_at: recomputeStatusRow.shape.refreshed_at,
    quality: z
      .object({
        pending_services: recomputeStatusRow.shape.pending_services,
        oldest_pending_seconds: recomputeStatusRow.shape.oldest_pending_seconds,
        quarantined_services: z
          .array(z.string())
          .describe('Services whose numbers are stale because they cannot be recomputed'),
        recompute_failing: z.boolean().describe('The last recompute failed; numbers may be stale'),
      })
      .describe('How current the numbers are; `/v1/quality` has every check'),
  })
  .meta({ id: 'Freshness' });

/** See {@link freshness}. */
export type Freshness = z.output<typeof freshness>;

/** Read how far the numbers reach. Asked before the rows, so that the rows are never older than it says. */
export async function readFreshness(views: ViewReader): Promise<Freshness> {
  const [status] = await views.read({ view: 'recompute_status', row: recomputeStatusRow, limit: 1 });
  return {
    watermark: status?.watermark ?? null,
    refreshed_at: status?.refreshed_at ?? null,
    quality: {
      pending_services: status?.pending_services ?? 0,
      oldest_pending_seconds: status?.oldest_pending_seconds ?? null,
      quarantined_services: status?.quarantined ?? [],
      // The text is an exception of ClickHouse and may repeat SQL: it stays on this side.
      recompute_failing: (status?.failing ?? '') !== '',
    },
  };
}
