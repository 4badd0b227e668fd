import { randomBytes } from 'node:crypto';
import { context, DiagLogLevel, diag, logs, propagation, trace } from '@opentelemetry/api';
import { OTLPLogExporter as JsonLogExporter } from '@opentelemetry/exporter-logs-otlp-http';
import { OTLPLogExporter as ProtobufLogExporter } from '@opentelemetry/exporter-logs-otlp-proto';
import { OTLPTraceExporter as JsonTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { OTLPTraceExporter as ProtobufTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import { envDetector, resourceFromAttributes } from '@opentelemetry/resources';
import { BatchLogRecordProcessor } from '@opentelemetry/sdk-logs';
import { NodeSDK } from '@opentelemetry/sdk-node';
import { AlwaysOnSampler, BatchSpanProcessor, type IdGenerator } from '@opentelemetry/sdk-trace';
import type { DeliveryRecord } from './delivery.ts';
import type { Environment, ExportSettings } from './environment.ts';
import type { SpanIds } from './reports.ts';

/** The most `evenkeel.change` and `evenkeel.deployment.advanced` events one deployment span can carry. */
const EVENTS_PER_SPAN = 2048;

/** Hands out ids that were promised beforehand, for the span started while the promise stands, else random ones. */
export class PromisedIds implements IdGenerator {
  #promised: SpanIds | undefined;

  promise(ids: SpanIds | undefined): void {
    this.#promised = ids;
  }

  generateTraceId(): string {
    return this.#promised?.traceId ?? randomBytes(16).toString('hex');
  }

  generateSpanId(): string {
    return this.#promised?.spanId ?? randomBytes(8).toString('hex');
  }
}

/** Starts an OpenTelemetry SDK that only sends what an emitter reports. Registers it globally, as `NodeSDK` does. */
export function startSdk(
  settings: ExportSettings,
  env: Environment,
  record: DeliveryRecord,
  ids: IdGenerator,
): NodeSDK {
  // A collector that refuses records answers 200 and says so in the body; the exporter only logs that.
  if (env['OTEL_LOG_LEVEL'] === undefined) watchPartialSuccess(record);
  const traces = { timeoutMillis: settings.traces.timeoutMs };
  const logs = { timeoutMillis: settings.logs.timeoutMs };
  const traceExporter =
    settings.traces.protocol === 'http/json'
      ? new JsonTraceExporter(traces)
      : new ProtobufTraceExporter(traces);
  const logExporter =
    settings.logs.protocol === 'http/json' ? new JsonLogExporter(logs) : new ProtobufLogExporter(logs);
  const sdk = new NodeSDK({
    resource: resourceFromAttributes({ 'service.name': 'evenkeel' }),
    // Host and process detectors would send command lines, and those hold secrets.
    resourceDetectors: [envDetector],
    // A deployment is a fact: neither OTEL_TRACES_SAMPLER nor an unsampled parent may drop it.
    sampler: new AlwaysOnSampler(),
    spanLimits: { eventCountLimit: EVENTS_PER_SPAN },
    idGenerator: ids,
    spanProcessors: [
      new BatchSpanProcessor({
        exporter: record.watch(traceExporter),
        exportTimeoutMillis: traces.timeoutMillis,
      }),
    ],
    logRecordProcessors: [
      new BatchLogRecordProcessor({
        exporter: record.watch(logExporter),
        exportTimeoutMillis: logs.timeoutMillis,
      }),
    ],
    metricReaders: [],
    instrumentations: [],
  });
  sdk.start();
  return sdk;
}

/** Takes back what `startSdk` registered, so that a later emitter in this process is not sent into a closed one. */
export function unregisterSdk(): void {
  trace.disable();
  logs.disable();
  context.disable();
  propagation.disable();
  diag.disable();
}

function watchPartialSuccess(record: DeliveryRecord): void {
  const ignore = () => {};
  const notice = (message: string, ...details: unknown[]) => {
    if (message.startsWith('Received Partial Success')) record.failed(`partly refused: ${details.join(' ')}`);
  };
  diag.setLogger(
    { error: ignore, warn: notice, info: ignore, debug: ignore, verbose: ignore },
    { logLevel: DiagLogLevel.WARN, suppressOverrideMessage: true },
  );
}
