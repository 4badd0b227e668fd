import type { ClickHouseClient } from '@clickhouse/client';

/**
 * Settings of every reading: instants as RFC 3339, 64-bit integers as numbers. They stand in the SQL, because the
 * embedded connection keeps settings that are given beside a query.
 */
const readingSettings =
  "settings date_time_output_format = 'iso', output_format_json_quote_64bit_integers = 0";

/**
 * Rows of a query, with bound parameters (`{name:Type}` in the text).
 *
 * @param threads Threads that it may use. @default as many as there are cores
 */
export async function selectRows<Row>(
  client: ClickHouseClient,
  query: string,
  parameters?: Record<string, unknown>,
  threads?: number,
): Promise<Row[]> {
  const result = await client.query({
    query: `${query}\n${readingSettings}${threads === undefined ? '' : `, max_threads = ${threads}`}`,
    format: 'JSONEachRow',
    ...(parameters === undefined ? {} : { query_params: parameters }),
  });
  return result.json<Row>();
}
