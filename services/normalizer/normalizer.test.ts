import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { type Embedded, openEmbedded } from '@evenkeel/embedded';
import { createPipelineMetrics } from '@evenkeel/pipeline';
import { startTelemetry, type Telemetry } from '@evenkeel/runtime';
import { createStore, type FactSink, migrate, StoreUnavailable, selectRows } from '@evenkeel/store';
import kafkajs, { type Admin, type Producer } from 'kafkajs';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createNormalizer, type NormalizerOptions } from './normalizer.ts';

const brokers = (process.env['KAFKA_BROKERS'] ?? '').split(',').filter((broker) => broker !== '');
const topic = 'evenkeel_facts';

async function until(what: string, isSo: () => boolean | Promise<boolean>): Promise<void> {
  for (const deadline = Date.now() + 20_000; Date.now() < deadline; await sleep(20)) if (await isSo()) return;
  throw new Error(`never: ${what}`);
}

describe.skipIf(brokers.length === 0)('from a real Kafka into a real ClickHouse', () => {
  let path: string;
  let embedded: Embedded;
  let telemetry: Telemetry;
  let store: FactSink;
  let admin: Admin;
  let producer: Producer;
  let run: string;
  let groupId: string;
  const opened: { stop(): Promise<void> }[] = [];

  beforeAll(async () => {
    path = await mkdtemp(join(tmpdir(), 'evenkeel-normalizer-'));
    embedded = openEmbedded({ path, database: 'evenkeel' });
    const directory = fileURLToPath(new URL('../../sql/migrations', import.meta.url));
    await migrate(embedded.client(), { directory, database: 'evenkeel', alone: true });
    telemetry = await startTelemetry({ service: 'evenkeel-test' });
    store = createStore(embedded.client());
    const kafka = new kafkajs.Kafka({ brokers, logLevel: kafkajs.logLevel.NOTHING });
    admin = kafka.admin();
    await admin.connect();
    await admin.createTopics({ topics: [{ topic, numPartitions: 2, replicationFactor: 1 }] });
    producer = kafka.producer({ createPartitioner: kafkajs.Partitioners.DefaultPartitioner });
    await producer.connect();
  });
  afterAll(async () => {
    await producer.disconnect();
    await admin.disconnect();
    await telemetry.close();
    await embedded.close();
    await rm(path, { recursive: true, force: true });
  });
  beforeEach(async () => {
    run = randomUUID();
    groupId = `group-${run}`;
    // What earlier tests left is deleted, so that they do not meet each other's messages.
    const offsets = await admin.fetchTopicOffsets(topic);
    await admin.deleteTopicRecords({
      topic,
      partitions: offsets.map(({ partition, high }) => ({ partition, offset: high })),
    });
  });
  afterEach(async () => {
    for (const each of opened.splice(0)) await each.stop();
  });

  function normalize(sink: FactSink, over: Partial<NormalizerOptions> = {}) {
    const normalizer = createNormalizer({
      brokers,
      groupId,
      sink,
      process: { mapping: {} },
      metrics: createPipelineMetrics(telemetry.meter),
      log: () => undefined,
      clock: () => new Date(),
      onCrash: (error) => {
        throw error;
      },
      onWritten: () => undefined,
      onSink: () => undefined,
      onLag: () => undefined,
      topics: [topic],
      flushMs: 20,
      sessionTimeoutMs: 10_000,
      ...over,
    });
    opened.push(normalizer);
    return normalizer;
  }

  const fact = (id: number) =>
    JSON.stringify({
      kind: 'drill',
      occurred_at: '2026-03-01T10:00:00Z',
      drill_id: `${run}-${id}`,
      service: 'checkout',
      environment: 'prod',
      outcome: 'succeeded',
    });
  const facts = (from: number, to: number) =>
    Array.from({ length: to - from }, (_, index) => fact(from + index));
  const produce = (values: string[]) =>
    producer.send({ topic, acks: -1, messages: values.map((value) => ({ value })) });

  async function count(): Promise<{ rows: number; facts: number }> {
    const [row] = await selectRows<{ rows: number; facts: number }>(
      embedded.reader(),
      `select count() as rows, uniqExact(event_id) as facts from drill_facts where startsWith(drill_id, '${run}')`,
    );
    return row ?? { rows: 0, facts: 0 };
  }

  /** Messages that are not committed yet. */
  async function lag(): Promise<number> {
    const [committed] = await admin.fetchOffsets({ groupId, topics: [topic] });
    const at = new Map(
      (committed?.partitions ?? []).map(({ partition, offset }) => [partition, Number(offset)]),
    );
    return (await admin.fetchTopicOffsets(topic))
      .map(({ partition, low, high }) => Number(high) - Math.max(Number(low), at.get(partition) ?? 0))
      .reduce((sum, behind) => sum + behind, 0);
  }

  test('facts become rows, offsets are committed behind them, and the recompute is told', async () => {
    await produce([...facts(0, 50), facts(50, 60).join('\n')]);
    let written = 0;
    const normalizer = normalize(store, {
      onWritten: () => {
        written += 1;
      },
    });
    await normalizer.start();
    await until('committed', async () => (await lag()) === 0);
    expect(await count()).toEqual({ rows: 60, facts: 60 });
    expect(written).toBeGreaterThan(0);
    const text = await telemetry.metricsText();
    expect(text).toMatch(/^evenkeel_written_rows_total \d+$/m);
  });

  test('one bad message among a thousand is kept with its place, and blocks nothing', async () => {
    const values = facts(0, 1_000);
    values[617] = `{"kind":"drill","drill_id":"${run}-bad"`;
    await produce(values);
    await normalize(store).start();
    await until('committed', async () => (await lag()) === 0);
    expect((await count()).facts).toBe(999);
    const rejected = await selectRows<{ place: string; code: string; payload: string }>(
      embedded.reader(),
      `select place, code, payload from rejected_messages where position(payload, '${run}-bad') > 0`,
    );
    expect(rejected).toEqual([
      {
        place: expect.stringMatching(/^kafka:evenkeel_facts\/\d\/\d+#1$/),
        code: 'not_json',
        payload: values[617],
      },
    ]);
  });

  test('a crash between the write and the commit, and another split, give the same facts', async () => {
    await produce(facts(0, 100));
    let writes = 0;
    const crashing: FactSink = {
      async write(batch, token) {
        await store.write(batch, token);
        writes += 1;
        throw new StoreUnavailable('the answer got lost');
      },
    };
    const first = normalize(crashing, { flushMessages: 30 });
    await first.start();
    await until('written without a commit', () => writes >= 3);
    await first.stop();
    expect(await lag()).toBe(100);
    await normalize(store, { flushMessages: 7 }).start();
    await until('committed', async () => (await lag()) === 0);
    expect((await count()).facts).toBe(100);
    const [merged] = await selectRows<{ rows: number }>(
      embedded.reader(),
      `select count() as rows from drill_facts final where startsWith(drill_id, '${run}')`,
    );
    expect(merged).toEqual({ rows: 100 });
  });

  test('a retry of the same batch writes no second row', async () => {
    await produce(facts(0, 20));
    let lost = 3;
    const flaky: FactSink = {
      async write(batch, token) {
        await store.write(batch, token);
        lost -= 1;
        if (lost > 0) throw new StoreUnavailable('the answer got lost');
      },
    };
    await normalize(flaky).start();
    await until('committed', async () => (await lag()) === 0);
    expect(await count()).toEqual({ rows: 20, facts: 20 });
  });

  test('ClickHouse away is told, nothing is lost, and its return is told too', async () => {
    await produce(facts(0, 10));
    let away = true;
    const sink: FactSink = {
      write: (batch, token) =>
        away ? Promise.reject(new StoreUnavailable('connection refused')) : store.write(batch, token),
    };
    const told: string[] = [];
    const normalizer = normalize(sink, {
      onSink: ({ taking, detail }) => told.push(taking ? 'taking' : detail),
    });
    await normalizer.start();
    await until('told', () => told.length >= 2);
    expect(normalizer.state).toBe('paused');
    expect(new Set(told)).toEqual(new Set(['connection refused']));
    await produce(facts(10, 20));
    away = false;
    await until('committed', async () => (await lag()) === 0);
    expect(told.at(-1)).toBe('taking');
    expect(await count()).toEqual({ rows: 20, facts: 20 });
  });

  test('two normalizers share the partitions, one stops under load, and nothing is lost', async () => {
    const [first, second] = [
      normalize(store, { flushMessages: 20 }),
      normalize(store, { flushMessages: 20 }),
    ];
    await Promise.all([first.start(), second.start()]);
    const producing = (async () => {
      for (let from = 0; from < 2_000; from += 100) await produce(facts(from, from + 100));
    })();
    await until('under way', async () => (await count()).facts > 200);
    await first.stop();
    await producing;
    await until('committed', async () => (await lag()) === 0);
    expect((await count()).facts).toBe(2_000);
  });
});
