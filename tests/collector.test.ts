import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { promisify } from 'node:util';
import { decodeOtlp, type LogRecord, type MetricPoint, type OtlpSignal, type Span } from '@evenkeel/otlp';
import { builtCollector, collectorBinary, collectorConfig, hasTool } from '@evenkeel/stack';
import kafkajs from 'kafkajs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { collector, type GivenPart, kafkaToStop } from './containers/parts.ts';
import { attributes, exportTo } from './otlp-deployments.ts';
import { eventually } from './process.ts';

describe('otelcol validate', () => {
  const canBuild = builtCollector(process.env) !== undefined || hasTool('go', process.env);
  let binary = '';
  beforeAll(async () => {
    if (!canBuild && process.env['CI'] === 'true')
      throw new Error('the Collector cannot be built without go');
    if (!canBuild) console.warn('SKIPPED: the Collector is not in the cache and cannot be built without go');
    else binary = await collectorBinary(process.env, (line) => console.warn(line));
  }, 600_000);
  const validate = (config: readonly string[], environment: Record<string, string> = {}) =>
    promisify(execFile)(binary, ['validate', ...config], { env: environment });

  test('takes otel-collector.yaml as it is', async ({ skip }) => {
    skip(!canBuild);
    await validate(collectorConfig(false));
  });

  test('takes it with several brokers and the addresses of compose', async ({ skip }) => {
    skip(!canBuild);
    await validate(collectorConfig(false), {
      OTLP_HTTP_ENDPOINT: '0.0.0.0:4318',
      OTLP_GRPC_ENDPOINT: '0.0.0.0:4317',
      COLLECTOR_HEALTH_ENDPOINT: '0.0.0.0:13133',
      COLLECTOR_METRICS_HOST: '0.0.0.0',
      KAFKA_BROKERS: 'a:9092,b:9092',
    });
  });

  test('takes the token for senders, and refuses to go without it', async ({ skip }) => {
    skip(!canBuild);
    await validate(collectorConfig(true), { OTLP_BEARER_TOKEN: 'a-token-for-senders' });
    await expect(validate(collectorConfig(true))).rejects.toThrow(/token/);
  });
});

