import {
  createHealthEndpoints,
  createLifecycle,
  createLogger,
  createReadiness,
  logListening,
  readConfig,
  refuseToListen,
  start,
  startTelemetry,
} from '@evenkeel/runtime';
import { createServerClient } from '@evenkeel/store';
import { buildApi, watchRecompute } from './index.ts';

const config = readConfigOrExit();
const logger = createLogger({
  name: 'api',
  level: config.logLevel,
  secrets: [config.clickhousePassword],
});
const lifecycle = createLifecycle({ logger, graceMs: config.shutdownMs });

await start(lifecycle, logger, async () => {
  refuseToListen(config.apiHost, config.tokens);
  const telemetry = await startTelemetry({
    service: 'evenkeel-api',
    tracesEndpoint: config.selfTracesEndpoint,
  });
  lifecycle.onStop('telemetry', () => telemetry.close());

  const client = createServerClient({
    url: config.clickhouseUrl,
    user: config.clickhouseUser,
    password: config.clickhousePassword,
    database: config.clickhouseDatabase,
  });
  lifecycle.onStop('clickhouse', () => client.close());

  const readiness = createReadiness();
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
});

function readConfigOrExit() {
  try {
    return readConfig(process.env, [
      'apiHost',
      'apiPort',
      'tokens',
      'clickhouseUrl',
      'clickhouseUser',
      'clickhousePassword',
      'clickhouseDatabase',
      'shutdownMs',
      'selfTracesEndpoint',
      'logLevel',
    ]);
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    process.exit(64);
  }
}
