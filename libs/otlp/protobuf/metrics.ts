import { NO_RECORDED_VALUE, TEMPORALITIES } from '../enumerations.ts';
import type { Attributes, MetricPoint, Temporality } from '../items.ts';
import { addItem } from '../malformed.ts';
import { readAttribute, readResource, readScope } from './common.ts';
import {
  delimited,
  fixed64,
  type Reader,
  readFields,
  readMessage,
  readUnsigned64,
  varint,
} from './message.ts';

/** Reads an ExportMetricsServiceRequest. */
export function readMetrics(reader: Reader): MetricPoint[] {
  const points: MetricPoint[] = [];
  readFields(reader, (tag) => {
    if (tag !== delimited(1)) return false;
    readResourceMetrics(reader, points);
    return true;
  });
  return points;
}

function readResourceMetrics(reader: Reader, points: MetricPoint[]): void {
  const resource: Attributes = {};
  readMessage(reader, (tag) => {
    if (tag === delimited(1)) readResource(reader, resource);
    else if (tag === delimited(2)) readScopeMetrics(reader, resource, points);
    else return false;
    return true;
  });
}

function readScopeMetrics(reader: Reader, resource: Attributes, points: MetricPoint[]): void {
  const first = points.length;
  let scope = '';
  readMessage(reader, (tag) => {
    if (tag === delimited(1)) scope = readScope(reader);
    else if (tag === delimited(2)) readMetric(reader, resource, points);
    else return false;
    return true;
  });
  for (let index = first; index < points.length; index++)
    Object.assign(points[index] as MetricPoint, { scope });
}

/** Fields of a Metric that hold the points of a gauge, a histogram, an exponential histogram, a summary. */
const OTHER_DATA = new Set([5, 9, 10, 11].map(delimited));

function readMetric(reader: Reader, resource: Attributes, points: MetricPoint[]): void {
  const first = points.length;
  let name = '';
  readMessage(reader, (tag) => {
    if (tag === delimited(1)) name = reader.string();
    else if (tag === delimited(7)) readSum(reader, resource, points);
    else if (OTHER_DATA.has(tag)) readOther(reader, resource, points);
    else return false;
    return true;
  });
  for (const point of points.slice(first)) point.name = name;
}

function readSum(reader: Reader, resource: Attributes, points: MetricPoint[]): void {
  const first = points.length;
  let temporality: Temporality = 'unspecified';
  let monotonic = false;
  readMessage(reader, (tag) => {
    if (tag === delimited(1)) addItem(points, readNumberPoint(reader, resource));
    else if (tag === varint(2)) temporality = TEMPORALITIES[reader.int32()] ?? 'unspecified';
    else if (tag === varint(3)) monotonic = reader.bool();
    else return false;
    return true;
  });
  for (const point of points.slice(first)) Object.assign(point, { temporality, monotonic });
}

function readOther(reader: Reader, resource: Attributes, points: MetricPoint[]): void {
  readMessage(reader, (tag) => {
    if (tag !== delimited(1)) return false;
    reader.skip(reader.uint32());
    addItem(points, { ...emptyPoint(resource), type: 'other' });
    return true;
  });
}

function readNumberPoint(reader: Reader, resource: Attributes): MetricPoint {
  const point = emptyPoint(resource);
  let value: number | undefined;
  let flags = 0;
  readMessage(reader, (tag) => {
    if (tag === fixed64(2)) point.startTimeUnixNano = readUnsigned64(reader);
    else if (tag === fixed64(3)) point.timeUnixNano = readUnsigned64(reader);
    else if (tag === fixed64(4)) value = reader.double();
    else if (tag === fixed64(6)) value = Number(BigInt.asIntN(64, readUnsigned64(reader)));
    else if (tag === delimited(7)) readAttribute(reader, point.attributes);
    else if (tag === varint(8)) flags = reader.uint32();
    else return false;
    return true;
  });
  if (value !== undefined && (flags & NO_RECORDED_VALUE) === 0) point.value = value;
  return point;
}

function emptyPoint(resource: Attributes): MetricPoint {
  return {
    resource,
    scope: '',
    name: '',
    type: 'sum',
    temporality: 'unspecified',
    monotonic: false,
    attributes: {},
    startTimeUnixNano: 0n,
    timeUnixNano: 0n,
  };
}
