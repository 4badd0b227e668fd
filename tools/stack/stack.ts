import { existsSync, mkdirSync, renameSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Environment } from './cache/cache-directory.ts';
import type { OnProgress } from './cache/cached.ts';
import { clickhousePart } from './clickhouse/clickhouse-part.ts';
import { collectorPart } from './collector/collector-part.ts';
import { kafkaPart } from './kafka/kafka-part.ts';
import { type Part, type PartName, partNames } from './part.ts';
import { type Death, type RunningPart, superviseParts } from './running-part.ts';
import { serviceParts } from './services/service-parts.ts';
import { lockStack } from './stack-lock.ts';
import { type PortName, resolvePorts, type StackPorts } from './stack-ports.ts';

/** Options of {@link startStack}. */
export interface StackOptions {
  /** Data and logs of this stack; made when missing, and kept. */
  readonly directory: string;
  /** @default all of them */
  readonly parts?: readonly PartName[];
  /** 0 or absent: a free one. */
  readonly ports?: Partial<Record<PortName, number>>;
  /** Where parts are that this stack does not run itself. */
  readonly external?: { readonly brokers?: string; readonly clickhouseUrl?: string };
  /** What the parts find in their environment besides their addresses; PATH and the cache's place among it. */
  readonly environment: Environment;
  readonly onProgress?: OnProgress;
  /** Told when a part ends that nobody asked to. */
  readonly onDeath?: (death: Death) => void;
  /** Ends the start; what was started by then is stopped. */
  readonly signal?: AbortSignal;
}

/** Where the parts are reached. */
export interface StackAddresses {
  /** OTLP over HTTP; what `OTEL_EXPORTER_OTLP_ENDPOINT` takes. */
  readonly otlp: string;
  readonly otlpGrpc: string;
  readonly webhooks: string;
  readonly api: string;
  readonly normalizer: string;
  readonly clickhouse: string;
  readonly brokers: string;
}

/** A running stack. */
export interface Stack {
  readonly directory: string;
  readonly addresses: StackAddresses;
  /** @throws {RangeError} for a part that this stack does not run */
  part(name: PartName): RunningPart;
  /** Stops every part, the one that was started last first, each within a bounded time. */
  stop(): Promise<void>;
}

/**
 * Starts the full path as native processes: Kafka with its topics, ClickHouse's interface over chdb, the Collector,
 * normalizer, webhooks and API. Resolves when each takes work.
 *
 * @throws {StackError} when something is missing, a port is taken, or a part does not start; nothing is left running
 */
export async function startStack(options: StackOptions): Promise<Stack> {
  const directory = resolve(options.directory);
  const onProgress = options.onProgress ?? (() => undefined);
  const wanted = new Set<PartName>(options.parts ?? partNames);
  const lock = await lockStack(directory, onProgress);
  const running = new Map<PartName, RunningPart>();
  const stopping = new AbortController();
  const signal = AbortSignal.any([stopping.signal, ...(options.signal ? [options.signal] : [])]);
  let stopped: Promise<void> | undefined;
  const stop = () => {
    stopped ??= (async () => {
      stopping.abort(new Error('the stack is stopping'));
      for (const part of [...running.values()].toReversed()) await part.stop();
      lock.release();
    })();
    return stopped;
  };

  try {
    const ports = await resolvePorts(options.ports ?? {}, wanted);
    const addresses = addressesOf(ports, options.external ?? {});
    const start = superviseParts({
      logDirectory: freshLogs(directory),
      onDeath: (death) => void (stopped === undefined && options.onDeath?.(death)),
      signal,
    });
    const up = async (part: Part) => {
      onProgress(`starting ${part.name}`);
      running.set(part.name, await start(part));
      lock.record(Object.fromEntries([...running].map(([name, { pid }]) => [name, pid])));
    };
    const { environment } = options;
    const base = { directory, environment, onProgress };
    const services = serviceParts(
      {
        normalizer: ports.normalizer,
        webhooks: ports.webhooks,
        api: ports.api,
        brokers: addresses.brokers,
        clickhouseUrl: addresses.clickhouse,
      },
      directory,
      environment,
    );
    if (wanted.has('kafka')) {
      await up(await kafkaPart({ ...base, port: ports.kafka, controllerPort: ports.kafkaController }));
    }
    if (wanted.has('clickhouse')) await up(clickhousePart({ ...base, port: ports.clickhouse }));
    if (wanted.has('collector')) {
      const { otlp: http, otlpGrpc: grpc, collectorHealth: health, collectorMetrics: metrics } = ports;
      await up(
        await collectorPart({ ...base, ports: { http, grpc, health, metrics }, brokers: addresses.brokers }),
      );
    }
    for (const part of services) if (wanted.has(part.name)) await up(part);
    return {
      directory,
      addresses,
      stop,
      part(name) {
        const found = running.get(name);
        if (found === undefined) throw new RangeError(`This stack does not run ${name}`);
        return found;
      },
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

function addressesOf(ports: StackPorts, external: NonNullable<StackOptions['external']>): StackAddresses {
  const http = (port: number) => `http://127.0.0.1:${port}`;
  return {
    otlp: http(ports.otlp),
    otlpGrpc: http(ports.otlpGrpc),
    webhooks: http(ports.webhooks),
    api: http(ports.api),
    normalizer: http(ports.normalizer),
    clickhouse: external.clickhouseUrl ?? http(ports.clickhouse),
    brokers: external.brokers ?? `127.0.0.1:${ports.kafka}`,
  };
}

/** An empty directory for the logs of this run; those of the run before are kept beside it. */
function freshLogs(directory: string): string {
  const logs = join(directory, 'logs');
  mkdirSync(logs, { recursive: true });
  for (const name of partNames) {
    const file = join(logs, `${name}.log`);
    if (existsSync(file)) renameSync(file, join(logs, `${name}.previous.log`));
  }
  return logs;
}
