import {
  createHealthEndpoints,
  logListening,
  refuseToListen,
  runService,
  type ServiceContext,
} from '@evenkeel/runtime';
import { createServerClient } from '@evenkeel/store';
import { buildApi } from './build-api.ts';
import { watchRecompute } from './store/watch-recompute.ts';

const settings = [
  'apiHost',
  'apiPort',
  'tokens',
  'clickhouseUrl',
  'clickhouseUser',
  'clickhousePassword',
  'clickhouseDatabase',
] as const;

/** Runs the API of the full stack over a ClickHouse server. It only reads: migrations are the normalizer's. */
export function runApi(): Promise<void> {
  return runService({ name: 'evenkeel-api', settings, open });
}

async function open(context: ServiceContext<(typeof settings)[number]>): Promise<void> {
  const { config, logger, lifecycle, readiness, telemetry } = context;
  refuseToListen(config.apiHost, config.tokens);
  const client = createServerClient({
    url: config.clickhouseUrl,
    user: config.clickhouseUser,
    password: config.clickhousePassword,
    database: config.clickhouseDatabase,
  });
  lifecycle.onStop('clickhouse', () => client.close());

  watchRecompute({ client, readiness, meter: telemetry.meter });
  const app = buildApi({
    client,
    clock: () => new Date(),
    tokens: config.tokens,
    logger,
    health: createHealthEndpoints({ lifecycle, readiness, telemetry }),
    meter: telemetry.meter,
  });
  lifecycle.onStop('http', () => app.close());
  await app.listen({ host: config.apiHost, port: config.apiPort });
  const address = app.server.address();
  if (typeof address === 'object' && address !== null)
    logListening(logger, 'api', { host: address.address, port: address.port });
}