describe('the Collector before a real Kafka', () => {
  /** Tells what these tests sent from what others send to the same Kafka. */
  const run = randomUUID().slice(0, 8);
  const opened: GivenPart[] = [];
  let missing: string | undefined;
  let otlp = '';
  let brokers = '';
  const received: Record<string, Buffer[]> = {};
  let stopReading = async () => {};

  beforeAll(async () => {
    const bus = await kafkaToStop();
    const receiver = 'missing' in bus ? bus : await collector(bus.address);
    for (const part of [bus, receiver]) {
      if ('missing' in part) missing = part.missing;
      else opened.push(part);
    }
    if ('missing' in bus || 'missing' in receiver) return;
    otlp = receiver.address;
    brokers = bus.address;
    stopReading = await readTopics();
  }, 600_000);
  afterAll(async () => {
    await stopReading();
    for (const part of opened.toReversed()) await part.close();
  });

  async function readTopics(): Promise<() => Promise<void>> {
    const client = new kafkajs.Kafka({ brokers: brokers.split(','), logLevel: kafkajs.logLevel.NOTHING });
    const consumer = client.consumer({ groupId: `collector-test-${run}` });
    await consumer.connect();
    await consumer.subscribe({ topics: ['otlp_spans', 'otlp_logs', 'otlp_metrics'], fromBeginning: true });
    await consumer.run({
      eachMessage: async ({ topic, message: { value } }) => {
        received[topic] = [...(received[topic] ?? []), value ?? Buffer.alloc(0)];
      },
    });
    return () => consumer.disconnect();
  }

  const isOurs = (item: Span | LogRecord | MetricPoint) =>
    item.attributes['run'] === run || ('name' in item && item.name.startsWith(run));
  /** Messages of spans that hold some of ours. */
  const messagesWith = (name: string) =>
    (received['otlp_spans'] ?? []).filter((bytes) => bytes.includes(`${run}${name}`));

  /** Items of a topic so far that these tests sent. */
  function items<Item extends Span | LogRecord | MetricPoint>(topic: string, signal: OtlpSignal): Item[] {
    return (received[topic] ?? []).flatMap((bytes) => {
      const decoded = decodeOtlp(signal, 'protobuf', bytes);
      if (decoded.outcome === 'rejected') throw new Error(decoded.reason);
      return (decoded.items as Item[]).filter(isOurs);
    });
  }

  const at = (seconds: number) => String(BigInt(1_772_000_000 + seconds) * 1_000_000_000n);
  const span = (id: string, own: Record<string, string>, resource: Record<string, string> = {}) => ({
    resource: { attributes: attributes(resource) },
    scopeSpans: [
      {
        spans: [
          {
            traceId: id.padEnd(32, '0'),
            spanId: id.padEnd(16, '0'),
            name: `${run}${id}`,
            kind: 1,
            startTimeUnixNano: at(0),
            endTimeUnixNano: at(1),
            attributes: attributes(own),
          },
        ],
      },
    ],
  });

  test('a batch stays one message, and what can never be a fact is left out', async ({ skip }) => {
    skip(missing !== undefined, missing);
    const deploy = { 'cicd.pipeline.task.type': 'deploy', 'evenkeel.service': 'checkout' };
    const resourceSpans = [
      ...Array.from({ length: 200 }, (_, n) => span(`a${n.toString(16)}`, deploy)),
      span('b1', { 'http.request.method': 'GET' }),
      span('b2', { 'db.system.name': 'postgresql' }),
      // Marked as a deployment, on the span or by its resource, whatever it carries besides.
      span('c1', { 'http.request.method': 'POST', 'deployment.id': '7' }),
      span('c2', { 'http.request.method': 'POST' }, { 'cicd.pipeline.name': 'release' }),
      span('c3', { 'some.step': 'of a pipeline' }),
    ];
    await exportTo(otlp, 'traces', JSON.stringify({ resourceSpans }));
    const names = () => items<Span>('otlp_spans', 'traces').map(({ name }) => name.slice(run.length));
    const found = await eventually(
      async () => names(),
      (all) => all.length >= 203,
    );
    expect(found).toHaveLength(203);
    expect(found).toEqual(expect.arrayContaining(['c1', 'c2', 'c3']));
    expect(messagesWith('a')).toHaveLength(1);
  });

  test('secrets do not get as far as Kafka', async ({ skip }) => {
    skip(missing !== undefined, missing);
    const own = {
      'http.request.header.authorization': 'Bearer s3cr3t-one',
      'http.request.header.cookie': 'session=s3cr3t-two',
      'db.password': 's3cr3t-three',
      'vendor.api_key': 's3cr3t-four',
      GITHUB_TOKEN: 's3cr3t-five',
      note: 'sent with Bearer s3cr3t-six-and-more',
      'url.full': 'https://example.com/hook?access_token=s3cr3t-seven&page=2',
      'vcs.repository.url.full': 'https://robot:s3cr3t-eight@git.example.com/acme/shop.git',
      'vcs.ssh': 'ssh://git@git.example.com/acme/shop.git',
      'gen_ai.usage.input_tokens': '17',
    };
    await exportTo(
      otlp,
      'traces',
      JSON.stringify({ resourceSpans: [span('d1', own, { 'auth.token': 's3cr3t-nine' })] }),
    );
    const find = () => items<Span>('otlp_spans', 'traces').find(({ name }) => name === `${run}d1`);
    const found = await eventually(
      async () => find(),
      (one) => one !== undefined,
    );
    expect(found?.resource).toEqual({});
    expect(found?.attributes).toEqual({
      note: 'sent with Bearer [hidden]',
      'url.full': 'https://example.com/hook?access_token=[hidden]&page=2',
      'vcs.repository.url.full': 'https://git.example.com/acme/shop.git',
      'vcs.ssh': 'ssh://git@git.example.com/acme/shop.git',
      'gen_ai.usage.input_tokens': '17',
    });
    for (const bytes of Object.values(received).flat()) expect(bytes.includes('s3cr3t')).toBe(false);
  });

  test('cumulative sums of SLOs become deltas; other metrics are left out', async ({ skip }) => {
    skip(missing !== undefined, missing);
    const sum = (name: string, value: number, time: number) => ({
      name,
      sum: {
        aggregationTemporality: 2,
        isMonotonic: true,
        dataPoints: [
          {
            startTimeUnixNano: at(0),
            timeUnixNano: at(time),
            asInt: String(value),
            attributes: attributes({ 'slo.id': 'checkout', run }),
          },
        ],
      },
    });
    for (const [value, time] of [
      [10, 60],
      [25, 120],
      [26, 180],
    ] as const) {
      const metrics = [sum('evenkeel.slo.good', value, time), sum('http.server.requests', value, time)];
      await exportTo(otlp, 'metrics', JSON.stringify({ resourceMetrics: [{ scopeMetrics: [{ metrics }] }] }));
    }
    const points = () => items<MetricPoint>('otlp_metrics', 'metrics');
    const found = await eventually(
      async () => points(),
      (all) => all.length >= 2,
    );
    expect(new Set(found.map(({ name }) => name))).toEqual(new Set(['evenkeel.slo.good']));
    expect(found.every(({ temporality }) => temporality === 'delta')).toBe(true);
    // The first value of a series is what it begins from.
    expect(found.map(({ value }) => value)).toEqual([15, 1]);
  });

  test('events of ours pass, other log records do not', async ({ skip }) => {
    skip(missing !== undefined, missing);
    const logRecords = [
      { eventName: 'evenkeel.incident.opened', timeUnixNano: at(0), attributes: attributes({ run }) },
      { eventName: '', timeUnixNano: at(0), attributes: attributes({ 'event.name': 'evenkeel.drill', run }) },
      { eventName: 'user.login', timeUnixNano: at(0), attributes: attributes({ run }) },
      { timeUnixNano: at(0), body: { stringValue: 'GET / 200' }, attributes: attributes({ run }) },
    ];
    await exportTo(otlp, 'logs', JSON.stringify({ resourceLogs: [{ scopeLogs: [{ logRecords }] }] }));
    const found = await eventually(
      async () => items<LogRecord>('otlp_logs', 'logs'),
      (all) => all.length >= 2,
    );
    expect(found.map(({ eventName, attributes: own }) => eventName || own['event.name'])).toEqual([
      'evenkeel.incident.opened',
      'evenkeel.drill',
    ]);
  });

  test('one span that is too large for Kafka is dropped, and does not hold up the next', async ({ skip }) => {
    skip(missing !== undefined, missing);
    const large = span('e1', { text: 'x'.repeat(1_200_000) });
    await exportTo(otlp, 'traces', JSON.stringify({ resourceSpans: [large] }));
    await exportTo(otlp, 'traces', JSON.stringify({ resourceSpans: [span('e2', {})] }));
    const names = () => items<Span>('otlp_spans', 'traces').map(({ name }) => name.slice(run.length));
    expect(
      await eventually(
        async () => names(),
        (all) => all.includes('e2'),
      ),
    ).toContain('e2');
    expect(names()).not.toContain('e1');
  });

  test('a Kafka that is away is waited for by the Collector', async ({ skip }) => {
    skip(missing !== undefined, missing);
    const restart = opened[0]?.restart;
    if (restart === undefined) return skip('Kafka of the environment is not ours to stop');
    await restart.stop();
    await exportTo(otlp, 'traces', JSON.stringify({ resourceSpans: [span('f1', {})] }));
    await restart.start();
    const names = () => items<Span>('otlp_spans', 'traces').map(({ name }) => name.slice(run.length));
    expect(
      await eventually(
        async () => names(),
        (all) => all.includes('f1'),
        60_000,
      ),
    ).toContain('f1');
  }, 120_000);
});
