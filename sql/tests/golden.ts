import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openSqlHarness, type SqlHarness } from './harness.ts';
import { queryOf, withoutNoise } from './queries.ts';

const root = fileURLToPath(new URL('.', import.meta.url));
const cases = readdirSync(root, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map((entry) => entry.name)
  .sort();

/**
 * One folder a case: facts go in, the views' rows come out; see each `case.md`.
 *
 * @param half 0 or 1: every second case, so that two workers share them
 */
export function testGoldenCases(half: 0 | 1): void {
  let sql: SqlHarness;
  beforeAll(async () => {
    sql = await openSqlHarness();
  });
  afterAll(() => sql.close());

  const read = (file: string) => readFileSync(`${root}${file}`, 'utf8');

  describe.each(cases.filter((_, index) => index % 2 === half))('%s', (name) => {
    beforeAll(async () => {
      await sql.reset();
      const lines = read(`${name}/facts.ndjson`).split('\n');
      await sql.post(lines.filter((line) => line.trim() !== '').map((line) => JSON.parse(line) as object));
      await sql.refresh();
    });

    const queries = readdirSync(`${root}${name}`).filter((file) => file.endsWith('query.json'));
    test.each(queries)('%s', async (file) => {
      const { view, params } = JSON.parse(read(`${name}/${file}`)) as {
        view: string;
        params: Record<string, unknown>;
      };
      const expected = JSON.parse(read(`${name}/${file.replace('query.json', 'expected.json')}`)) as unknown;
      const { text, parameters } = queryOf(view, params);
      const rows = await sql.select(text, parameters);
      expect(withoutNoise(rows, expected)).toEqual(withoutNoise(expected, expected));
    });
  });
}
