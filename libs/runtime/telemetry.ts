import { type Meter, metrics } from '@opentelemetry/api';
import { PrometheusExporter, PrometheusSerializer } from '@opentelemetry/exporter-prometheus';
import { MeterProvider } from '@opentelemetry/sdk-metrics';
import { StartError } from './errors.ts';

/** What a process measures of itself. */
export interface Telemetry {
  /** Where counters come from; hand it to whatever counts. */
  readonly meter: Meter;
  /** Everything measured so far, in Prometheus' text format 0.0.4. */
  metricsText(): Promise<string>;
  /** Sends what is buffered and stops. */
  close(): Promise<void>;
}

/**
 * Starts the self-telemetry of a process: metrics always, kept for `/metrics` without a server of its own; traces
 * (Kafka work through its instrumentation) only when an endpoint is named for just this. The usual
 * `OTEL_EXPORTER_OTLP_ENDPOINT` is not read, because next to Evenkeel it names Evenkeel's own Collector, and traces
 * of reading a topic that end up in that topic never stop.
 *
 * @param options.ownReceivers `host:port` of receivers that feed this installation; an endpoint among them is refused
 * @throws {StartError} `invalid_configuration` when the endpoint is one of `ownReceivers`
 */
export async function startTelemetry(options: {
  service: string;
  tracesEndpoint?: string | undefined;
  ownReceivers?: readonly string[];
}): Promise<Telemetry> {
  const reader = new PrometheusExporter({ preventServerStart: true });
  const serializer = new PrometheusSerializer('', false, undefined, true, true);
  const provider = new MeterProvider({ readers: [reader] });
  metrics.setGlobalMeterProvider(provider);
  const closeTraces =
    options.tracesEndpoint === undefined
      ? undefined
      : await startTraces(options.service, options.tracesEndpoint, options.ownReceivers ?? []);
  return {
    meter: provider.getMeter(options.service),
    async metricsText() {
      const { resourceMetrics } = await reader.collect();
      return serializer.serialize(resourceMetrics);
    },
    async close() {
      await closeTraces?.();
      await provider.shutdown();
      metrics.disable();
    },
  };
}

/** Loaded only when wanted: the SDK takes a few hundred milliseconds to import. */
async function startTraces(
  service: string,
  endpoint: string,
  ownReceivers: readonly string[],
): Promise<() => Promise<void>> {
  const { host } = new URL(endpoint);
  if (ownReceivers.includes(host)) {
    throw new StartError(
      'invalid_configuration',
      `EVENKEEL_SELF_OTLP_ENDPOINT=${endpoint} is this installation's own receiver`,
    );
  }
  const [{ NodeSDK }, { OTLPTraceExporter }, { KafkaJsInstrumentation }] = await Promise.all([
    import('@opentelemetry/sdk-node'),
    import('@opentelemetry/exporter-trace-otlp-http'),
    import('@opentelemetry/instrumentation-kafkajs'),
  ]);
  const sdk = new NodeSDK({
    serviceName: service,
    traceExporter: new OTLPTraceExporter({ url: new URL('/v1/traces', endpoint).href }),
    instrumentations: [new KafkaJsInstrumentation()],
    metricReaders: [],
    logRecordProcessors: [],
  });
  sdk.start();
  return () => sdk.shutdown();
}
