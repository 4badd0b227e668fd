import { type Embedded, openEmbedded } from '@evenkeel/embedded';
import { readConfig } from '@evenkeel/runtime';

/** Opens a generated store, in the database that CLICKHOUSE_DATABASE names (evenkeel). */
export function openStore(path: string): Embedded {
  const { clickhouseDatabase: database } = readConfig(process.env, ['clickhouseDatabase']);
  return openEmbedded({ path, database });
}
