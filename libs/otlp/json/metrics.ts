import { NO_RECORDED_VALUE, TEMPORALITIES } from '../enumerations.ts';
import type { MetricPoint, Origin } from '../items.ts';
import { addItem } from '../malformed.ts';
import { attributesOf } from './common.ts';
import {
  asObject,
  boolOf,
  double,
  enumOf,
  type JsonObject,
  objectsOf,
  signed64,
  textOf,
  unsigned64Of,
} from './members.ts';
import { eachItem } from './scopes.ts';

const LEVELS = { resources: 'resourceMetrics', scopes: 'scopeMetrics', items: 'metrics' };
const OTHER_DATA = ['gauge', 'histogram', 'exponentialHistogram', 'summary'];

/** Reads an ExportMetricsServiceRequest. */
export function metricsOf(request: JsonObject): MetricPoint[] {
  const points: MetricPoint[] = [];
  for (const [metric, origin, path] of eachItem(request, LEVELS)) {
    for (const point of pointsOf(metric, origin, path)) addItem(points, point);
  }
  return points;
}

function pointsOf(metric: JsonObject, origin: Origin, path: string): MetricPoint[] {
  const name = textOf(metric, 'name', path);
  const sumPath = `${path}.sum`;
  const sum = asObject(metric['sum'], sumPath);
  const common = {
    ...origin,
    name,
    temporality: enumOf(sum, 'aggregationTemporality', 'AGGREGATION_TEMPORALITY_', TEMPORALITIES),
    monotonic: boolOf(sum, 'isMonotonic', sumPath),
  };
  const points = objectsOf(sum, 'dataPoints', `${sumPath}.`).map(
    (point, index): MetricPoint => ({
      ...common,
      type: 'sum',
      ...numberPoint(point, `${sumPath}.dataPoints[${index}]`),
    }),
  );
  const others = OTHER_DATA.flatMap((data) =>
    objectsOf(asObject(metric[data], `${path}.${data}`), 'dataPoints', `${path}.${data}.`),
  );
  return points.concat(
    others.map(() => ({
      ...common,
      type: 'other',
      attributes: {},
      startTimeUnixNano: 0n,
      timeUnixNano: 0n,
    })),
  );
}

function numberPoint(point: JsonObject, path: string) {
  const flags = point['flags'];
  const recorded = typeof flags !== 'number' || (flags & NO_RECORDED_VALUE) === 0;
  const value = recorded ? numberOf(point, path) : undefined;
  return {
    attributes: attributesOf(point, 'attributes', path),
    startTimeUnixNano: unsigned64Of(point, 'startTimeUnixNano', path),
    timeUnixNano: unsigned64Of(point, 'timeUnixNano', path),
    ...(value === undefined ? {} : { value }),
  };
}

function numberOf(point: JsonObject, path: string): number | undefined {
  const { asInt, asDouble } = point;
  if (asInt !== undefined && asInt !== null) return Number(signed64(asInt, `${path}.asInt`));
  if (asDouble !== undefined && asDouble !== null) return double(asDouble, `${path}.asDouble`);
  return undefined;
}
