import { canonicalJson, sha256Hex } from '@evenkeel/events';
import type { AttributeValue, MetricPoint } from '@evenkeel/otlp';
import { attributeText } from './attribute-text.ts';
import { hashable } from './hashable.ts';
import { ignored, type Mapped, ok, rejected } from './mapped.ts';
import type { MappingOptions } from './mapping-rules.ts';
import { instantOf } from './unix-time.ts';

const DAY_NANOS = 86_400_000_000_000n;
const MAX_SERIES = 512;

/** Which number of an `sli` fact a metric counts; undefined: the attribute `evenkeel.slo.outcome` says. */
const METRICS: Readonly<Record<string, 'good' | 'total' | undefined>> = {
  'evenkeel.slo.events': undefined,
  'evenkeel.slo.good': 'good',
  'evenkeel.slo.total': 'total',
};

/** Attributes that have a field of their own, and so are no part of the series. */
const FIELDS = new Set(['slo.id', 'evenkeel.slo.outcome', 'service.version']);

/** What tells one emitting process from the next, the best first. */
const INSTANCE = [
  'service.instance.id',
  'k8s.pod.uid',
  'k8s.pod.name',
  'container.id',
  'host.id',
  'host.name',
];

/** Turns a point of the delta sums `evenkeel.slo.*` into an `sli` fact. */
export function mapMetricPoint(point: MetricPoint, _options: MappingOptions): Mapped {
  if (!Object.hasOwn(METRICS, point.name)) return ignored('metric_not_evenkeel');
  if (point.type !== 'sum') return rejected('not_a_sum', 'sum');
  if (point.temporality !== 'delta') {
    const reason = `the sum is ${point.temporality}, not delta: put the cumulativetodelta processor of the Collector before it, or set the exporter's temporality preference to delta`;
    return rejected('not_delta', 'sum.aggregationTemporality', reason);
  }
  if (point.value === undefined) return ignored('no_recorded_value');
  const slo = attributeText(point.attributes, 'slo.id') ?? attributeText(point.resource, 'slo.id');
  if (slo === undefined) return rejected('missing_attribute', 'slo.id', 'is required');
  const field = METRICS[point.name] ?? outcomeOf(point);
  if (field === undefined) {
    return rejected('missing_attribute', 'evenkeel.slo.outcome', 'is required and must be good or bad');
  }
  return sliFact(point, slo, field, point.value);
}

function sliFact(point: MetricPoint, slo: string, field: 'good' | 'bad' | 'total', value: number): Mapped {
  const window_start = instantOf(point.startTimeUnixNano);
  const window_end = instantOf(point.timeUnixNano);
  if (window_start === undefined) return rejected('missing_time', 'startTimeUnixNano');
  if (window_end === undefined) return rejected('missing_time', 'timeUnixNano');
  if (point.timeUnixNano - point.startTimeUnixNano > DAY_NANOS)
    return rejected('window_too_long', 'timeUnixNano');

  const series = seriesOf(point);
  const version =
    attributeText(point.attributes, 'service.version') ?? attributeText(point.resource, 'service.version');
  const identity = [slo, series, version ?? '', point.startTimeUnixNano, point.timeUnixNano, field];
  return ok([
    {
      kind: 'sli',
      source: 'otlp',
      occurred_at: window_end,
      event_id: sha256Hex(canonicalJson(hashable(identity))),
      slo_id: slo,
      window_start,
      window_end,
      series,
      version,
      [field]: value,
    },
  ]);
}

function outcomeOf(point: MetricPoint): 'good' | 'bad' | undefined {
  const outcome = attributeText(point.attributes, 'evenkeel.slo.outcome');
  return outcome === 'good' || outcome === 'bad' ? outcome : undefined;
}

/** Every other attribute of the point and the emitting instance as `name=value,…` by name; a hash where that is too long. */
function seriesOf(point: MetricPoint): string {
  const instance = INSTANCE.find((name) => attributeText(point.resource, name) !== undefined);
  const emitter = instance === undefined ? {} : { [instance]: attributeText(point.resource, instance) };
  const all: [string, AttributeValue | undefined][] = Object.entries({ ...emitter, ...point.attributes });
  const series = all
    .filter(([name]) => !FIELDS.has(name))
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, value]) => `${escaped(name)}=${escaped(valueText(value))}`)
    .join(',');
  const keepable = series.length <= MAX_SERIES && !/\p{Cc}/u.test(series) && series.isWellFormed();
  return keepable ? series : `sha256=${sha256Hex(series)}`;
}

function valueText(value: AttributeValue | undefined): string {
  return typeof value === 'object' && value !== null ? canonicalJson(hashable(value)) : String(value ?? '');
}

/** Keeps two different sets of attributes from looking the same. */
function escaped(text: string): string {
  return text.replace(/[\\,=]/g, '\\$&');
}
