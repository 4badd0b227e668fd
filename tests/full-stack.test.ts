import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Stack, startStack } from '@evenkeel/stack';
import kafkajs from 'kafkajs';
import { afterAll, beforeAll, describe, expect, type TestContext, test } from 'vitest';
import { clickhouse, collector, type GivenPart, kafka, type PartOrReason } from './containers/parts.ts';
import { exportRequest, exportTo, history } from './otlp-deployments.ts';
import { eventually as eventuallyWithin, run } from './process.ts';

/** A killed member of a group keeps its partitions until its session ends: longer than other waits. */
const eventually = <T>(ask: () => Promise<T>, wanted: (answer: T) => boolean) =>
  eventuallyWithin(ask, wanted, 60_000);

/** The full path in separate processes: emitter, Collector, Kafka, normalizer, ClickHouse, API. */
describe('the full stack', { timeout: 120_000 }, () => {
  const directory = mkdtempSync(join(tmpdir(), 'evenkeel-full-stack-'));
  const group = `test-${randomUUID()}`;
  const opened: GivenPart[] = [];
  let missing: string | undefined;
  let store: GivenPart;
  let otlp: string;
  let brokers: string;
  let services: Stack;

  beforeAll(async () => {
    const bus = use(await kafka());
    const database = use(await clickhouse());
    const receiver = bus === undefined ? undefined : use(await collector(bus.address));
    if (bus === undefined || database === undefined || receiver === undefined) return;
    brokers = bus.address;
    otlp = receiver.address;
    store = database;
    services = await startStack({
      directory,
      parts: ['normalizer', 'webhooks', 'api'],
      external: { brokers, clickhouseUrl: database.address },
      environment: {
        ...process.env,
        EVENKEEL_KAFKA_GROUP: group,
        CLICKHOUSE_DATABASE: `evenkeel_${group.replaceAll('-', '_')}`,
      },
    });
  }, 600_000);
  afterAll(async () => {
    await services?.stop();
    for (const part of opened.toReversed()) await part.close();
    rmSync(directory, { recursive: true, force: true });
  }, 120_000);

  function use(part: PartOrReason): GivenPart | undefined {
    if ('missing' in part) {
      missing = part.missing;
      return undefined;
    }
    opened.push(part);
    return part;
  }
  const needParts = ({ skip }: TestContext) => skip(missing !== undefined, missing);

  const range = 'from=2026-03-01&to=2026-05-01';
  async function summary(service: string, more = range): Promise<Record<string, unknown>> {
    const response = await fetch(`${services.addresses.api}/v1/dora/summary?service=${service}&${more}`);
    const { data }: { data: Record<string, unknown> } = JSON.parse(await response.text());
    return data;
  }
  const days = history('2026-03-01T09:00:00Z', 60);
  const send = (service: string, part = days) => exportTo(otlp, 'traces', exportRequest(service, part));

  /** Messages of all topics that the normalizers have not committed. */
  async function uncommitted(): Promise<number> {
    const client = new kafkajs.Kafka({ brokers: brokers.split(','), logLevel: kafkajs.logLevel.NOTHING });
    const admin = client.admin();
    await admin.connect();
    try {
      const topics = ['otlp_spans', 'otlp_logs', 'otlp_metrics', 'evenkeel_facts'];
      let left = 0;
      for (const topic of topics) {
        const ends = await admin.fetchTopicOffsets(topic);
        const [committed] = await admin.fetchOffsets({ groupId: group, topics: [topic] });
        for (const { partition, high } of ends) {
          const at = committed?.partitions.find((each) => each.partition === partition)?.offset ?? '-1';
          left += Number(high) - Math.max(0, Number(at));
        }
      }
      return left;
    } finally {
      await admin.disconnect();
    }
  }

  test('what a pipeline reports through the CLI is in the summary', async (context) => {
    needParts(context);
    for (const [version, command] of [
      ['1.0', 'true'],
      ['1.1', 'true'],
      ['1.2', 'false'],
    ] as const) {
      const cli = run('services/cli/bin.js', { OTEL_EXPORTER_OTLP_ENDPOINT: otlp }, [
        ...['deploy', '--service', 'checkout', '--version', version, '--', command],
      ]);
      const code = await new Promise((resolve) => cli.child.once('close', resolve));
      expect(code, cli.output()).toBe(command === 'true' ? 0 : 1);
    }
    const now = await eventually(
      () => summary('checkout', ''),
      ({ attempts }) => attempts === 3,
    );
    expect(now).toMatchObject({ attempts: 3, deployments: 2 });
  });

  test('facts come in through the webhooks', async (context) => {
    needParts(context);
    const response = await fetch(`${services.addresses.webhooks}/v1/facts`, {
      method: 'POST',
      headers: { 'content-type': 'application/x-ndjson' },
      body: JSON.stringify({
        kind: 'deployment',
        service: 'cart',
        environment: 'production',
        deployment_id: 'd1',
        phase: 'finished',
        outcome: 'succeeded',
        occurred_at: '2026-03-04T10:00:00Z',
      }),
    });
    expect(response.status, await response.clone().text()).toBe(200);
    expect(
      await eventually(
        () => summary('cart'),
        ({ deployments }) => deployments === 1,
      ),
    ).toMatchObject({
      deployments: 1,
    });
  });

  test('SLOs come from files, corrections and reviews through the webhooks', async (context) => {
    needParts(context);
    const { api, webhooks } = services.addresses;
    const file = join(directory, 'slos.yaml');
    writeFileSync(file, 'slo: cart\nservice: cart\nobjective: 99%\nwindow: 28d\n');
    const apply = async (environment: Record<string, string>) => {
      const cli = run('services/cli/bin.js', { EVENKEEL_API_URL: api, ...environment }, [
        'slo',
        'apply',
        file,
      ]);
      const code = await new Promise((resolve) => cli.child.once('close', resolve));
      return [code, cli.output()];
    };
    expect(await apply({})).toEqual([1, expect.stringContaining('set EVENKEEL_FACTS_URL')]);
    expect(await apply({ EVENKEEL_FACTS_URL: webhooks })).toEqual([0, 'created    cart\n']);
    const again = await eventually(
      () => apply({ EVENKEEL_FACTS_URL: webhooks }),
      ([, output]) => output === 'unchanged  cart\n',
    );
    expect(again).toEqual([0, 'unchanged  cart\n']);

    const post = async (what: string, body: object) => {
      const response = await fetch(`${webhooks}/v1/${what}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'idempotency-key': 'once' },
        body: JSON.stringify({ by: 'ada', reason: 'moved', ...body }),
      });
      return response.status;
    };
    const correction = {
      starts_at: '2026-03-04T10:00:00Z',
      ends_at: '2026-03-04T11:00:00Z',
      category: 'maintenance',
    };
    expect(await post('corrections', { ...correction, slo_id: 'nobody' })).toBe(422);
    expect(await post('corrections', { ...correction, slo_id: 'cart' })).toBe(201);
    expect(await post('corrections', { ...correction, slo_id: 'cart' })).toBe(201);
    expect(await post('reviews', { subject: 'metric', verdict: 'reviewed', metric: 'deployments' })).toBe(
      201,
    );
    const corrections = await eventually(
      async () => {
        const { data }: { data: object[] } = JSON.parse(
          await (await fetch(`${api}/v1/corrections?slo=cart`)).text(),
        );
        return data;
      },
      ({ length }) => length > 0,
    );
    expect(corrections).toMatchObject([{ correction_id: 'once', by: 'ada' }]);
  });

  test('delivery twice, and a normalizer killed in the middle, give the numbers of a delivery once', async (context) => {
    needParts(context);
    await send('once');
    const wanted = await eventually(
      () => summary('once'),
      ({ attempts }) => attempts === days.length,
    );
    expect(wanted).toMatchObject({ attempts: 60, deployments: 48 });

    for (const part of [days.slice(0, 20), days.slice(20, 40)]) await send('twice', part);
    await services.part('normalizer').kill();
    await send('twice', days.slice(40));
    await send('twice');
    await services.part('normalizer').start();
    await send('twice', days.toReversed());
    expect(await eventually(uncommitted, (left) => left === 0)).toBe(0);
    const attempts = ({ attempts }: Record<string, unknown>) => attempts === days.length;
    expect(await eventually(() => summary('twice'), attempts)).toEqual(wanted);
  });

  test('a ClickHouse that is away is waited for, and nothing is lost', async (context) => {
    needParts(context);
    const { restart } = store;
    if (restart === undefined) return context.skip('ClickHouse of the environment is not ours to stop');
    await restart.stop();
    await send('patient');
    const ready = async () =>
      JSON.parse(await (await fetch(`${services.addresses.normalizer}/readyz`)).text());
    const said = await eventually(ready, ({ parts }) => parts.clickhouse.ready === false);
    expect(said).toMatchObject({ ready: false, parts: { clickhouse: { ready: false } } });
    await restart.start();
    const now = await eventually(
      () => summary('patient'),
      ({ attempts }) => attempts === days.length,
    );
    expect(now).toEqual(await summary('once'));
    expect(await eventually(uncommitted, (left) => left === 0)).toBe(0);
  });
});
