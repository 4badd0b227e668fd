import { type ClickHouseClient, createClient } from '@clickhouse/client';

/** Where a ClickHouse server is and who asks. */
export interface ServerConfig {
  readonly url: string;
  readonly user: string;
  readonly password: string;
  readonly database: string;
}

/** Longest wait for one answer of the server, in milliseconds. */
const defaultRequestTimeoutMs = 60_000;

/**
 * A client of a ClickHouse server. `wait_end_of_query` makes an error that happens late an error status instead of
 * text at the end of a good answer.
 *
 * @param requestTimeoutMs longest wait for one answer, milliseconds
 */
export function createServerClient(
  config: ServerConfig,
  requestTimeoutMs = defaultRequestTimeoutMs,
): ClickHouseClient {
  return createClient({
    url: config.url,
    username: config.user,
    password: config.password,
    database: config.database,
    application: 'evenkeel',
    request_timeout: requestTimeoutMs,
    compression: { request: true, response: true },
    clickhouse_settings: { wait_end_of_query: 1 },
    log: { level: 127 },
  });
}

/**
 * Creates the database of a server when it is missing. A client that names a missing database cannot do it: the
 * server refuses every one of its requests.
 */
export async function ensureServerDatabase(config: ServerConfig): Promise<void> {
  const client = createServerClient({ ...config, database: 'default' });
  try {
    await client.command({ query: `create database if not exists ${config.database}` });
  } finally {
    await client.close();
  }
}
