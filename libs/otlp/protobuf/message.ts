import { Buffer } from 'node:buffer';
import protobuf from 'protobufjs/minimal.js';

/** Reader of protobuf's wire format. */
export type Reader = protobuf.Reader;

/** Wire types of protobuf, by what they are used for here. */
const VARINT = 0;
const FIXED_64 = 1;
const LENGTH_DELIMITED = 2;

/** Tag of a field that is an int, an enum or a bool. */
export const varint = (field: number) => (field << 3) | VARINT;
/** Tag of a field that is a double or a fixed64. */
export const fixed64 = (field: number) => (field << 3) | FIXED_64;
/** Tag of a field that is a text, bytes or a message. */
export const delimited = (field: number) => (field << 3) | LENGTH_DELIMITED;

/** Reads one field's value and says true, or leaves it alone and says false. */
type FieldReader = (tag: number) => boolean;

/** A reader over a whole message. */
export function readerOf(bytes: Uint8Array): Reader {
  // Over a Buffer it decodes text natively; the view shares the memory.
  return protobuf.Reader.create(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));
}

/** Reads the fields up to the reader's end; unknown ones, and known ones of another wire type, are skipped. */
export function readFields(reader: Reader, read: FieldReader): void {
  while (reader.pos < reader.len) {
    const tag = reader.tag();
    if (!read(tag)) reader.skipType(tag & 7, 0, tag >>> 3);
  }
}

/** Reads an embedded message; it cannot reach beyond its own length. */
export function readMessage(reader: Reader, read: FieldReader): void {
  const length = reader.uint32();
  const outerEnd = reader.len;
  const end = reader.pos + length;
  if (end > outerEnd) throw new RangeError(`a message of ${length} bytes reaches beyond its surroundings`);
  reader.len = end;
  readFields(reader, read);
  reader.len = outerEnd;
}

/** A fixed64, as the bigint that protobufjs does not give. */
export function readUnsigned64(reader: Reader): bigint {
  const low = BigInt(reader.fixed32());
  return (BigInt(reader.fixed32()) << 32n) | low;
}

/** Bytes as lower-case hex. */
export function readHex(reader: Reader): string {
  return Buffer.from(reader.bytes()).toString('hex');
}
