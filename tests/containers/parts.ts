import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { freePort, type Stack, StackError, type StackOptions, startStack } from '@evenkeel/stack';
import { createTopics } from '@evenkeel/topics';
import { type ContainerPlan, runContainer } from './engine.ts';
import { images } from './images.ts';

/** A part of the full path that a test was given. */
export interface GivenPart {
  readonly from: 'environment' | 'container' | 'native';
  /** `host:port` of Kafka, the base URL of the others. */
  readonly address: string;
  /** Stops it and starts it again with its data; not for what the environment gives. */
  readonly restart?: { stop(): Promise<void>; start(): Promise<void> };
  /** Ends it and removes its data, where it is ours. */
  close(): Promise<void>;
}

/** A part, or why there is none: then the test is skipped. */
export type PartOrReason = GivenPart | { readonly missing: string };

const environment = process.env;
const repositoryFile = (name: string) => fileURLToPath(new URL(`../../${name}`, import.meta.url));
const http = (port: number) => `http://127.0.0.1:${port}`;

/** Kafka with Evenkeel's topics: KAFKA_BROKERS, else a container, else a native process. */
export async function kafka(): Promise<PartOrReason> {
  const given = environment['KAFKA_BROKERS'];
  return withTopics(given ? fromEnvironment(given) : await startKafka());
}

/**
 * Kafka that a test may stop: one of its own where that can be had. A Collector of the environment writes to the Kafka
 * of the environment, so with such a one it is that.
 */
export async function kafkaToStop(): Promise<PartOrReason> {
  return environment['OTEL_EXPORTER_OTLP_ENDPOINT'] ? kafka() : withTopics(await startKafka());
}

function startKafka(): Promise<PartOrReason> {
  return containerOrNative(
    'kafka',
    () => kafkaContainer(),
    (stack) => stack.addresses.brokers,
  );
}

async function withTopics(part: PartOrReason): Promise<PartOrReason> {
  if ('address' in part) await untilDone(() => createTopics({ brokers: part.address.split(',') }));
  return part;
}

/** ClickHouse, to read and to write: CLICKHOUSE_URL, else a container, else a native process over chdb. */
export async function clickhouse(): Promise<PartOrReason> {
  const given = environment['CLICKHOUSE_URL'];
  if (given) return fromEnvironment(given);
  return containerOrNative(
    'clickhouse',
    () => clickhouseContainer(),
    (stack) => stack.addresses.clickhouse,
  );
}

/** The Collector with this repository's configuration: OTEL_EXPORTER_OTLP_ENDPOINT, else a container, else a native process. */
export async function collector(brokers: string): Promise<PartOrReason> {
  const given = environment['OTEL_EXPORTER_OTLP_ENDPOINT'];
  if (given) return fromEnvironment(given);
  return containerOrNative(
    'collector',
    () => collectorContainer(brokers),
    (stack) => stack.addresses.otlp,
    {
      external: { brokers },
    },
  );
}

function fromEnvironment(address: string): GivenPart {
  return { from: 'environment', address, close: async () => undefined };
}

interface PlannedContainer {
  readonly plan: ContainerPlan;
  readonly address: string;
  readonly healthy: () => Promise<unknown>;
}

async function containerOrNative(
  name: 'kafka' | 'clickhouse' | 'collector',
  planned: () => Promise<PlannedContainer>,
  addressOf: (stack: Stack) => string,
  options: Pick<StackOptions, 'external'> = {},
): Promise<PartOrReason> {
  const { plan, address, healthy } = await planned();
  const container = await runContainer(plan);
  if (!('missing' in container)) {
    await untilDone(healthy);
    const { stop, start, remove } = container;
    const startAndWait = () => start().then(() => untilDone(healthy));
    return { from: 'container', address, restart: { stop, start: startAndWait }, close: remove };
  }
  const native = await nativePart(name, addressOf, options);
  if (!('missing' in native)) return native;
  const reason = `${name}: not in the environment; ${container.missing}; ${native.missing}`;
  if (environment['CI'] === 'true') throw new Error(reason);
  console.warn(`SKIPPED, because a part cannot be had here. ${reason}`);
  return { missing: reason };
}

