import protobuf from 'protobufjs/minimal.js';
import type { OtlpEncoding, OtlpSignal } from './decode.ts';

/** What was not taken of an OTLP request. */
export interface PartialSuccess {
  /** How many spans, log records or data points; 0 with a message is a warning. */
  rejected: number;
  /** In words for the sender's log. */
  message: string;
}

const REJECTED_MEMBER: Readonly<Record<OtlpSignal, string>> = {
  traces: 'rejectedSpans',
  logs: 'rejectedLogRecords',
  metrics: 'rejectedDataPoints',
};

/** Writes an Export…ServiceResponse; without `partial` it says that everything was taken. */
export function encodeOtlpResponse(
  signal: OtlpSignal,
  encoding: OtlpEncoding,
  partial?: PartialSuccess,
): Uint8Array {
  if (encoding === 'json') {
    if (!partial) return utf8('{}');
    // The JSON mapping of protobuf writes 64-bit integers as text and leaves defaults out.
    const rejected = partial.rejected === 0 ? {} : { [REJECTED_MEMBER[signal]]: String(partial.rejected) };
    const message = partial.message === '' ? {} : { errorMessage: partial.message };
    return utf8(JSON.stringify({ partialSuccess: { ...rejected, ...message } }));
  }
  const writer = protobuf.Writer.create();
  if (!partial) return writer.finish();
  writer.uint32(0x0a).fork();
  if (partial.rejected !== 0) writer.uint32(0x08).int64(partial.rejected);
  if (partial.message !== '') writer.uint32(0x12).string(partial.message);
  return writer.ldelim().finish();
}

/**
 * Writes a google.rpc.Status, the body of OTLP's answers of 400 and above.
 *
 * @param code of google.rpc.Code: 3 invalid argument, 8 resource exhausted, 14 unavailable, 16 unauthenticated …
 */
export function encodeOtlpStatus(encoding: OtlpEncoding, code: number, message: string): Uint8Array {
  if (encoding === 'json') return utf8(JSON.stringify({ code, message }));
  const writer = protobuf.Writer.create();
  if (code !== 0) writer.uint32(0x08).int32(code);
  if (message !== '') writer.uint32(0x12).string(message);
  return writer.finish();
}

function utf8(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}
