import { Buffer } from 'node:buffer';
import type { Attributes, AttributeValue } from '../items.ts';
import { MAX_VALUE_DEPTH, Malformed } from '../malformed.ts';
import { delimited, fixed64, type Reader, readMessage, varint } from './message.ts';

/** Reads an AnyValue of opentelemetry/proto/common/v1. */
export function readValue(reader: Reader, depth = 0): AttributeValue {
  if (depth > MAX_VALUE_DEPTH) throw new Malformed(`a value is nested deeper than ${MAX_VALUE_DEPTH} levels`);
  let value: AttributeValue = null;
  readMessage(reader, (tag) => {
    switch (tag) {
      case delimited(1):
        value = reader.string();
        return true;
      case varint(2):
        value = reader.bool();
        return true;
      case varint(3):
        value = readInteger(reader);
        return true;
      case fixed64(4):
        value = reader.double();
        return true;
      case delimited(5):
        value = readList(reader, depth + 1);
        return true;
      case delimited(6):
        value = readMap(reader, depth + 1);
        return true;
      case delimited(7):
        value = Buffer.from(reader.bytes()).toString('base64');
        return true;
      default:
        return false;
    }
  });
  return value;
}

/** Reads a KeyValue into `attributes`. */
export function readAttribute(reader: Reader, attributes: Attributes, depth = 0): void {
  let name = '';
  let value: AttributeValue = null;
  readMessage(reader, (tag) => {
    if (tag === delimited(1)) name = reader.string();
    else if (tag === delimited(2)) value = readValue(reader, depth);
    else return false;
    return true;
  });
  // Assigning this name would set the prototype.
  if (name !== '__proto__') attributes[name] = value;
}

/** Reads a Resource's attributes into `attributes`. */
export function readResource(reader: Reader, attributes: Attributes): void {
  readMessage(reader, (tag) => {
    if (tag !== delimited(1)) return false;
    readAttribute(reader, attributes);
    return true;
  });
}

/** Reads the name of an InstrumentationScope. */
export function readScope(reader: Reader): string {
  let name = '';
  readMessage(reader, (tag) => {
    if (tag !== delimited(1)) return false;
    name = reader.string();
    return true;
  });
  return name;
}

function readList(reader: Reader, depth: number): AttributeValue {
  const values: AttributeValue[] = [];
  readMessage(reader, (tag) => {
    if (tag !== delimited(1)) return false;
    values.push(readValue(reader, depth));
    return true;
  });
  return values;
}

function readMap(reader: Reader, depth: number): AttributeValue {
  const map: Attributes = {};
  readMessage(reader, (tag) => {
    if (tag !== delimited(1)) return false;
    readAttribute(reader, map, depth);
    return true;
  });
  return map;
}

function readInteger(reader: Reader): number | string {
  const value = reader.int64();
  if (typeof value === 'number') return value;
  const integer = (BigInt(value.high) << 32n) | BigInt(value.low >>> 0);
  const number = Number(integer);
  return Number.isSafeInteger(number) ? number : integer.toString();
}