async function nativePart(
  name: 'kafka' | 'clickhouse' | 'collector',
  addressOf: (stack: Stack) => string,
  options: Pick<StackOptions, 'external'>,
): Promise<PartOrReason> {
  const directory = mkdtempSync(join(tmpdir(), `evenkeel-${name}-`));
  const remove = () => rmSync(directory, { recursive: true, force: true });
  try {
    const stack = await startStack({
      ...options,
      directory,
      parts: [name],
      environment,
      onProgress: (line) => console.warn(`stack: ${line}`),
    });
    const part = stack.part(name);
    return {
      from: 'native',
      address: addressOf(stack),
      restart: { stop: () => part.stop(), start: () => part.start() },
      close: () => stack.stop().finally(remove),
    };
  } catch (error) {
    remove();
    if (error instanceof StackError) return { missing: error.message };
    throw error;
  }
}

async function kafkaContainer(): Promise<PlannedContainer> {
  const port = await freePort();
  const controller = await freePort();
  const address = `127.0.0.1:${port}`;
  return {
    address,
    healthy: () => createTopics({ brokers: [address] }),
    plan: {
      image: images.kafka,
      environment: {
        KAFKA_NODE_ID: '1',
        KAFKA_PROCESS_ROLES: 'broker,controller',
        KAFKA_CONTROLLER_QUORUM_VOTERS: `1@127.0.0.1:${controller}`,
        KAFKA_LISTENERS: `PLAINTEXT://${address},CONTROLLER://127.0.0.1:${controller}`,
        KAFKA_ADVERTISED_LISTENERS: `PLAINTEXT://${address}`,
        KAFKA_CONTROLLER_LISTENER_NAMES: 'CONTROLLER',
        KAFKA_LISTENER_SECURITY_PROTOCOL_MAP: 'PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT',
        KAFKA_AUTO_CREATE_TOPICS_ENABLE: 'false',
        KAFKA_OFFSETS_TOPIC_REPLICATION_FACTOR: '1',
        KAFKA_TRANSACTION_STATE_LOG_REPLICATION_FACTOR: '1',
        KAFKA_TRANSACTION_STATE_LOG_MIN_ISR: '1',
        KAFKA_GROUP_INITIAL_REBALANCE_DELAY_MS: '0',
      },
    },
  };
}

async function clickhouseContainer(): Promise<PlannedContainer> {
  const [httpPort, tcp, interserver] = [await freePort(), await freePort(), await freePort()];
  return {
    address: http(httpPort),
    healthy: () => expectOk(`${http(httpPort)}/ping`),
    plan: {
      image: images.clickhouse,
      environment: { CLICKHOUSE_SKIP_USER_SETUP: '1' },
      // Overrides of the server's own configuration, after its `--`. Port 0 switches a protocol off.
      command: [
        '--',
        '--listen_host=127.0.0.1',
        `--http_port=${httpPort}`,
        `--tcp_port=${tcp}`,
        `--interserver_http_port=${interserver}`,
        '--mysql_port=0',
        '--postgresql_port=0',
      ],
    },
  };
}

async function collectorContainer(brokers: string): Promise<PlannedContainer> {
  const [otlp, grpc, health, metrics] = [
    await freePort(),
    await freePort(),
    await freePort(),
    await freePort(),
  ];
  return {
    address: http(otlp),
    healthy: () => expectOk(`${http(health)}/`),
    plan: {
      image: images.collector,
      // The image's own user may write nowhere that is kept; a volume's owner is set in docker-compose.yml.
      user: '0',
      command: ['--config', '/etc/evenkeel/otel-collector.yaml'],
      files: { '/etc/evenkeel/otel-collector.yaml': repositoryFile('otel-collector.yaml') },
      environment: {
        OTLP_HTTP_ENDPOINT: `127.0.0.1:${otlp}`,
        OTLP_GRPC_ENDPOINT: `127.0.0.1:${grpc}`,
        COLLECTOR_HEALTH_ENDPOINT: `127.0.0.1:${health}`,
        COLLECTOR_METRICS_PORT: String(metrics),
        COLLECTOR_QUEUE_DIR: '/var/lib/otelcol/queue',
        KAFKA_BROKERS: brokers,
      },
    },
  };
}

async function expectOk(url: string): Promise<void> {
  const response = await fetch(url);
  await response.text();
  if (!response.ok) throw new Error(`${url} answers ${response.status}`);
}

async function untilDone(work: () => Promise<unknown>): Promise<void> {
  for (const deadline = Date.now() + 60_000; ; await sleep(200)) {
    try {
      await work();
      return;
    } catch (error) {
      if (Date.now() > deadline) throw error;
    }
  }
}
