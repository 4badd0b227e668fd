import { SPAN_KINDS, STATUS_CODES } from '../enumerations.ts';
import type { Attributes, Span, SpanEvent } from '../items.ts';
import { addItem } from '../malformed.ts';
import { readAttribute, readResource, readScope } from './common.ts';
import {
  delimited,
  fixed64,
  type Reader,
  readFields,
  readHex,
  readMessage,
  readUnsigned64,
  varint,
} from './message.ts';

/** Reads an ExportTraceServiceRequest. */
export function readTraces(reader: Reader): Span[] {
  const spans: Span[] = [];
  readFields(reader, (tag) => {
    if (tag !== delimited(1)) return false;
    readResourceSpans(reader, spans);
    return true;
  });
  return spans;
}

function readResourceSpans(reader: Reader, spans: Span[]): void {
  // Fields may come in any order, so the spans refer to what is filled in before or after them.
  const resource: Attributes = {};
  readMessage(reader, (tag) => {
    if (tag === delimited(1)) readResource(reader, resource);
    else if (tag === delimited(2)) readScopeSpans(reader, resource, spans);
    else return false;
    return true;
  });
}

function readScopeSpans(reader: Reader, resource: Attributes, spans: Span[]): void {
  const first = spans.length;
  let scope = '';
  readMessage(reader, (tag) => {
    if (tag === delimited(1)) scope = readScope(reader);
    else if (tag === delimited(2)) addItem(spans, readSpan(reader, resource));
    else return false;
    return true;
  });
  for (let index = first; index < spans.length; index++) Object.assign(spans[index] as Span, { scope });
}

function readSpan(reader: Reader, resource: Attributes): Span {
  const span: Span = {
    resource,
    scope: '',
    traceId: '',
    spanId: '',
    parentSpanId: '',
    name: '',
    kind: 'unspecified',
    startTimeUnixNano: 0n,
    endTimeUnixNano: 0n,
    attributes: {},
    events: [],
    statusCode: 'unset',
    statusMessage: '',
  };
  readMessage(reader, (tag) => readSpanField(reader, tag, span));
  return span;
}

function readSpanField(reader: Reader, tag: number, span: Span): boolean {
  switch (tag) {
    case delimited(1):
      span.traceId = readHex(reader);
      return true;
    case delimited(2):
      span.spanId = readHex(reader);
      return true;
    case delimited(4):
      span.parentSpanId = readHex(reader);
      return true;
    case delimited(5):
      span.name = reader.string();
      return true;
    case varint(6):
      span.kind = SPAN_KINDS[reader.int32()] ?? 'unspecified';
      return true;
    case fixed64(7):
      span.startTimeUnixNano = readUnsigned64(reader);
      return true;
    case fixed64(8):
      span.endTimeUnixNano = readUnsigned64(reader);
      return true;
    case delimited(9):
      readAttribute(reader, span.attributes);
      return true;
    case delimited(11):
      span.events.push(readEvent(reader));
      return true;
    case delimited(15):
      readStatus(reader, span);
      return true;
    default:
      return false;
  }
}

function readEvent(reader: Reader): SpanEvent {
  const event: SpanEvent = { name: '', timeUnixNano: 0n, attributes: {} };
  readMessage(reader, (tag) => {
    if (tag === fixed64(1)) event.timeUnixNano = readUnsigned64(reader);
    else if (tag === delimited(2)) event.name = reader.string();
    else if (tag === delimited(3)) readAttribute(reader, event.attributes);
    else return false;
    return true;
  });
  return event;
}

function readStatus(reader: Reader, span: Span): void {
  readMessage(reader, (tag) => {
    if (tag === delimited(2)) span.statusMessage = reader.string();
    else if (tag === varint(3)) span.statusCode = STATUS_CODES[reader.int32()] ?? 'unset';
    else return false;
    return true;
  });
}
