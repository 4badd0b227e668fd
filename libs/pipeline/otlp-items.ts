import { parseFact } from '@evenkeel/events';
import { decodeOtlp } from '@evenkeel/otlp';
import { type Mapped, mapLogRecord, mapMetricPoint, mapSpan } from '@evenkeel/sources';
import { asPayload, itemPayload } from './payload.ts';
import type { Processed, ProcessOptions, RawMessage } from './process.ts';

type OtlpSource = 'otlp_traces' | 'otlp_logs' | 'otlp_metrics';

/** Reads an OTLP export request; each span, log record or metric point stands for itself. */
export function processOtlp(
  message: RawMessage,
  source: OtlpSource,
  options: ProcessOptions,
  processed: Processed,
): void {
  const mapped = decodeAndMap(message, source, options);
  if (mapped.outcome === 'rejected') {
    processed.rejected.push({
      source,
      place: message.place,
      code: 'malformed_otlp',
      field: '',
      reason: mapped.reason,
      payload: asPayload(message.body),
    });
    return;
  }
  for (const [index, [item, result]] of mapped.items.entries()) {
    takeItem(message, processed, item, result, index + 1);
  }
}

type MappedItems =
  | { outcome: 'ok'; items: (readonly [object, Mapped])[] }
  | { outcome: 'rejected'; reason: string };

function decodeAndMap(message: RawMessage, source: OtlpSource, options: ProcessOptions): MappedItems {
  const encoding = message.encoding === 'protobuf' ? 'protobuf' : 'json';
  if (source === 'otlp_traces') {
    const decoded = decodeOtlp('traces', encoding, message.body);
    if (decoded.outcome === 'rejected') return decoded;
    return { outcome: 'ok', items: decoded.items.map((item) => [item, mapSpan(item, options.mapping)]) };
  }
  if (source === 'otlp_logs') {
    const decoded = decodeOtlp('logs', encoding, message.body);
    if (decoded.outcome === 'rejected') return decoded;
    return { outcome: 'ok', items: decoded.items.map((item) => [item, mapLogRecord(item, options.mapping)]) };
  }
  const decoded = decodeOtlp('metrics', encoding, message.body);
  if (decoded.outcome === 'rejected') return decoded;
  return { outcome: 'ok', items: decoded.items.map((item) => [item, mapMetricPoint(item, options.mapping)]) };
}

function takeItem(
  message: RawMessage,
  processed: Processed,
  item: object,
  mapped: Mapped,
  line: number,
): void {
  if (mapped.outcome === 'ignored') {
    processed.ignored[mapped.reason] = (processed.ignored[mapped.reason] ?? 0) + 1;
    return;
  }
  const { source, place } = message;
  if (mapped.outcome === 'rejected') {
    const { code, field, reason } = mapped;
    processed.rejected.push({ source, place, code, field, reason, payload: itemPayload(item), line });
    return;
  }
  for (const raw of mapped.facts) {
    const parsed = parseFact(raw, message.receivedAt);
    if (parsed.outcome === 'ok') {
      processed.facts.push(parsed.received);
      continue;
    }
    processed.rejected.push({
      source,
      place,
      code: 'invalid_fact',
      field: parsed.errors[0]?.field ?? '',
      reason: parsed.errors.map(({ field, message: text }) => `${field}: ${text}`).join('; '),
      payload: itemPayload(item),
      line,
      errors: parsed.errors,
    });
  }
}
