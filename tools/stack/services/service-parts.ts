import { fileURLToPath } from 'node:url';
import type { Environment } from '../cache/cache-directory.ts';
import { expectOk, type Part } from '../part.ts';

/** Ports and addresses that the services need. */
export interface ServiceAddresses {
  readonly normalizer: number;
  readonly webhooks: number;
  readonly api: number;
  readonly brokers: string;
  readonly clickhouseUrl: string;
}

const main = (service: string) =>
  fileURLToPath(new URL(`../../../services/${service}/main.ts`, import.meta.url));

/** Normalizer, webhooks and API, each from its own `main.ts`. */
export function serviceParts(addresses: ServiceAddresses, directory: string, inherited: Environment): Part[] {
  const environment: Environment = {
    ...inherited,
    EVENKEEL_API_HOST: '127.0.0.1',
    EVENKEEL_API_PORT: String(addresses.api),
    EVENKEEL_WEBHOOKS_PORT: String(addresses.webhooks),
    EVENKEEL_NORMALIZER_HOST: '127.0.0.1',
    EVENKEEL_NORMALIZER_PORT: String(addresses.normalizer),
    KAFKA_BROKERS: addresses.brokers,
    CLICKHOUSE_URL: addresses.clickhouseUrl,
  };
  const part = (name: 'normalizer' | 'webhooks' | 'api', startMs: number): Part => ({
    name,
    program: { command: process.execPath, args: [main(name)], directory, environment },
    check: () => expectOk(`http://127.0.0.1:${addresses[name]}/readyz`),
    startMs,
    stopMs: 22_000,
  });
  // The normalizer applies the migrations before it is ready, and the API is not before they are.
  return [part('normalizer', 120_000), part('webhooks', 30_000), part('api', 120_000)];
}
