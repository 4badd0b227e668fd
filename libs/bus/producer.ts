import { CompressionTypes, type Producer as KafkaProducer, Partitioners } from 'kafkajs';
import { type BusConnection, createKafka, waitForTopics } from './kafka-client.ts';

/** Kafka did not confirm a message: it may be there or not; sending it again does no harm. */
export class BusUnavailable extends Error {
  override readonly name = 'BusUnavailable';
  readonly retriable = true;
}

/** Writes to topics. */
export interface Producer {
  readonly state: 'idle' | 'waiting' | 'running' | 'stopped';
  /** What is worth knowing about the state. */
  readonly detail: string;
  /** Connects, waiting for brokers and topics however long it takes. */
  start(): Promise<void>;
  /**
   * Resolves when every in-sync replica has the messages.
   *
   * @throws {BusUnavailable} when they did not confirm in time
   */
  send(topic: string, messages: readonly Uint8Array[]): Promise<void>;
  /** Waits for what is being sent and disconnects. */
  stop(): Promise<void>;
}

/** Creates a producer for the named topics: acks of all replicas, gzip. */
export function createProducer(options: BusConnection & { readonly topics: readonly string[] }): Producer {
  const kafka = createKafka(options);
  const stopping = new AbortController();
  const sending = new Set<Promise<unknown>>();
  let producer: KafkaProducer | undefined;
  let state: Producer['state'] = 'idle';
  let detail = '';

  return {
    get state() {
      return state;
    },
    get detail() {
      return detail;
    },
    async start() {
      state = 'waiting';
      const found = await waitForTopics(kafka, options, options.topics, stopping.signal, (why) => {
        detail = why;
      });
      if (!found) return;
      const created = kafka.producer({
        allowAutoTopicCreation: false,
        createPartitioner: Partitioners.DefaultPartitioner,
        retry: { retries: 4, initialRetryTime: 100, maxRetryTime: 2_000 },
      });
      await created.connect();
      producer = created;
      state = 'running';
      detail = '';
    },
    async send(topic, messages) {
      if (producer === undefined || stopping.signal.aborted) {
        throw new BusUnavailable(
          state === 'stopped' ? 'the producer is stopped' : `Kafka is not there yet: ${detail}`,
        );
      }
      const sent = producer.send({
        topic,
        acks: -1,
        timeout: 10_000,
        compression: CompressionTypes.GZIP,
        messages: messages.map((value) => ({ value: Buffer.from(value) })),
      });
      sending.add(sent);
      try {
        await sent;
        detail = '';
      } catch (error) {
        detail = error instanceof Error ? error.message : String(error);
        throw new BusUnavailable(detail, { cause: error });
      } finally {
        sending.delete(sent);
      }
    },
    async stop() {
      stopping.abort();
      await Promise.allSettled(sending);
      await producer?.disconnect();
      state = 'stopped';
    },
  };
}
