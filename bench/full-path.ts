// Rows a second through the full path (Kafka → normalizer → ClickHouse), beside a bare kafkajs loop that only counts and
// JSON.parses the same topic. One run, one machine, so that the ratio means something: npx node bench/full-path.ts [facts]
// Kafka and ClickHouse (chdb behind its HTTP interface) are started natively by tools/stack.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { startStack } from '@evenkeel/stack';
import { Kafka, logLevel } from 'kafkajs';

const facts = Number(process.argv[2] ?? 100_000);
const factsInMessage = 500;
const topic = 'evenkeel_facts';
const directory = mkdtempSync(join(tmpdir(), 'evenkeel-bench-'));

const line = (number: number) =>
  JSON.stringify({
    kind: 'deployment',
    service: `service-${number % 50}`,
    environment: 'production',
    deployment_id: `d${number}`,
    phase: 'finished',
    outcome: 'succeeded',
    version: String(number),
    occurred_at: new Date(Date.UTC(2026, 0, 1) + number * 60_000).toISOString(),
  });

const parts = await startStack({
  directory: join(directory, 'parts'),
  parts: ['kafka', 'clickhouse'],
  environment: process.env,
});
try {
  const { brokers, clickhouse } = parts.addresses;
  const kafka = new Kafka({ brokers: [brokers], logLevel: logLevel.NOTHING });
  const producer = kafka.producer();
  await producer.connect();
  for (let first = 0; first < facts; first += factsInMessage) {
    const lines = Array.from({ length: Math.min(factsInMessage, facts - first) }, (_, index) =>
      line(first + index),
    );
    await producer.send({ topic, acks: -1, messages: [{ value: lines.join('\n') }] });
  }
  await producer.disconnect();

  const bare = await bareLoop(kafka);
  const full = await fullPath(brokers, clickhouse);
  const perSecond = (seconds: number) => `${Math.round(facts / seconds)} rows/s`;
  console.log(
    `${facts} facts: bare loop ${perSecond(bare)}, full path ${perSecond(full)}, ratio ${(bare / full).toFixed(3)}`,
  );
} finally {
  await parts.stop();
  rmSync(directory, { recursive: true, force: true });
}

/** Seconds from the first message to the last. */
async function bareLoop(kafka: Kafka): Promise<number> {
  const consumer = kafka.consumer({ groupId: 'bare' });
  await consumer.connect();
  await consumer.subscribe({ topic, fromBeginning: true });
  let read = 0;
  let started = 0;
  await new Promise<void>((done) => {
    void consumer.run({
      eachBatch: async ({ batch }) => {
        started ||= performance.now();
        for (const { value } of batch.messages) {
          for (const each of (value?.toString() ?? '').split('\n')) {
            JSON.parse(each);
            read += 1;
          }
        }
        if (read >= facts) done();
      },
    });
  });
  const seconds = (performance.now() - started) / 1000;
  await consumer.disconnect();
  return seconds;
}

/** Seconds from the normalizer's first rows to its last. */
async function fullPath(brokers: string, clickhouseUrl: string): Promise<number> {
  const normalizer = await startStack({
    directory: join(directory, 'normalizer'),
    parts: ['normalizer'],
    external: { brokers, clickhouseUrl },
    environment: process.env,
  });
  try {
    const rows = async () => {
      const query = 'select count() from evenkeel.deployment_facts';
      const response = await fetch(clickhouseUrl, { method: 'POST', body: query });
      return response.ok ? Number(await response.text()) : 0;
    };
    let began = 0;
    let before = 0;
    for (;;) {
      const now = await rows();
      if (now > 0 && began === 0) {
        began = performance.now();
        before = now;
      }
      if (now >= facts) break;
      await sleep(20);
    }
    // What was there at the first look was written in a time that was not seen.
    return ((performance.now() - began) / 1000) * (facts / Math.max(1, facts - before));
  } finally {
    await normalizer.stop();
  }
}
