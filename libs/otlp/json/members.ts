import { Malformed } from '../malformed.ts';

/** A JSON object; the mapping of protobuf to JSON takes null as an absent member. */
export type JsonObject = Readonly<Record<string, unknown>>;

/** Text of an unsigned 64-bit integer, or a JSON number that is one. */
const UNSIGNED = /^\d{1,20}$/;
const SIGNED = /^-?\d{1,19}$/;
const HEX = /^(?:[0-9a-fA-F]{2})*$/;

/** The object at `path`; absent is empty. */
export function asObject(value: unknown, path: string): JsonObject {
  if (value === undefined || value === null) return {};
  if (typeof value !== 'object' || Array.isArray(value)) throw new Malformed(`${path} is not an object`);
  return value as JsonObject;
}

/** The objects of the list `name`; absent is empty. */
export function objectsOf(parent: JsonObject, name: string, path: string): JsonObject[] {
  return listOf(parent[name], `${path}${name}`).map((value, index) =>
    asObject(value, `${path}${name}[${index}]`),
  );
}

/** The list at `path`; absent is empty. */
export function listOf(value: unknown, path: string): readonly unknown[] {
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value)) throw new Malformed(`${path} is not a list`);
  return value;
}

/** The text `name`; absent is empty. */
export function textOf(parent: JsonObject, name: string, path: string): string {
  const value = parent[name];
  if (value === undefined || value === null) return '';
  if (typeof value !== 'string') throw new Malformed(`${path}.${name} is not text`);
  return value;
}

/** The bool `name`; absent is false. */
export function boolOf(parent: JsonObject, name: string, path: string): boolean {
  const value = parent[name];
  if (value === undefined || value === null) return false;
  if (typeof value !== 'boolean') throw new Malformed(`${path}.${name} is not true or false`);
  return value;
}

/** The id `name` in lower-case hex (OTLP's exception from base64); absent is empty. */
export function hexOf(parent: JsonObject, name: string, path: string): string {
  const value = textOf(parent, name, path);
  if (!HEX.test(value)) throw new Malformed(`${path}.${name} is not hexadecimal`);
  return value.toLowerCase();
}

/** The time `name`, a fixed64 that is text or a number; absent is 0. */
export function unsigned64Of(parent: JsonObject, name: string, path: string): bigint {
  const value = parent[name];
  if (value === undefined || value === null) return 0n;
  const text = typeof value === 'number' && Number.isInteger(value) ? BigInt(value).toString() : value;
  if (typeof text !== 'string' || !UNSIGNED.test(text) || BigInt(text) >= 1n << 64n) {
    throw new Malformed(`${path}.${name} is not an unsigned 64-bit integer`);
  }
  return BigInt(text);
}

/** A signed 64-bit integer that is text or a number; beyond 2^53 it stays text. */
export function signed64(value: unknown, path: string): number | string {
  if (typeof value === 'number' && Number.isInteger(value)) return value;
  if (
    typeof value !== 'string' ||
    !SIGNED.test(value) ||
    BigInt.asIntN(64, BigInt(value)) !== BigInt(value)
  ) {
    throw new Malformed(`${path} is not a 64-bit integer`);
  }
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : BigInt(value).toString();
}

/** A double: a number, or text where JSON has no number for it. */
export function double(value: unknown, path: string): number {
  if (typeof value === 'number') return value;
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : undefined;
  if (number === undefined || (Number.isNaN(number) && value !== 'NaN')) {
    throw new Malformed(`${path} is not a number`);
  }
  return number;
}

/** The enum `name`, a number or `<prefix><NAME>`; what is unknown or absent is the first. */
export function enumOf<Name extends string>(
  parent: JsonObject,
  name: string,
  prefix: string,
  names: readonly [Name, ...Name[]] | readonly Name[],
): Name {
  const value = parent[name];
  const found =
    typeof value === 'number'
      ? names[value]
      : names.find(
          (candidate) =>
            `${prefix}${candidate.toUpperCase()}` === value || String(names.indexOf(candidate)) === value,
        );
  return found ?? (names[0] as Name);
}
