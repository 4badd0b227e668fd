import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Environment } from '../cache/cache-directory.ts';
import type { OnProgress } from '../cache/cached.ts';
import { expectOk, type Part } from '../part.ts';
import { collectorBinary } from './binary.ts';

const repositoryFile = (name: string) => fileURLToPath(new URL(`../../../${name}`, import.meta.url));

/** The files that configure the Collector; with a token for senders there is one more. */
export function collectorConfig(requireToken: boolean): string[] {
  return ['otel-collector.yaml', ...(requireToken ? ['otel-collector.require-token.yaml'] : [])].flatMap(
    (name) => ['--config', repositoryFile(name)],
  );
}

/** The Collector with this repository's configuration. `OTLP_BEARER_TOKEN` in the environment makes senders need it. */
export async function collectorPart(options: {
  directory: string;
  ports: { http: number; grpc: number; health: number; metrics: number };
  brokers: string;
  environment: Environment;
  onProgress: OnProgress;
}): Promise<Part> {
  const { ports, environment } = options;
  const binary = await collectorBinary(environment, options.onProgress);
  const directory = join(options.directory, 'collector');
  return {
    name: 'collector',
    prepare: async () => void mkdirSync(directory, { recursive: true }),
    program: {
      command: binary,
      args: collectorConfig(Boolean(environment['OTLP_BEARER_TOKEN'])),
      directory,
      environment: {
        ...environment,
        OTLP_HTTP_ENDPOINT: `127.0.0.1:${ports.http}`,
        OTLP_GRPC_ENDPOINT: `127.0.0.1:${ports.grpc}`,
        COLLECTOR_HEALTH_ENDPOINT: `127.0.0.1:${ports.health}`,
        COLLECTOR_METRICS_HOST: '127.0.0.1',
        COLLECTOR_METRICS_PORT: String(ports.metrics),
        COLLECTOR_QUEUE_DIR: join(directory, 'queue'),
        KAFKA_BROKERS: options.brokers,
      },
    },
    check: () => expectOk(`http://127.0.0.1:${ports.health}/`),
    startMs: 30_000,
    stopMs: 10_000,
  };
}
