import { type BusBatch, type BusLog, type Consumer, createConsumer } from '@evenkeel/bus';
import type { PipelineMetrics, ProcessOptions } from '@evenkeel/pipeline';
import type { FactSink } from '@evenkeel/store';
import { normalizeBatch } from './normalize-batch.ts';
import { topics } from './topics.ts';

/** Options of {@link createNormalizer}. */
export interface NormalizerOptions {
  readonly brokers: readonly string[];
  readonly groupId: string;
  readonly sink: FactSink;
  readonly process: ProcessOptions;
  readonly metrics: PipelineMetrics;
  readonly log: BusLog;
  readonly clock: () => Date;
  readonly onCrash: (error: Error) => void;
  /** Told after each write which kinds of facts it held. */
  readonly onWritten: (kinds: ReadonlySet<string>) => void;
  /** Told whether ClickHouse takes what it is given, and why not. */
  readonly onSink: (state: { taking: boolean; detail: string }) => void;
  /** Told how far behind a partition is, in messages. */
  readonly onLag: (topic: string, partition: number, messages: number) => void;
  /** Topics to read. @default all of them */
  readonly topics?: readonly string[];
  readonly flushMs?: number;
  readonly flushBytes?: number;
  readonly flushMessages?: number;
  readonly sessionTimeoutMs?: number;
}

/** Of how many tries in vain one is logged, after the first. */
const triesPerLine = 10;

/** Kafka → facts → ClickHouse: nothing is committed that is not durable, and nothing that can wait is given up. */
export function createNormalizer(options: NormalizerOptions): Consumer {
  const { metrics, log } = options;

  async function handle(batch: BusBatch): Promise<void> {
    const normalized = normalizeBatch(batch, {
      process: options.process,
      now: options.clock(),
      onFailure: (message, error) =>
        log('error', 'a message could not be processed and is kept as rejected', {
          place: message.place,
          err: error,
        }),
    });
    const started = performance.now();
    await options.sink.write(normalized.batch, normalized.token);
    options.onSink({ taking: true, detail: '' });
    const rows = normalized.batch.facts.length + normalized.batch.rejected.length;
    metrics.written({ rows, milliseconds: performance.now() - started });
    for (const [message, processed] of normalized.processed) metrics.processed(message, processed);
    options.onLag(batch.topic, batch.partition, batch.lag);
    if (rows > 0) options.onWritten(new Set(normalized.batch.facts.map(({ fact }) => fact.kind)));
  }

  return createConsumer({
    brokers: options.brokers,
    clientId: 'evenkeel-normalizer',
    log,
    groupId: options.groupId,
    topics: options.topics ?? Object.keys(topics),
    handle,
    onCrash: options.onCrash,
    onRetry(batch, attempt, error) {
      metrics.retried();
      const detail = error instanceof Error ? error.message : String(error);
      options.onSink({ taking: false, detail });
      if (attempt % triesPerLine === 0) {
        log('warn', 'paused: ClickHouse does not take what was read; trying again', {
          topic: batch.topic,
          partition: batch.partition,
          attempt,
          detail,
        });
      }
    },
    ...(options.flushMs === undefined ? {} : { flushMs: options.flushMs }),
    ...(options.flushBytes === undefined ? {} : { flushBytes: options.flushBytes }),
    ...(options.flushMessages === undefined ? {} : { flushMessages: options.flushMessages }),
    ...(options.sessionTimeoutMs === undefined ? {} : { sessionTimeoutMs: options.sessionTimeoutMs }),
  });
}
