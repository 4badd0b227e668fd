import { SPAN_KINDS, STATUS_CODES } from '../enumerations.ts';
import type { Origin, Span, SpanEvent } from '../items.ts';
import { addItem } from '../malformed.ts';
import { attributesOf } from './common.ts';
import { asObject, enumOf, hexOf, type JsonObject, objectsOf, textOf, unsigned64Of } from './members.ts';
import { eachItem } from './scopes.ts';

const LEVELS = { resources: 'resourceSpans', scopes: 'scopeSpans', items: 'spans' };

/** Reads an ExportTraceServiceRequest. */
export function tracesOf(request: JsonObject): Span[] {
  const spans: Span[] = [];
  for (const [span, origin, path] of eachItem(request, LEVELS)) addItem(spans, spanOf(span, origin, path));
  return spans;
}

function spanOf(span: JsonObject, origin: Origin, path: string): Span {
  const status = asObject(span['status'], `${path}.status`);
  return {
    ...origin,
    traceId: hexOf(span, 'traceId', path),
    spanId: hexOf(span, 'spanId', path),
    parentSpanId: hexOf(span, 'parentSpanId', path),
    name: textOf(span, 'name', path),
    kind: enumOf(span, 'kind', 'SPAN_KIND_', SPAN_KINDS),
    startTimeUnixNano: unsigned64Of(span, 'startTimeUnixNano', path),
    endTimeUnixNano: unsigned64Of(span, 'endTimeUnixNano', path),
    attributes: attributesOf(span, 'attributes', path),
    events: objectsOf(span, 'events', `${path}.`).map((event, index) =>
      eventOf(event, `${path}.events[${index}]`),
    ),
    statusCode: enumOf(status, 'code', 'STATUS_CODE_', STATUS_CODES),
    statusMessage: textOf(status, 'message', `${path}.status`),
  };
}

function eventOf(event: JsonObject, path: string): SpanEvent {
  return {
    name: textOf(event, 'name', path),
    timeUnixNano: unsigned64Of(event, 'timeUnixNano', path),
    attributes: attributesOf(event, 'attributes', path),
  };
}
