import { ROOT_CONTEXT, SeverityNumber, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import { resourceFromAttributes } from '@opentelemetry/resources';
import {
  InMemoryLogRecordExporter,
  LoggerProvider,
  type ReadableLogRecord,
  SimpleLogRecordProcessor,
} from '@opentelemetry/sdk-logs';
import {
  type AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
  type ResourceMetrics,
} from '@opentelemetry/sdk-metrics';
import {
  InMemorySpanExporter,
  type ReadableSpan,
  SimpleSpanProcessor,
  TracerProvider,
} from '@opentelemetry/sdk-trace';

const resource = resourceFromAttributes({ 'service.name': 'ci', 'process.pid': 7 });

/** A child span and its parent, as OpenTelemetry's SDK records them. */
export async function recordedSpans(): Promise<ReadableSpan[]> {
  const exporter = new InMemorySpanExporter();
  const provider = new TracerProvider({ resource, spanProcessors: [new SimpleSpanProcessor({ exporter })] });
  const tracer = provider.getTracer('tests');
  const parent = tracer.startSpan('run', { kind: SpanKind.SERVER, startTime: [1_772_366_400, 0] });
  const child = tracer.startSpan(
    'deploy',
    {
      kind: SpanKind.CLIENT,
      startTime: [1_772_366_400, 123_456_789],
      attributes: {
        text: 'ö😀',
        empty: '',
        integer: 42,
        negative: -7,
        big: 4_294_967_296,
        double: 0.25,
        yes: true,
        no: false,
        list: ['a', 'b'],
        numbers: [1, 2.5],
      },
    },
    trace.setSpan(ROOT_CONTEXT, parent),
  );
  child.addEvent('evenkeel.deployment.advanced', { 'evenkeel.deployment.step': '25 %' }, [1_772_366_410, 5]);
  child.setStatus({ code: SpanStatusCode.ERROR, message: 'exit 1' });
  child.end([1_772_366_460, 0]);
  parent.end([1_772_366_461, 0]);
  await provider.forceFlush();
  return exporter.getFinishedSpans();
}

/** An event and a plain log record, as OpenTelemetry's SDK records them. */
export async function recordedLogs(): Promise<ReadableLogRecord[]> {
  const exporter = new InMemoryLogRecordExporter();
  const provider = new LoggerProvider({ resource, processors: [new SimpleLogRecordProcessor({ exporter })] });
  const logger = provider.getLogger('tests');
  logger.emit({
    eventName: 'evenkeel.incident.opened',
    timestamp: [1_772_366_400, 1],
    observedTimestamp: [1_772_366_401, 0],
    severityNumber: SeverityNumber.WARN,
    severityText: 'WARN',
    attributes: { 'evenkeel.incident.incident_id': 'pagerduty:P1' },
    body: { nested: { list: [1, 'two', null] } },
  });
  logger.emit({ timestamp: [1_772_366_402, 0], body: 'plain' });
  await provider.forceFlush();
  return exporter.getFinishedLogRecords();
}

/** A sum, a gauge and a histogram, as OpenTelemetry's SDK records them. */
export async function recordedMetrics(temporality: AggregationTemporality): Promise<ResourceMetrics> {
  const exporter = new InMemoryMetricExporter(temporality);
  const reader = new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: 3_600_000 });
  const provider = new MeterProvider({ resource, readers: [reader] });
  const meter = provider.getMeter('tests');
  meter.createCounter('evenkeel.slo.events').add(3, { 'slo.id': 's', 'evenkeel.slo.outcome': 'good' });
  meter.createCounter('evenkeel.slo.events').add(1, { 'slo.id': 's', 'evenkeel.slo.outcome': 'bad' });
  meter.createUpDownCounter('queue').add(-2.5);
  meter.createGauge('depth').record(1);
  meter.createHistogram('latency').record(0.2, { route: '/' });
  await provider.forceFlush();
  const [metrics] = exporter.getMetrics();
  await provider.shutdown();
  if (!metrics) throw new Error('the SDK collected nothing');
  return metrics;
}
