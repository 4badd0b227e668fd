import { createRequire } from 'node:module';
import { setTimeout as sleep } from 'node:timers/promises';
import kafkajs, { type Admin, type Kafka, logLevel } from 'kafkajs';
import { correctRequestQueue } from './request-queue.ts';
import { jitteredWaitMs } from './wait.ts';

/** What the bus tells whoever keeps a log. */
export type BusLog = (
  level: 'debug' | 'info' | 'warn' | 'error',
  message: string,
  details: Readonly<Record<string, unknown>>,
) => void;

/** Where Kafka is and who connects. */
export interface BusConnection {
  /** `host:port` of some brokers. */
  readonly brokers: readonly string[];
  /** Name that the brokers see. */
  readonly clientId: string;
  readonly log: BusLog;
}

/** Creates the client that consumers and producers share. */
export function createKafka(connection: BusConnection): Kafka {
  correctRequestQueue();
  refuseForeignCompression();
  // Required now and not imported before: so the OpenTelemetry instrumentation, where it was started, sees it.
  const { Kafka } = createRequire(import.meta.url)('kafkajs') as typeof kafkajs;
  return new Kafka({
    brokers: [...connection.brokers],
    clientId: connection.clientId,
    connectionTimeout: 3_000,
    requestTimeout: 30_000,
    // The client's own patience; whoever waits longer does so with a word in the log.
    retry: { retries: 1, initialRetryTime: 100 },
    logLevel: logLevel.INFO,
    logCreator: () => (entry) => {
      const { message, timestamp: _, logger: __, stack: ___, ...details } = entry.log;
      connection.log(
        levelOf(entry.level, `${message} ${details['error'] ?? ''}`),
        `kafka: ${message}`,
        details,
      );
    },
  });
}

/**
 * Errors that pass by themselves, among them the first that a group of a fresh broker meets, and those of connecting,
 * about which whoever waits for Kafka says a word now and then.
 */
const passing =
  /^Connection error|^Failed to connect to seed broker|coordinator is not available|coordinator is loading|is rebalancing|not the correct coordinator/i;

/** kafkajs calls errors what it then repairs itself; the ones it cannot are told through the crash event. */
function levelOf(level: logLevel, text: string): 'debug' | 'info' | 'warn' {
  if (passing.test(text)) return 'debug';
  return level === logLevel.ERROR || level === logLevel.WARN ? 'warn' : 'debug';
}

const { CompressionCodecs, CompressionTypes, KafkaJSNonRetriableError } = kafkajs;

/** kafkajs reads gzip and what is not compressed; for the rest it says no more than "not implemented". */
function refuseForeignCompression(): void {
  for (const [name, type] of [
    ['snappy', CompressionTypes.Snappy],
    ['lz4', CompressionTypes.LZ4],
    ['zstd', CompressionTypes.ZSTD],
  ] as const) {
    const refuse = () => {
      throw new KafkaJSNonRetriableError(
        `A message is compressed with ${name}; Evenkeel reads gzip and uncompressed. Set compression: gzip at the producer.`,
      );
    };
    CompressionCodecs[type] = () => ({ compress: refuse, decompress: refuse });
  }
}

/**
 * Waits until the brokers answer and the topics exist, however long that takes, and says so now and then.
 *
 * @returns false when `signal` ended the wait
 */
export async function waitForTopics(
  kafka: Kafka,
  connection: BusConnection,
  topics: readonly string[],
  signal: AbortSignal,
  onWaiting: (detail: string) => void,
): Promise<boolean> {
  const admin = kafka.admin({ retry: { retries: 0 } });
  try {
    for (let attempt = 0; !signal.aborted; attempt += 1) {
      const missing = await missingTopics(admin, topics);
      if (missing === undefined) return true;
      onWaiting(missing);
      if (attempt % 10 === 0) {
        connection.log('warn', 'waiting for Kafka', {
          brokers: connection.brokers.join(','),
          detail: missing,
        });
      }
      const wait = jitteredWaitMs(attempt, { firstMs: 200, mostMs: 3_000 });
      await sleep(wait, undefined, { signal }).catch(() => undefined);
    }
    return false;
  } finally {
    await admin.disconnect().catch(() => undefined);
  }
}

async function missingTopics(admin: Admin, topics: readonly string[]): Promise<string | undefined> {
  try {
    await admin.connect();
    const existing = new Set(await admin.listTopics());
    const missing = topics.filter((topic) => !existing.has(topic));
    return missing.length === 0 ? undefined : `topics missing: ${missing.join(', ')}`;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
