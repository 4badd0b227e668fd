import { fileURLToPath } from 'node:url';
import type { ClickHouseClient } from '@clickhouse/client';
import { openEmbedded } from '@evenkeel/embedded';
import { readConfig } from '@evenkeel/runtime';
import { createServerClient, ensureServerDatabase, migrate } from '@evenkeel/store';

/** The store that is filled. */
export interface Target {
  /** Where it is, for people. */
  readonly place: string;
  readonly client: ClickHouseClient;
  /** For the recompute, beside the client. */
  readonly maintainer: ClickHouseClient;
  close(): Promise<void>;
}

const migrations = fileURLToPath(new URL('../../sql/migrations', import.meta.url));

/**
 * Opens the store that the option or the environment names, and brings its schema up to date.
 *
 * @throws {StartError} when a variable is wrong
 * @throws DataDirectoryHeldError when another process has the directory
 */
export async function openTarget(
  dataDir: string | undefined,
  environment: Readonly<Record<string, string | undefined>>,
): Promise<Target> {
  const { clickhouseDatabase: database } = readConfig(environment, ['clickhouseDatabase']);
  if (dataDir === undefined && (environment['CLICKHOUSE_URL'] ?? '') !== '') {
    const config = readConfig(environment, ['clickhouseUrl', 'clickhouseUser', 'clickhousePassword']);
    const server = {
      url: config.clickhouseUrl,
      user: config.clickhouseUser,
      password: config.clickhousePassword,
      database,
    };
    await ensureServerDatabase(server);
    const client = createServerClient(server);
    await migrate(client, { directory: migrations, database });
    return { place: server.url, client, maintainer: client, close: () => client.close() };
  }
  const path = dataDir ?? readConfig(environment, ['dataDir']).dataDir;
  const embedded = openEmbedded({ path, database });
  await migrate(embedded.client(), { directory: migrations, database, alone: true });
  return {
    place: embedded.path,
    client: embedded.client(),
    maintainer: embedded.maintainer(),
    close: () => embedded.close(),
  };
}
