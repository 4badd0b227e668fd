import type { ErrorCode } from '@evenkeel/runtime';

/** The codes of `google.rpc.Code` that OTLP errors use. */
const codes: Readonly<Partial<Record<ErrorCode, number>>> = {
  malformed_body: 3, // INVALID_ARGUMENT
  unsupported_media_type: 3, // INVALID_ARGUMENT
  unauthorized: 16, // UNAUTHENTICATED
  forbidden: 7, // PERMISSION_DENIED
  not_found: 5, // NOT_FOUND
  payload_too_large: 8, // RESOURCE_EXHAUSTED
  overloaded: 8, // RESOURCE_EXHAUSTED
  store_unavailable: 14, // UNAVAILABLE
  shutting_down: 14, // UNAVAILABLE
};
const internal = 13;

/** A `google.rpc.Status`, the body of an OTLP error, in the encoding of the request. */
export function encodeRpcStatus(encoding: 'protobuf' | 'json', code: ErrorCode, message: string): Uint8Array {
  const number = codes[code] ?? internal;
  if (encoding === 'json') return Buffer.from(JSON.stringify({ code: number, message }));
  // Two fields: `int32 code = 1` (a single byte here, all codes are below 128) and `string message = 2`.
  const text = Buffer.from(message);
  return Buffer.concat([Buffer.from([0x08, number, 0x12]), varint(text.length), text]);
}

function varint(value: number): Buffer {
  const bytes: number[] = [];
  let rest = value;
  while (rest >= 0x80) {
    bytes.push((rest & 0x7f) | 0x80);
    rest >>>= 7;
  }
  bytes.push(rest);
  return Buffer.from(bytes);
}
