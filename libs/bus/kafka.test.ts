import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { CompressionCodecs, CompressionTypes, Kafka, logLevel } from 'kafkajs';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type Consumer, type ConsumerOptions, createConsumer } from './consumer.ts';
import type { BusBatch } from './delivery.ts';
import { BusUnavailable, createProducer, type Producer } from './producer.ts';

const brokers = (process.env['KAFKA_BROKERS'] ?? '').split(',').filter((broker) => broker !== '');

/** Text of a message's value. */
const textOf = ({ messages }: BusBatch) => messages.map(({ value }) => new TextDecoder().decode(value));
const bytes = (text: string) => new TextEncoder().encode(text);

async function until(what: string, isSo: () => boolean): Promise<void> {
  for (const deadline = Date.now() + 20_000; Date.now() < deadline; await sleep(20)) if (isSo()) return;
  throw new Error(`never: ${what}`);
}

describe.skipIf(brokers.length === 0)('over a real Kafka', () => {
  const admin = new Kafka({ brokers, logLevel: logLevel.NOTHING }).admin();
  const warnings: Error[] = [];
  const onWarning = (warning: Error) => void warnings.push(warning);
  const opened: { stop(): Promise<void> }[] = [];
  const logged: string[] = [];
  let topic: string;
  let groupId: string;
  let producer: Producer;

  const connection = { brokers, clientId: 'evenkeel-test' };
  const log: ConsumerOptions['log'] = (level, message) => void logged.push(`${level} ${message}`);

  function consume(
    handle: ConsumerOptions['handle'],
    over: Partial<ConsumerOptions> = {},
  ): { consumer: Consumer; crashes: Error[] } {
    const crashes: Error[] = [];
    const consumer = createConsumer({
      ...connection,
      log,
      groupId,
      topics: [topic],
      handle,
      onCrash: (error) => crashes.push(error),
      flushMs: 50,
      minBytes: 1,
      sessionTimeoutMs: 10_000,
      ...over,
    });
    opened.push(consumer);
    return { consumer, crashes };
  }

  /** The offset from which the group would go on. */
  async function committed(): Promise<number> {
    const [offsets] = await admin.fetchOffsets({ groupId, topics: [topic] });
    return Number(offsets?.partitions[0]?.offset);
  }

  const produce = (from: number, to: number) =>
    producer.send(
      topic,
      Array.from({ length: to - from }, (_, index) => bytes(String(from + index))),
    );
  const numbers = (from: number, to: number) =>
    Array.from({ length: to - from }, (_, index) => String(from + index));

  beforeAll(async () => {
    process.on('warning', onWarning);
    createProducer({ ...connection, log, topics: [] });
    await admin.connect();
  });
  afterAll(async () => {
    await admin.disconnect();
    process.off('warning', onWarning);
  });
  beforeEach(async () => {
    topic = `bus-${randomUUID()}`;
    groupId = `group-${randomUUID()}`;
    logged.length = 0;
    await admin.createTopics({ topics: [{ topic, numPartitions: 1, replicationFactor: 1 }] });
    producer = createProducer({ ...connection, log, topics: [topic] });
    opened.push(producer);
    await producer.start();
  });
  afterEach(async () => {
    for (const each of opened.splice(0)) await each.stop();
    await admin.deleteTopics({ topics: [topic] });
  });

  test('what was taken is committed, and a restart goes on behind it', async () => {
    await produce(0, 100);
    const first: string[] = [];
    const { consumer } = consume(async (batch) => void first.push(...textOf(batch)));
    await consumer.start();
    expect(consumer.state).toBe('running');
    await until('all read', () => first.length === 100);
    await consumer.stop();
    expect(await committed()).toBe(100);
    await produce(100, 150);
    const second: string[] = [];
    await consume(async (batch) => void second.push(...textOf(batch))).consumer.start();
    await until('the rest read', () => second.length >= 50);
    expect([first, second]).toEqual([numbers(0, 100), numbers(100, 150)]);
    expect(warnings).toEqual([]);
    // a broker that is busy may have the group join twice, and nothing else is worth a word
    const rejoining = /^warn (Kafka is away, joining again|kafka: Restarting the consumer)/;
    expect(logged.filter((line) => /^(warn|error)/.test(line) && !rejoining.test(line))).toEqual([]);
  });

  test('a sink that is away pauses the partition, and gets everything when it is back', async () => {
    await produce(0, 10);
    let away = true;
    const taken: string[] = [];
    const retries: number[] = [];
    const { consumer } = consume(
      async (batch) => {
        if (away) throw new Error('connection refused');
        taken.push(...textOf(batch));
      },
      { onRetry: (_batch, attempt) => retries.push(attempt) },
    );
    await consumer.start();
    await until('several tries', () => retries.length >= 3);
    expect(consumer.state).toBe('paused');
    expect(consumer.detail).toContain('connection refused');
    await produce(10, 20);
    expect(await committed()).toBe(-1);
    away = false;
    await until('everything taken', () => taken.length === 20);
    await until('running again', () => consumer.state === 'running');
    expect(taken).toEqual(numbers(0, 20));
  });

  test('stopping while the sink is away commits nothing, and the next one gets it in other pieces', async () => {
    await produce(0, 50);
    const seen: string[] = [];
    const first = consume(async (batch) => {
      seen.push(...textOf(batch));
      throw new Error('away');
    });
    await first.consumer.start();
    await until('tried', () => seen.length > 0);
    await first.consumer.stop();
    expect(await committed()).toBe(-1);
    const sizes: number[] = [];
    const taken: string[] = [];
    const { consumer } = consume(
      async (batch) => {
        sizes.push(batch.messages.length);
        taken.push(...textOf(batch));
      },
      { flushMessages: 7 },
    );
    await consumer.start();
    await until('all taken', () => taken.length === 50);
    expect(taken).toEqual(numbers(0, 50));
    expect(Math.max(...sizes)).toBe(7);
  });

  test('stopping finishes and commits the batch in flight, and no more', async () => {
    await produce(0, 30);
    const taken: string[] = [];
    let finish: (() => void) | undefined;
    const { consumer } = consume(
      async (batch) => {
        await new Promise<void>((resolve) => {
          finish = resolve;
        });
        taken.push(...textOf(batch));
      },
      { flushMessages: 10 },
    );
    await consumer.start();
    await until('a batch in flight', () => finish !== undefined);
    const stopped = consumer.stop();
    finish?.();
    await stopped;
    expect(taken).toEqual(numbers(0, 10));
    expect(await committed()).toBe(10);
    const rest: string[] = [];
    await consume(async (batch) => void rest.push(...textOf(batch))).consumer.start();
    await until('the rest taken', () => rest.length === 20);
    expect(rest).toEqual(numbers(10, 30));
  });

  test('a batch that takes longer than the session keeps its partition', async () => {
    await produce(0, 5);
    let deliveries = 0;
    const { consumer } = consume(
      async () => {
        deliveries += 1;
        await sleep(8_000);
      },
      { sessionTimeoutMs: 6_000 },
    );
    await consumer.start();
    for (let at = await committed(); at !== 5; at = await committed()) await sleep(100);
    expect(deliveries).toBe(1);
  });

  test('a foreign compression ends the consumer with a clear error', async () => {
    const { consumer, crashes } = consume(() => Promise.resolve());
    CompressionCodecs[CompressionTypes.Snappy] = () => ({
      compress: async ({ buffer }: { buffer: Buffer }) => literalSnappy(buffer),
      decompress: () => Promise.reject(new Error('not here')),
    });
    const raw = new Kafka({ brokers, logLevel: logLevel.NOTHING }).producer();
    await raw.connect();
    await raw.send({ topic, compression: CompressionTypes.Snappy, messages: [{ value: 'x' }] });
    await raw.disconnect();
    createProducer({ ...connection, log, topics: [topic] });
    await consumer.start();
    await until('crashed', () => crashes.length > 0);
    expect(consumer.state).toBe('crashed');
    expect(crashes[0]?.message).toContain('compressed with snappy');
  });

  test('a topic that is missing is waited for by name', async () => {
    const late = `late-${randomUUID()}`;
    const { consumer } = consume(() => Promise.resolve(), { topics: [topic, late] });
    const started = consumer.start();
    await until('waiting', () => consumer.detail === `topics missing: ${late}`);
    expect(consumer.state).toBe('waiting');
    await admin.createTopics({ topics: [{ topic: late, numPartitions: 1, replicationFactor: 1 }] });
    await started;
    expect(consumer.state).toBe('running');
    await admin.deleteTopics({ topics: [late] });
  });
});

