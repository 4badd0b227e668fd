import { expect, test } from 'vitest';
import { type ProcessOptions, process, type RawMessage } from './process.ts';

const receivedAt = new Date('2026-03-01T12:00:00.000Z');
const drill = (id: string, over: Record<string, unknown> = {}) => ({
  kind: 'drill',
  occurred_at: '2026-03-01T10:00:00Z',
  drill_id: id,
  service: 'checkout',
  environment: 'prod',
  outcome: 'succeeded',
  ...over,
});

function run(
  body: string | Uint8Array,
  encoding: RawMessage['encoding'],
  options: Partial<ProcessOptions> = {},
) {
  const bytes = typeof body === 'string' ? new TextEncoder().encode(body) : body;
  const processed = process(
    { source: 'facts', encoding, body: bytes, place: 'http:/v1/facts', receivedAt },
    { mapping: {}, ...options },
  );
  return {
    ids: processed.facts.map(({ fact }) => (fact.kind === 'drill' ? fact.drill_id : fact.kind)),
    rejected: processed.rejected.map(({ line, code, field }) => ({ line, code, field })),
    payloads: processed.rejected.map(({ payload }) => payload),
    errors: processed.rejected.map(({ errors }) => errors ?? []),
  };
}

test('good lines are kept, bad ones named by line and field', () => {
  const body = [
    JSON.stringify(drill('1')),
    '',
    '{"kind":',
    JSON.stringify(drill('3', { outcome: 'maybe', colour: 'red' })),
    `${JSON.stringify(drill('4'))}\r`,
  ].join('\n');
  const { ids, rejected, errors } = run(body, 'ndjson');
  expect(ids).toEqual(['1', '4']);
  expect(rejected.map(({ line, code }) => ({ line, code }))).toEqual([
    { line: 3, code: 'not_json' },
    { line: 4, code: 'invalid_fact' },
  ]);
  expect(errors[1]?.map(({ field }) => field).sort()).toEqual(['colour', 'outcome']);
});

test.each([
  ['an array', JSON.stringify([drill('1'), drill('2')]), ['1', '2']],
  ['one object', JSON.stringify(drill('1'), null, 2), ['1']],
])('JSON may be %s', (_name, body, expected) => {
  expect(run(body, 'json')).toMatchObject({ ids: expected, rejected: [] });
});

test('a body that is no JSON at all is rejected whole', () => {
  const { rejected, payloads } = run('[{"kind": "drill"', 'json');
  expect(rejected).toEqual([{ line: undefined, code: 'not_json', field: '' }]);
  expect(payloads).toEqual(['[{"kind": "drill"']);
});

test('a line that is not UTF-8 is kept as base64, the others are read', () => {
  const good = new TextEncoder().encode(`${JSON.stringify(drill('1'))}\n`);
  const { ids, rejected, payloads } = run(Buffer.concat([Buffer.from([0x7b, 0xff, 0x0a]), good]), 'ndjson');
  expect(ids).toEqual(['1']);
  expect(rejected).toEqual([{ line: 1, code: 'not_utf8', field: '' }]);
  expect(payloads).toEqual(['base64:e/8=']);
});

test('a line longer than a fact can be is rejected without being read', () => {
  const long = JSON.stringify(drill('1', { url: 'x'.repeat(200) }));
  expect(run(`${long}\n${JSON.stringify(drill('2'))}`, 'ndjson', { maxLineBytes: 200 })).toMatchObject({
    ids: ['2'],
    rejected: [{ line: 1, code: 'line_too_long' }],
  });
  expect(run(`[${long}]`, 'json', { maxLineBytes: 200 })).toMatchObject({
    rejected: [{ line: 1, code: 'line_too_long' }],
  });
});

test('lines beyond the most are kept together, unread', () => {
  const lines = ['1', '2', '3'].map((id) => JSON.stringify(drill(id)));
  const { ids, rejected, payloads } = run(lines.join('\n'), 'ndjson', { maxLines: 1 });
  expect(ids).toEqual(['1']);
  expect(rejected).toEqual([{ line: 2, code: 'too_many_lines', field: '' }]);
  expect(payloads).toEqual([lines.slice(1).join('\n')]);
});

test.each(['null', '7', '"x"', '[]', '{}', '{"__proto__":{"kind":"drill"}}'])('%s is no fact', (line) => {
  expect(run(line, 'ndjson')).toMatchObject({ ids: [], rejected: [{ code: 'invalid_fact' }] });
});

test('deep nesting is rejected, not a crash', () => {
  const deep = `{"kind":"drill","attributes":${'['.repeat(50_000)}${']'.repeat(50_000)}}`;
  expect(run(deep, 'ndjson')).toMatchObject({ ids: [], rejected: [{ code: 'invalid_fact' }] });
});
