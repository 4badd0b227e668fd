import {
  type Credentials,
  createClickHouseHttp,
  DataDirectoryHeldError,
  openEmbedded,
} from '@evenkeel/embedded';

// The process that `npm run stack` starts as its ClickHouse: ClickHouse's HTTP interface over chdb, for reading and
// writing, as a server of its own would be. It gets its settings from the stack, not from a person.
const {
  CLICKHOUSE_DATA_DIR = '',
  CLICKHOUSE_HTTP_PORT = '',
  CLICKHOUSE_USER,
  CLICKHOUSE_PASSWORD,
} = process.env;
const credentials: Credentials | undefined = CLICKHOUSE_PASSWORD
  ? { user: CLICKHOUSE_USER || 'default', password: CLICKHOUSE_PASSWORD }
  : undefined;

try {
  const embedded = openEmbedded({ path: CLICKHOUSE_DATA_DIR });
  const endpoint = createClickHouseHttp({
    embedded,
    maxConcurrent: 8,
    maxQueued: 256,
    ...(credentials === undefined ? {} : { credentials }),
  });
  const { url } = await endpoint.listen({ port: Number(CLICKHOUSE_HTTP_PORT) });
  embedded.announce(url);
  console.log(`ClickHouse ${embedded.version} listens at ${url}`);
  const stop = (signal: string) => {
    console.log(`${signal}: closing`);
    void endpoint
      .close()
      .then(() => embedded.close())
      .then(() => process.exit(0));
  };
  process.once('SIGTERM', stop);
  process.once('SIGINT', stop);
} catch (error) {
  console.error(error instanceof DataDirectoryHeldError ? error.message : error);
  process.exit(1);
}
