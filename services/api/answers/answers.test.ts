import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { writeCsv } from './csv.ts';
import { type Cursor, decodeCursor, encodeCursor, selectionSchema } from './cursor.ts';
import { entityTag, matchesEntityTag } from './entity-tag.ts';
import { negotiate } from './negotiation.ts';

const cursor: Cursor<object> = {
  list: 'deployments',
  asked: {
    services: ['a', 'ü'],
    team: '',
    place: { kind: 'tier', name: 'production' },
    from: 0,
    to: 900_000,
    tz: 'UTC',
  },
  after: ['2026-03-30T11:00:00.000Z', 'a', 'prod', 'd1'],
};

describe('a cursor', () => {
  test('comes back as it was written', () => {
    expect(decodeCursor(encodeCursor(cursor), 'deployments', selectionSchema)).toEqual(cursor);
  });

  test('is of one list only', () => {
    expect(decodeCursor(encodeCursor(cursor), 'incidents', selectionSchema)).toBeUndefined();
  });

  test('with any character changed is refused', () => {
    const text = encodeCursor(cursor);
    fc.assert(
      fc.property(fc.nat(text.length - 1), fc.constantFrom(...'Aa0.-_ '), (index, character) => {
        fc.pre(text[index] !== character);
        expect(
          decodeCursor(
            text.slice(0, index) + character + text.slice(index + 1),
            cursor.list,
            selectionSchema,
          ),
        ).toBeUndefined();
      }),
    );
  });

  test('that is nonsense is refused', () => {
    fc.assert(
      fc.property(fc.string(), (text) => decodeCursor(text, cursor.list, selectionSchema) === undefined),
    );
    expect(decodeCursor('', cursor.list, selectionSchema)).toBeUndefined();
  });
});

describe('negotiation', () => {
  test.each([
    [undefined, 'application/json'],
    ['', 'application/json'],
    ['*/*', 'application/json'],
    ['text/html,application/xhtml+xml,*/*;q=0.8', 'application/json'],
    ['text/csv', 'text/csv'],
    ['TEXT/CSV; header=present', 'text/csv'],
    ['text/*', 'text/csv'],
    ['application/json;q=0.5, text/csv', 'text/csv'],
    ['application/json, text/csv;q=0.9', 'application/json'],
    ['application/json;q=0, */*', 'text/csv'],
    ['application/json;q=0', undefined],
    ['application/vnd.apache.parquet', undefined],
    ['text/csv;q=none', undefined],
  ])('%s gives %s', (accept, expected) => {
    expect(negotiate(accept)).toBe(expected);
  });
});

describe('CSV', () => {
  test('quotes what must be quoted, leaves null empty, writes objects as JSON', () => {
    const row = { a: 'x,"y"\nz', b: null, c: true, d: 0.5, e: [{ f: 1 }], g: '=1+1', h: '' };
    expect(writeCsv(Object.keys(row), [row])).toBe(
      'a,b,c,d,e,g,h\n"x,""y""\nz",,true,0.5,"[{""f"":1}]",=1+1,\n',
    );
  });

  test('has a header line when there are no rows', () => {
    expect(writeCsv(['a', 'b'], [])).toBe('a,b\n');
  });

  test('writes false and 0', () => {
    expect(writeCsv(['a', 'b'], [{ a: false, b: 0 }])).toBe('a,b\nfalse,0\n');
  });
});

describe('an entity tag', () => {
  const tag = entityTag('body');

  test('is the same for the same bytes only', () => {
    expect(entityTag('body')).toBe(tag);
    expect(entityTag('body ')).not.toBe(tag);
    expect(tag).toMatch(/^"[\w-]+"$/);
  });

  test.each([
    [undefined, false],
    [tag, true],
    [`W/${tag}`, true],
    [`"other", ${tag}`, true],
    ['*', true],
    ['"other"', false],
    [tag.replaceAll('"', ''), false],
  ])('If-None-Match %s', (header, expected) => {
    expect(matchesEntityTag(header, tag)).toBe(expected);
  });
});
