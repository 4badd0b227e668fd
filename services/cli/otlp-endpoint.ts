import type { Environment } from './ci/run.ts';
import { withoutUserinfo } from './git/repository-url.ts';

const DEFAULT_ENDPOINT = 'http://localhost:4318';

/** An address that telemetry goes to. */
export interface Endpoint {
  url: string;
  /** Without credentials, for people. */
  shown: string;
  usable: boolean;
}

/** Whether the environment asks for OTLP over gRPC. */
export function usesGrpc(env: Environment): boolean {
  return env['OTEL_EXPORTER_OTLP_PROTOCOL']?.trim() === 'grpc';
}

/** Where the exporters send a signal, by the rules of OpenTelemetry's environment variables. */
export function signalEndpoint(env: Environment, signal: 'TRACES' | 'LOGS'): Endpoint {
  const own = env[`OTEL_EXPORTER_OTLP_${signal}_ENDPOINT`];
  const base = env['OTEL_EXPORTER_OTLP_ENDPOINT'] || DEFAULT_ENDPOINT;
  // A signal's own endpoint is used as it is, the common one gets the signal's path.
  const url = own || `${base.replace(/\/$/, '')}/v1/${signal.toLowerCase()}`;
  return { url, shown: withoutUserinfo(url), usable: /^https?:\/\//i.test(url) && URL.canParse(url) };
}

/** Headers of the exporters (`name=value,name=value`, values percent-encoded); their values are secrets. */
export function signalHeaders(env: Environment, signal: 'TRACES' | 'LOGS'): Record<string, string> {
  const text = [env['OTEL_EXPORTER_OTLP_HEADERS'], env[`OTEL_EXPORTER_OTLP_${signal}_HEADERS`]];
  const pairs = text
    .flatMap((list) => list?.split(',') ?? [])
    // Without "=" it is no pair, and may be the secret itself.
    .filter((pair) => pair.includes('='))
    .map(
      (pair) => [pair.slice(0, pair.indexOf('=')).trim(), pair.slice(pair.indexOf('=') + 1).trim()] as const,
    )
    .filter(([name]) => name !== '');
  return Object.fromEntries(pairs.map(([name, value]) => [name.toLowerCase(), decode(value)]));
}

function decode(value: string): string {
  try {
    return decodeURIComponent(value);
  } catch {
    return value;
  }
}
