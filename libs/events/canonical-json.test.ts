import fc from 'fast-check';
import { expect, test } from 'vitest';
import { canonicalJson, type JsonValue, sha256Hex } from './canonical-json.ts';

test('writes the example of RFC 8785 section 3.2.4 as the RFC does', () => {
  const input: JsonValue = JSON.parse(
    String.raw`{"numbers":[333333333.33333329,1E30,4.50,2e-3,0.000000000000000000000000001],"string":"€$\u000F\u000aA'\u0042\u0022\u005c\\\"\/","literals":[null,true,false]}`,
  );
  expect(canonicalJson(input)).toBe(
    String.raw`{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],"string":"€$\u000f\nA'B\"\\\\\"/"}`,
  );
});

test('sorts names by UTF-16 code units, as in RFC 8785 section 3.2.3', () => {
  const input = { '€': 1, '\r': 2, '\ufb33': 3, '1': 4, '😀': 5, '\u0080': 6, ö: 7 };
  expect(canonicalJson(input)).toBe('{"\\r":2,"1":4,"\u0080":6,"ö":7,"€":1,"😀":5,"\ufb33":3}');
});

test('does not depend on the order of names', () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (value) => {
      const reversed = Object.fromEntries(Object.entries(value).reverse());
      expect(canonicalJson(reversed as JsonValue)).toBe(canonicalJson(value as JsonValue));
    }),
  );
});

test('says the same as the value it was made of', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      expect(JSON.parse(canonicalJson(value as JsonValue))).toEqual(JSON.parse(JSON.stringify(value)));
    }),
  );
});

test('refuses what JSON cannot say', () => {
  expect(() => canonicalJson(Number.NaN)).toThrow(TypeError);
  expect(() => canonicalJson({ a: [Number.POSITIVE_INFINITY] })).toThrow(TypeError);
  expect(() => canonicalJson('\ud800')).toThrow(TypeError);
});

test('hashes UTF-8 bytes', () => {
  expect(sha256Hex('{"a":"ö"}')).toBe('0c012ddd20b0a67114dcf3b03080ac1c51e5b0b4c96c4bb42033c7e444d2fe2c');
});
