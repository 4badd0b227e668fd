import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { buildApi, watchRecompute } from '@evenkeel/api';
import { DataDirectoryHeldError, type Embedded, openEmbedded } from '@evenkeel/embedded';
import { createPipelineMetrics, GroupCommit, readMappingFile } from '@evenkeel/pipeline';
import {
  createHealthEndpoints,
  logListening,
  refuseToListen,
  releaseIdleConnections,
  runService,
  type ServiceContext,
  StartError,
} from '@evenkeel/runtime';
import { createStore, markAgain, migrate, Refresher } from '@evenkeel/store';
import {
  createCommitIntake,
  createKnownFacts,
  factsReceiver,
  judgementReceiver,
  otlpReceiver,
  type ReceiverOptions,
} from '@evenkeel/webhooks';
import { fastify } from 'fastify';
import { serveAnalysts } from './analyst-port.ts';
import { welcome } from './welcome.ts';

const settings = [
  'apiHost',
  'apiPort',
  'otlpPort',
  'clickhousePort',
  'dataDir',
  'clickhouseDatabase',
  'tokens',
  'mappingFile',
  'flushRows',
  'flushBytes',
] as const;
type Context = ServiceContext<(typeof settings)[number] | 'logLevel' | 'shutdownMs' | 'selfTracesEndpoint'>;

const sql = (path: string) => fileURLToPath(new URL(`../../sql/${path}`, import.meta.url));

/** Runs everything in one process over an embedded ClickHouse: receivers, normalizer, recompute and API. */
export function runStandalone(): Promise<void> {
  return runService({ name: 'evenkeel', settings, open });
}

async function open(context: Context): Promise<void> {
  const { config, logger, lifecycle, readiness, telemetry } = context;
  refuseToListen(config.apiHost, config.tokens);
  const embedded = openDataDirectory(config.dataDir, config.clickhouseDatabase);
  lifecycle.onStop('clickhouse', () => embedded.close());
  await openSchema(embedded, context);

  const refresher = await openRefresher(embedded, context);
  const commit = new GroupCommit({
    sink: createStore(embedded.client(), {
      onRefused: (refused) => logger.error(refused, 'ClickHouse refused rows that had passed the door'),
    }),
    flushRows: config.flushRows,
    flushBytes: config.flushBytes,
    onWritten: ({ kinds }) => refresher.poke(kinds),
    onRetry: (err) => logger.warn({ err }, 'could not write yet, trying again'),
  });
  lifecycle.onStop('commit', () => commit.close());

  const receiver: ReceiverOptions = {
    intake: createCommitIntake(commit),
    process: { mapping: await readMappingFile(config.mappingFile) },
    tokens: config.tokens,
    metrics: createPipelineMetrics(telemetry.meter),
  };
  const judgements = { ...receiver, known: createKnownFacts(embedded.reader()) };
  watchRecompute({ client: embedded.reader(), readiness, meter: telemetry.meter });
  const api = buildApi({
    client: embedded.reader(),
    clock: () => new Date(),
    tokens: config.tokens,
    logger,
    health: createHealthEndpoints({ lifecycle, readiness, telemetry }),
    meter: telemetry.meter,
    plugins: [(app) => factsReceiver(app, receiver), (app) => judgementReceiver(app, judgements)],
  });
  lifecycle.onStop('api', () => api.close());
  const otlp = fastify({ loggerInstance: logger.child({}, { level: 'warn' }), return503OnClosing: true });
  otlp.addHook('preClose', async () => releaseIdleConnections(otlp.server));
  lifecycle.onStop('otlp', () => otlp.close());
  await otlp.register(otlpReceiver, receiver);

  await orNameThePort('EVENKEEL_API_PORT', () => api.listen({ host: config.apiHost, port: config.apiPort }));
  await orNameThePort('EVENKEEL_OTLP_PORT', () =>
    otlp.listen({ host: config.apiHost, port: config.otlpPort }),
  );
  const addresses = {
    api: addressOf('api', api.server.address(), context),
    otlp: addressOf('otlp', otlp.server.address(), context),
    clickhouse: await orNameThePort('EVENKEEL_CLICKHOUSE_PORT', () => serveAnalysts(embedded, context)),
    dataDirectory: embedded.path,
  };
  embedded.announce(addresses.api);
  console.error(welcome(addresses));
}

/** Opens a port; when it is taken, the error names the variable that chooses another. */
async function orNameThePort<T>(variable: string, listen: () => Promise<T>): Promise<T> {
  try {
    return await listen();
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EADDRINUSE')) throw error;
    throw new StartError('address_in_use', `${error.message}; choose another port with ${variable}`);
  }
}

function openDataDirectory(path: string, database: string): Embedded {
  try {
    return openEmbedded({ path, database });
  } catch (error) {
    if (error instanceof DataDirectoryHeldError) throw new StartError('data_directory_held', error.message);
    if (
      error instanceof Error &&
      ('syscall' in error || ('code' in error && error.code === 'ERR_SQLITE_ERROR'))
    ) {
      throw new StartError('data_directory_unusable', `EVENKEEL_DATA_DIR=${path}: ${error.message}`);
    }
    throw error;
  }
}

async function openSchema(embedded: Embedded, { config, logger }: Context): Promise<void> {
  const client = embedded.client();
  const { applied } = await migrate(client, {
    directory: sql('migrations'),
    database: config.clickhouseDatabase,
    // The lock on the data directory keeps others out.
    alone: true,
  });
  if (applied.length > 0) logger.info({ applied }, 'schema is up to date');
}

async function openRefresher(
  embedded: Embedded,
  { logger, lifecycle, readiness }: Context,
): Promise<Refresher> {
  await markAgain(embedded.maintainer(), sql('on-start/mark-again.sql'));
  const refresher = new Refresher(embedded.maintainer(), {
    onTrouble: (message, detail) => logger.error(detail, message),
  });
  lifecycle.onStop('recompute', () => refresher.close());
  readiness.probe('recompute', () => {
    const { state, failure } = refresher.status();
    return { ready: failure === '', detail: failure === '' ? state : `${state}: ${failure}` };
  });
  refresher.start();
  return refresher;
}

function addressOf(endpoint: string, address: AddressInfo | string | null, { logger }: Context): string {
  if (address === null || typeof address === 'string') throw new Error(`${endpoint} does not listen`);
  return logListening(logger, endpoint, { host: address.address, port: address.port });
}
