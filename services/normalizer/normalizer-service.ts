import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { BusLog } from '@evenkeel/bus';
import { createPipelineMetrics, jitteredWaitMs, readMappingFile } from '@evenkeel/pipeline';
import {
  createHealthEndpoints,
  type Logger,
  logListening,
  refuseToListen,
  runService,
} from '@evenkeel/runtime';
import {
  createServerClient,
  createStore,
  describe,
  ensureServerDatabase,
  isAway,
  markAgain,
  migrate,
  Refresher,
} from '@evenkeel/store';
import { listenHealth } from './health-server.ts';
import { createNormalizer } from './normalizer.ts';

const migrations = fileURLToPath(new URL('../../sql/migrations', import.meta.url));
const serverOnlyMigrations = fileURLToPath(new URL('../../sql/server-only', import.meta.url));
const markAgainFile = fileURLToPath(new URL('../../sql/on-start/mark-again.sql', import.meta.url));

/** Exit code of a Kafka client that stopped for good; see `bus_crashed` in the errors. */
const busCrashedExitCode = 69;

/** Runs the normalizer of the full stack. */
export function runNormalizer(): Promise<void> {
  return runService({
    name: 'evenkeel-normalizer',
    settings: [
      'normalizerHost',
      'normalizerPort',
      'tokens',
      'kafkaBrokers',
      'kafkaGroup',
      'clickhouseUrl',
      'clickhouseUser',
      'clickhousePassword',
      'clickhouseDatabase',
      'mappingFile',
      'flushMs',
      'flushRows',
      'flushBytes',
    ],
    async open({ config, logger, lifecycle, readiness, telemetry }) {
      refuseToListen(config.normalizerHost, config.tokens);
      const mapping = await readMappingFile(config.mappingFile);
      const health = createHealthEndpoints({ lifecycle, readiness, telemetry });
      const clickhouse = readiness.part('clickhouse');
      const server = await listenHealth({
        host: config.normalizerHost,
        port: config.normalizerPort,
        health,
        tokens: config.tokens,
      });
      lifecycle.onStop('health', () => server.close());
      logListening(logger, 'normalizer', server.address);

      const database = {
        url: config.clickhouseUrl,
        user: config.clickhouseUser,
        password: config.clickhousePassword,
        database: config.clickhouseDatabase,
      };
      const client = createServerClient(database);
      lifecycle.onStop('clickhouse', () => client.close());
      const migrated = await untilThere(logger, lifecycle.stopping, clickhouse.notReady, async () => {
        await ensureServerDatabase(database);
        const { applied } = await migrate(client, {
          directory: migrations,
          serverOnlyDirectory: serverOnlyMigrations,
          database: config.clickhouseDatabase,
          signal: lifecycle.stopping,
          onProgress: (progress) => logger.debug(progress, 'migrating'),
          onWaiting: (holder) => logger.info({ holder }, 'waiting for another process that migrates'),
        });
        if (applied.length > 0) logger.info({ applied }, 'migrated');
        await markAgain(client, markAgainFile);
      });
      if (!migrated) return;
      clickhouse.ready();

      const refresher = new Refresher(client, {
        onTrouble: (message, detail) => logger.warn(detail, message),
      });
      lifecycle.onStop('refresher', () => refresher.close());
      refresher.start();
      readiness.probe('recompute', () => {
        const { failure } = refresher.status();
        return { ready: failure === '', detail: failure };
      });

      const lag = telemetry.meter.createGauge('evenkeel_consumer_lag_messages', {
        description: 'Messages of a partition that were not read yet when its last batch was written',
      });
      let away = false;
      const log: BusLog = (level, message, details) => logger[level](details, message);
      const normalizer = createNormalizer({
        brokers: config.kafkaBrokers,
        groupId: config.kafkaGroup,
        sink: createStore(client, {
          onRefused: (refused) => logger.warn(refused, 'ClickHouse refused rows that had passed every check'),
        }),
        process: { mapping },
        metrics: createPipelineMetrics(telemetry.meter),
        log,
        clock: () => new Date(),
        flushMs: config.flushMs,
        flushBytes: config.flushBytes,
        flushMessages: config.flushRows,
        onWritten: (kinds) => refresher.poke(kinds),
        onSink({ taking, detail }) {
          if (!taking) clickhouse.notReady(detail);
          else if (away) {
            clickhouse.ready();
            logger.info('ClickHouse takes what is read again');
          }
          away = !taking;
        },
        onLag: (topic, partition, messages) => lag.record(messages, { topic, partition }),
        onCrash(error) {
          logger.fatal({ err: error }, 'the Kafka client stopped for good');
          void lifecycle.stop('kafka', busCrashedExitCode).then((exitCode) => process.exit(exitCode));
        },
      });
      lifecycle.onStop('kafka', () => normalizer.stop());
      readiness.probe('kafka', () => ({
        ready: normalizer.state === 'running' || normalizer.state === 'paused',
        detail: `${normalizer.state} ${normalizer.detail}`.trim(),
      }));
      // Joining can take as long as Kafka is away; meanwhile the process is up and says so.
      await normalizer.start();
      logger.info({ brokers: config.kafkaBrokers, group: config.kafkaGroup }, 'reading');
    },
  });
}

/** Tries until ClickHouse is there, with jitter and without end, and says so. @returns false when stopped meanwhile */
async function untilThere(
  logger: Logger,
  stopping: AbortSignal,
  onAway: (detail: string) => void,
  work: () => Promise<void>,
): Promise<boolean> {
  for (let attempt = 0; !stopping.aborted; attempt += 1) {
    try {
      await work();
      return true;
    } catch (error) {
      if (stopping.aborted) return false;
      if (!isAway(error) || (error instanceof Error && 'exitCode' in error)) throw error;
      onAway(describe(error));
      if (attempt % 10 === 0) logger.warn({ detail: describe(error) }, 'waiting for ClickHouse');
      const wait = jitteredWaitMs(attempt, { firstMs: 200, mostMs: 5_000 });
      await sleep(wait, undefined, { signal: stopping }).catch(() => undefined);
    }
  }
  return false;
}
