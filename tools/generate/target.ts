import { fileURLToPath } from 'node:url';
import type { ClickHouseClient } from '@clickhouse/client';
import { type Embedded, openEmbedded } from '@evenkeel/embedded';
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

/** An insert writes 700 000 facts with their marks and links. */
const longestInsertMs = 1_800_000;

const migrations = fileURLToPath(new URL('../../sql/migrations', import.meta.url));

/** The store cannot be opened; the message is for people. */
export class TargetError extends Error {
  constructor(place: string, cause: unknown) {
    super(`${place}: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
    this.name = 'TargetError';
  }
}

/**
 * Opens the store that the option or the environment names, and brings its schema up to date.
 *
 * @throws {StartError} when a variable is wrong
 * @throws {TargetError} when it cannot be reached, made or locked
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
    const client = createServerClient(server, longestInsertMs);
    try {
      await ensureServerDatabase(server);
      await migrate(client, { directory: migrations, database });
    } catch (error) {
      await client.close();
      throw new TargetError(`CLICKHOUSE_URL=${server.url}`, error);
    }
    return { place: server.url, client, maintainer: client, close: () => client.close() };
  }
  const path = dataDir ?? readConfig(environment, ['dataDir']).dataDir;
  const embedded = openDirectory(path, database);
  try {
    await migrate(embedded.client(), { directory: migrations, database, alone: true });
  } catch (error) {
    await embedded.close();
    throw new TargetError(path, error);
  }
  return {
    place: embedded.path,
    client: embedded.client(),
    maintainer: embedded.maintainer(),
    close: () => embedded.close(),
  };
}

function openDirectory(path: string, database: string): Embedded {
  try {
    return openEmbedded({ path, database });
  } catch (error) {
    throw new TargetError(path, error);
  }
}
