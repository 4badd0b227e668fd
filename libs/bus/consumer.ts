import type { EachBatchPayload, Consumer as KafkaConsumer } from 'kafkajs';
import { type BusBatch, type BusMessage, chunk, deliver } from './delivery.ts';
import { type BusConnection, createKafka, waitForTopics } from './kafka-client.ts';

/** Where a consumer is in its life. `paused`: Kafka is there, but what it reads cannot be handed over. */
export type ConsumerState = 'idle' | 'waiting' | 'joining' | 'running' | 'paused' | 'crashed' | 'stopped';

/** Options of {@link createConsumer}. */
export interface ConsumerOptions extends BusConnection {
  readonly groupId: string;
  readonly topics: readonly string[];
  /**
   * Takes a batch; its offsets are committed once this resolves, so it resolves only when the batch is durable. When
   * it throws, the same batch comes again, with jitter, without end. A batch can come twice, also in other pieces.
   */
  readonly handle: (batch: BusBatch) => Promise<void>;
  /** Told when Kafka's client stopped and will not start again by itself: the process has to end. */
  readonly onCrash: (error: Error) => void;
  /** Told about each try that failed. */
  readonly onRetry?: (batch: BusBatch, attempt: number, error: unknown) => void;
  /** Longest wait of a broker for more messages, in milliseconds. @default 200 */
  readonly flushMs?: number;
  /** Most bytes of one batch. @default 4194304 */
  readonly flushBytes?: number;
  /** Bytes for which a broker does not wait any longer. @default 262144 */
  readonly minBytes?: number;
  /** Most messages of one batch. @default 50000 */
  readonly flushMessages?: number;
  /** Partitions that are worked on at the same time. @default 3 */
  readonly concurrency?: number;
  /** Without a sign of life for so long the group gives the partitions to others, in milliseconds. @default 10000 */
  readonly sessionTimeoutMs?: number;
}

/** Reads topics as a member of a group. */
export interface Consumer {
  readonly state: ConsumerState;
  /** What is worth knowing about the state, e.g. why it waits. */
  readonly detail: string;
  /** Begins; resolves once the group is joined for the first time. Waits for brokers and topics however long it takes. */
  start(): Promise<void>;
  /** Finishes and commits what is in flight and leaves the group. */
  stop(): Promise<void>;
}

/** Creates a consumer that commits nothing before it was taken. */
export function createConsumer(options: ConsumerOptions): Consumer {
  const kafka = createKafka(options);
  const flushBytes = options.flushBytes ?? 4_194_304;
  const sessionTimeoutMs = options.sessionTimeoutMs ?? 10_000;
  const stopping = new AbortController();
  let state: ConsumerState = 'idle';
  let detail = '';
  let consumer: KafkaConsumer | undefined;
  /** Partitions whose batch was refused at least once and not taken since. */
  const refused = new Map<string, string>();

  function become(next: ConsumerState, why = ''): void {
    if (state === 'stopped' || state === 'crashed') return;
    state = next;
    detail = why;
  }

  async function eachBatch(payload: EachBatchPayload): Promise<void> {
    const { topic, partition } = payload.batch;
    const messages: BusMessage[] = payload.batch.messages.map(({ offset, value, timestamp }) => ({
      offset: BigInt(offset),
      value: value ?? new Uint8Array(),
      timestamp: new Date(Number(timestamp)),
    }));
    const most = { messages: options.flushMessages ?? 50_000, bytes: flushBytes };
    for (const part of chunk(messages, most)) {
      if (!payload.isRunning() || payload.isStale()) return;
      const last = part.at(-1)?.offset ?? 0n;
      const behind = BigInt(payload.batch.highWatermark) - last - 1n;
      const batch: BusBatch = { topic, partition, messages: part, lag: Number(behind) };
      if (!(await handOver(batch, payload))) return;
      // Explicit offsets: without them nothing is committed. And not by consumer.commitOffsets(), which does nothing
      // once stop() was called, when just this batch still has to be committed.
      await payload.commitOffsetsIfNecessary({
        topics: [{ topic, partitions: [{ partition, offset: (last + 1n).toString() }] }],
      });
      payload.resolveOffset(last.toString());
      await payload.heartbeat();
    }
  }

  async function handOver(batch: BusBatch, payload: EachBatchPayload): Promise<boolean> {
    const key = `${batch.topic}/${batch.partition}`;
    try {
      return await deliver(() => options.handle(batch), {
        heartbeat: () => payload.heartbeat(),
        pause: () => payload.pause(),
        onRetry(attempt, error) {
          const reason = error instanceof Error ? error.message : String(error);
          refused.set(key, reason);
          become('paused', `${key}: ${reason}`);
          options.onRetry?.(batch, attempt, error);
        },
        heartbeatMs: Math.max(50, Math.floor(sessionTimeoutMs / 10)),
        signal: stopping.signal,
      });
    } finally {
      if (refused.delete(key) && refused.size === 0) become('running');
    }
  }

  async function start(): Promise<void> {
    become('waiting', 'connecting');
    const found = await waitForTopics(kafka, options, options.topics, stopping.signal, (why) =>
      become('waiting', why),
    );
    if (!found) return;
    become('joining', options.groupId);
    const created = kafka.consumer({
      groupId: options.groupId,
      sessionTimeout: sessionTimeoutMs,
      heartbeatInterval: Math.floor(sessionTimeoutMs / 10),
      rebalanceTimeout: 60_000,
      minBytes: options.minBytes ?? 262_144,
      maxWaitTimeInMs: options.flushMs ?? 200,
      maxBytesPerPartition: flushBytes,
      maxBytes: flushBytes * 4,
      allowAutoTopicCreation: false,
      retry: { retries: 8, initialRetryTime: 200, maxRetryTime: 5_000 },
    });
    consumer = created;
    const joined = new Promise<void>((resolve) => {
      created.on(created.events.GROUP_JOIN, () => {
        become('running');
        resolve();
      });
      stopping.signal.addEventListener('abort', () => resolve(), { once: true });
      created.on(created.events.CRASH, ({ payload: { error, restart } }) => {
        if (restart) {
          become('waiting', error.message);
          options.log('warn', 'Kafka is away, joining again', { detail: error.message });
          return;
        }
        become('crashed', error.message);
        options.onCrash(error);
        resolve();
      });
    });
    await connect(created);
    if (stopping.signal.aborted) return;
    await created.subscribe({ topics: [...options.topics], fromBeginning: true });
    await created.run({
      autoCommit: false,
      eachBatchAutoResolve: false,
      partitionsConsumedConcurrently: options.concurrency ?? 3,
      eachBatch,
    });
    await joined;
  }

  /** A broker that went away since the topics were seen is waited for as well. */
  async function connect(created: KafkaConsumer): Promise<void> {
    while (!stopping.signal.aborted) {
      try {
        await created.connect();
        return;
      } catch (error) {
        const why = error instanceof Error ? error.message : String(error);
        become('waiting', why);
        options.log('warn', 'waiting for Kafka', { detail: why });
      }
    }
  }

  return {
    get state() {
      return state;
    },
    get detail() {
      return detail;
    },
    start,
    async stop() {
      stopping.abort();
      // Waits for the batch in flight; disconnect() stops and leaves the group, and swallows its errors.
      await consumer?.disconnect();
      become('stopped');
    },
  };
}
