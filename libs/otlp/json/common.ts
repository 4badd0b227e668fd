import type { Attributes, AttributeValue } from '../items.ts';
import { MAX_VALUE_DEPTH, Malformed } from '../malformed.ts';
import { asObject, boolOf, double, type JsonObject, listOf, objectsOf, signed64, textOf } from './members.ts';

/** Reads the list of KeyValue `name`. */
export function attributesOf(parent: JsonObject, name: string, path: string, depth = 0): Attributes {
  const attributes: Attributes = {};
  for (const [index, pair] of objectsOf(parent, name, `${path}.`).entries()) {
    const place = `${path}.${name}[${index}]`;
    const key = textOf(pair, 'key', place);
    const value = anyValue(pair['value'], `${place}.value`, depth);
    // Assigning this name would set the prototype.
    if (key !== '__proto__') attributes[key] = value;
  }
  return attributes;
}

/** Reads an AnyValue. */
export function anyValue(any: unknown, path: string, depth = 0): AttributeValue {
  if (depth > MAX_VALUE_DEPTH) throw new Malformed(`${path} is nested deeper than ${MAX_VALUE_DEPTH} levels`);
  const value = asObject(any, path);
  if (given(value, 'stringValue')) return textOf(value, 'stringValue', path);
  if (given(value, 'boolValue')) return boolOf(value, 'boolValue', path);
  if (given(value, 'intValue')) return signed64(value['intValue'], `${path}.intValue`);
  if (given(value, 'doubleValue')) return double(value['doubleValue'], `${path}.doubleValue`);
  if (given(value, 'bytesValue')) return textOf(value, 'bytesValue', path);
  if (given(value, 'arrayValue')) {
    const list = asObject(value['arrayValue'], `${path}.arrayValue`);
    return listOf(list['values'], `${path}.arrayValue.values`).map((item, index) =>
      anyValue(item, `${path}.arrayValue.values[${index}]`, depth + 1),
    );
  }
  if (given(value, 'kvlistValue')) {
    const map = asObject(value['kvlistValue'], `${path}.kvlistValue`);
    return attributesOf(map, 'values', `${path}.kvlistValue`, depth + 1);
  }
  return null;
}

function given(value: JsonObject, name: string): boolean {
  return value[name] !== undefined && value[name] !== null;
}
