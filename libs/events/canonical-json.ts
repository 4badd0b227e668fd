import { createHash } from 'node:crypto';

/** What JSON can hold. */
export type JsonValue =
  | string
  | number
  | boolean
  | null
  | readonly JsonValue[]
  | { readonly [name: string]: JsonValue | undefined };

/**
 * JSON in the one form of RFC 8785 (JCS): no white space, names sorted by UTF-16 code units, numbers as
 * ECMAScript writes them. Names whose value is `undefined` are left out.
 *
 * @throws TypeError for what has no such form: a number that is not finite, text with a lone surrogate.
 */
export function canonicalJson(value: JsonValue): string {
  if (typeof value === 'number' && !Number.isFinite(value)) throw new TypeError(`${value} has no JSON form`);
  if (typeof value === 'string' && !value.isWellFormed()) throw new TypeError('lone surrogate in text');
  if (value === null || typeof value !== 'object') return JSON.stringify(value);
  if (isList(value)) return `[${value.map(canonicalJson).join(',')}]`;
  const members: string[] = [];
  // The default order of sort() is that of UTF-16 code units, which is what the RFC asks for.
  for (const name of Object.keys(value).sort()) {
    const member = value[name];
    if (member !== undefined) members.push(`${canonicalJson(name)}:${canonicalJson(member)}`);
  }
  return `{${members.join(',')}}`;
}

/** SHA-256 of a text's UTF-8 bytes, lower-case hex. */
export function sha256Hex(text: string): string {
  return createHash('sha256').update(text, 'utf8').digest('hex');
}

// Array.isArray does not narrow readonly arrays out of a union.
function isList(value: object): value is readonly JsonValue[] {
  return Array.isArray(value);
}
