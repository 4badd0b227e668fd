import type { ClickHouseClient } from '@clickhouse/client';
import type { Readiness, Telemetry } from '@evenkeel/runtime';
import { recomputeStatusRow } from './recompute-status.ts';
import { createViewReader } from './view-reader.ts';

/** Longest exception text that `/readyz` shows, in characters. */
const LONGEST_TEXT = 300;

/**
 * Show how far the recompute is: as a part of `/readyz`, and as gauges in `/metrics`. Numbers that are behind, or
 * a service that cannot be recomputed, do not make the process unready: it still answers, and says so in `meta`.
 */
export function watchRecompute(options: {
  client: ClickHouseClient;
  readiness: Readiness;
  meter: Telemetry['meter'];
}): void {
  const { client, readiness, meter } = options;
  const views = createViewReader(client);
  const readStatus = async () => {
    const [status] = await views.read({ view: 'recompute_status', row: recomputeStatusRow, limit: 1 });
    if (status === undefined) throw new Error('recompute_status gave no row');
    return status;
  };

  readiness.probe('clickhouse', async () => {
    const status = await readStatus();
    const remarks = [
      status.pending_services > 0 || status.pending_entities > 0
        ? `${status.pending_services} services wait to be recomputed, the oldest fact for ${status.oldest_pending_seconds} s`
        : '',
      status.quarantined.length > 0 ? `quarantined: ${status.quarantined.join(', ')}` : '',
      status.failing === '' ? '' : `the recompute fails: ${status.failing}`,
    ].filter((remark) => remark !== '');
    return { ready: true, detail: remarks.join('; ').slice(0, LONGEST_TEXT) };
  });

  const pending = meter.createObservableGauge('evenkeel.recompute.pending_services', {
    description: 'Services whose numbers do not yet hold all their facts',
  });
  const provisional = meter.createObservableGauge('evenkeel.recompute.provisional_services', {
    description: 'Services whose older history is still to be recomputed with new facts',
  });
  const oldest = meter.createObservableGauge('evenkeel.recompute.oldest_pending_seconds', {
    description: 'Age of the oldest fact that is not yet in the numbers',
  });
  const quarantined = meter.createObservableGauge('evenkeel.recompute.quarantined_services', {
    description: 'Services whose recompute fails alone',
  });
  const failing = meter.createObservableGauge('evenkeel.recompute.failing', {
    description: '1 while a step of the recompute fails',
  });
  meter.addBatchObservableCallback(
    async (result) => {
      // ClickHouse away: no value is better than an old one, and /readyz says why.
      const status = await readStatus().catch(() => undefined);
      if (status === undefined) return;
      result.observe(pending, status.pending_services);
      result.observe(provisional, status.provisional_services);
      result.observe(oldest, status.oldest_pending_seconds);
      result.observe(quarantined, status.quarantined.length);
      result.observe(failing, status.failing === '' ? 0 : 1);
    },
    [pending, provisional, oldest, quarantined, failing],
  );
}
