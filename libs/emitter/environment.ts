/** How a signal is encoded on its way out; gRPC is not spoken here. */
type Protocol = 'http/protobuf' | 'http/json';

/** What the exporters need beyond what they read from `OTEL_*` themselves. */
export interface ExportSettings {
  disabled: boolean;
  traces: { protocol: Protocol; timeoutMs: number };
  logs: { protocol: Protocol; timeoutMs: number };
}

/** The variables of a process, as `process.env` has them. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** The longest that telemetry may hold up the program that reports, milliseconds. */
export const LONGEST_DELAY_MS = 5000;

/** Reads the standard `OTEL_*` variables; what is malformed counts as absent, as the specification asks. */
export function exportSettings(env: Environment): ExportSettings {
  return {
    disabled: env['OTEL_SDK_DISABLED']?.trim().toLowerCase() === 'true',
    traces: signalSettings(env, 'TRACES'),
    logs: signalSettings(env, 'LOGS'),
  };
}

function signalSettings(env: Environment, signal: 'TRACES' | 'LOGS') {
  const protocol = env[`OTEL_EXPORTER_OTLP_${signal}_PROTOCOL`] || env['OTEL_EXPORTER_OTLP_PROTOCOL'];
  const timeout = Number(env[`OTEL_EXPORTER_OTLP_${signal}_TIMEOUT`] || env['OTEL_EXPORTER_OTLP_TIMEOUT']);
  return {
    protocol: (protocol?.trim() === 'http/json' ? 'http/json' : 'http/protobuf') as Protocol,
    // The specification's default of 10 s would hold a deployment up for too long.
    timeoutMs: timeout > 0 ? Math.min(timeout, LONGEST_DELAY_MS) : LONGEST_DELAY_MS,
  };
}
