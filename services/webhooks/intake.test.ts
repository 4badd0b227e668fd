import { BusUnavailable, type Producer } from '@evenkeel/bus';
import { type Processed, process } from '@evenkeel/pipeline';
import { expect, test } from 'vitest';
import { createBusIntake } from './intake.ts';

/** Keeps what it is given; the real one is tried in the tests of the bus. */
class KeptMessages implements Producer {
  readonly state = 'running';
  readonly detail = '';
  readonly messages: Uint8Array[] = [];
  failure: Error | undefined;
  start = () => Promise.resolve();
  stop = () => Promise.resolve();
  async send(_topic: string, messages: readonly Uint8Array[]): Promise<void> {
    if (this.failure !== undefined) throw this.failure;
    this.messages.push(...messages);
  }
}

function read(body: Uint8Array, receivedAt: string, place = 'http:/v1/facts'): Processed {
  return process(
    { source: 'facts', encoding: 'ndjson', body, place, receivedAt: new Date(receivedAt) },
    { mapping: {} },
  );
}

const drill = (id: number) =>
  JSON.stringify({
    kind: 'drill',
    occurred_at: '2026-03-01T10:00:00+01:00',
    drill_id: String(id),
    service: 'checkout',
    environment: 'prod',
    outcome: 'succeeded',
    url: `https://ci.example/${'x'.repeat(400)}`,
  });

test('what goes through Kafka comes out as the same facts, received when they came to the door', async () => {
  const producer = new KeptMessages();
  const intake = createBusIntake({ producer, topic: 't', maxBytes: 1e6 });
  const body = Buffer.from(Array.from({ length: 2_000 }, (_, id) => drill(id)).join('\n'));
  const atTheDoor = read(body, '2026-03-01T12:00:00.000Z');
  expect(await intake.take(atTheDoor, body)).toEqual({ outcome: 'written' });
  expect(producer.messages.length).toBeGreaterThan(1);
  expect(Math.max(...producer.messages.map(({ length }) => length))).toBeLessThanOrEqual(524_288);
  const behind = producer.messages.map((message) => read(message, '2026-03-02T09:00:00.000Z'));
  expect(behind.flatMap(({ facts }) => facts)).toEqual(atTheDoor.facts);
});

test('a rejected line goes along and is rejected again, also when it holds lines that are facts', async () => {
  const producer = new KeptMessages();
  const intake = createBusIntake({ producer, topic: 't', maxBytes: 1e6 });
  const rejected = (payload: string) => ({
    source: 'facts',
    place: '',
    code: '',
    field: '',
    reason: '',
    payload,
  });
  const processed = {
    facts: [],
    ignored: {},
    rejected: [rejected('{"kind":'), rejected(`[\n${drill(1)}\n`)],
  };
  await intake.take(processed, new Uint8Array(1));
  const behind = producer.messages.map((message) => read(message, '2026-03-02T09:00:00.000Z'));
  expect(behind.flatMap(({ facts }) => facts)).toEqual([]);
  expect(behind.flatMap((each) => each.rejected)).toHaveLength(2);
});

test('Kafka away is not acknowledged', async () => {
  const producer = new KeptMessages();
  producer.failure = new BusUnavailable('no broker');
  const intake = createBusIntake({ producer, topic: 't', maxBytes: 1e6 });
  const body = Buffer.from(drill(1));
  expect(await intake.take(read(body, '2026-03-01T12:00:00.000Z'), body)).toMatchObject({
    outcome: 'unavailable',
    reason: 'no broker',
  });
  expect(intake.refusal(1e9)).toBeUndefined();
});

test('what waits for Kafka is bounded', async () => {
  const producer = new KeptMessages();
  let release = () => {};
  producer.send = () =>
    new Promise<void>((resolve) => {
      release = resolve;
    });
  const intake = createBusIntake({ producer, topic: 't', maxBytes: 1_000 });
  const body = Buffer.from(drill(1));
  const processed = read(body, '2026-03-01T12:00:00.000Z');
  const first = intake.take(processed, body);
  expect(await intake.take(processed, body)).toMatchObject({ outcome: 'refused', reason: 'full' });
  release();
  expect(await first).toEqual({ outcome: 'written' });
  expect(intake.refusal(body.length)).toBeUndefined();
});