test('brokers that are away are waited for, and stopping ends the wait', async () => {
  const lines: string[] = [];
  const log: ConsumerOptions['log'] = (level, message) => void lines.push(`${level} ${message}`);
  const away = { brokers: ['127.0.0.1:1'], clientId: 'evenkeel-test', log };
  const consumer = createConsumer({
    ...away,
    groupId: 'g',
    topics: ['t'],
    handle: () => Promise.resolve(),
    onCrash: () => undefined,
  });
  const producer = createProducer({ ...away, topics: ['t'] });
  const started = Promise.all([consumer.start(), producer.start()]);
  await until('said so', () => lines.filter((line) => line === 'warn waiting for Kafka').length >= 2);
  expect(consumer.state).toBe('waiting');
  await expect(producer.send('t', [bytes('x')])).rejects.toBeInstanceOf(BusUnavailable);
  await Promise.all([consumer.stop(), producer.stop()]);
  await started;
});

/** Snappy's format without compressing: the length, then literals of at most 60 bytes. */
function literalSnappy(buffer: Buffer): Buffer {
  const parts: Buffer[] = [];
  for (let rest = buffer.length; ; rest >>>= 7) {
    parts.push(Buffer.from([rest > 0x7f ? (rest & 0x7f) | 0x80 : rest]));
    if (rest <= 0x7f) break;
  }
  for (let at = 0; at < buffer.length; at += 60) {
    const literal = buffer.subarray(at, at + 60);
    parts.push(Buffer.from([(literal.length - 1) << 2]), literal);
  }
  return Buffer.concat(parts);
}
