import type { ClickHouseClient } from '@clickhouse/client';

/** Refreshes a refreshable view and waits until it is done. @throws what made the refresh fail */
export async function refreshView(client: ClickHouseClient, view: string): Promise<void> {
  await client.command({ query: `system refresh view ${view}` });
  await client.command({ query: `system wait view ${view}` });
}
