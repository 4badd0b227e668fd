import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Embedded, openEmbedded } from '@evenkeel/embedded';
import { selectRows, splitStatements } from '@evenkeel/store';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { groupRelations } from './groups.ts';
import { readHeaderComments } from './header-comments.ts';
import { describeSchema } from './relations.ts';

let path: string;
let embedded: Embedded;
beforeAll(async () => {
  path = await mkdtemp(join(tmpdir(), 'dictionary-'));
  embedded = openEmbedded({ path, database: 'evenkeel' });
});
afterAll(async () => {
  await embedded.close();
  await rm(path, { recursive: true });
});

const documented = `
-- About the file: nothing of this is about the table.

create table parcels
(
  id String comment 'the parcel',
  weight UInt32 comment 'weight in grams'
)
engine = MergeTree order by id comment 'One row a parcel';

-- heavy: parcels above a weight,
-- the heaviest last.
-- Parameters:
--   above UInt32: weight in grams
--   since, until DateTime64(3, 'UTC'): the range
-- Columns:
--   id: the parcel
--   grams: its weight, grams
create view heavy as
select id, weight as grams from parcels
where weight > {above:UInt32} and now() >= {since:DateTime64(3, 'UTC')} and now() < {until:DateTime64(3, 'UTC')};

-- heavier: the heavier of two.
-- Parameters:
--   one: a weight
--   other: a weight
create function heavier as (one, other) -> greatest(one, other);

create materialized view keep_parcels to parcels comment 'Keeps nothing' as select id, weight from parcels where weight > 10;
`;

/** What is found wrong with a schema; it is dropped again. */
async function problemsOf(sql: string): Promise<readonly string[]> {
  const client = embedded.client();
  for (const query of splitStatements(sql)) await client.command({ query });
  const { problems } = await describeSchema((query) => selectRows(client, query), readHeaderComments(sql));
  for (const what of ['view keep_parcels', 'view heavy', 'table parcels', 'function heavier']) {
    await client.command({ query: `drop ${what}` });
  }
  return problems;
}

test('finds nothing where everything is documented', async () => {
  expect(await problemsOf(documented)).toEqual([]);
});

test.each([
  ["weight UInt32 comment 'weight in grams'", 'weight UInt32', 'table parcels: column weight has no comment'],
  ["comment 'One row a parcel'", '', 'table parcels has no comment'],
  ["comment 'Keeps nothing'", '', 'materialized view keep_parcels has no comment'],
  ['--   grams: its weight, grams\n', '', 'view heavy: column grams has no comment'],
  [
    '--   grams: its weight, grams',
    '--   grams: its weight, grams\n--   colour: its colour',
    'view heavy: the comment tells of column colour, which the view does not have',
  ],
  ['--   above UInt32: weight in grams\n', '', 'view heavy: parameter above has no comment'],
  ['above UInt32:', 'above UInt64:', 'view heavy: parameter above is UInt32, its comment says UInt64'],
  ['-- heavy: parcels above', '-- weighty: parcels above', 'heavy: the comment above it speaks of weighty'],
  ['--   other: a weight\n', '', 'function heavier: parameter other has no comment'],
])('finds what "%s" made "%s" leaves out', async (text, instead, problem) => {
  const sql = documented.replace(text, instead);
  expect(sql).not.toBe(documented);
  expect(await problemsOf(sql)).toContain(problem);
});

test('joins the lines of a comment and knows several parameters of one type', () => {
  const heavy = readHeaderComments(documented).find(({ name }) => name === 'heavy');
  expect(heavy?.comment?.text).toBe('parcels above a weight, the heaviest last.');
  expect(heavy?.comment?.parameters).toEqual([
    { name: 'above', type: 'UInt32', text: 'weight in grams' },
    { name: 'since', type: "DateTime64(3, 'UTC')", text: 'the range' },
    { name: 'until', type: "DateTime64(3, 'UTC')", text: 'the range' },
  ]);
});

test('wants a chapter for everything, and nothing that is gone', () => {
  const relation = {
    name: 'parcels',
    kind: 'table',
    text: '',
    parameters: [],
    columns: [],
    writesTo: '',
  } as const;
  const { problems } = groupRelations([relation]);
  expect(problems).toContain('parcels is in no chapter: name it in tools/docs/data-dictionary/groups.ts');
  expect(problems).toContain('tools/docs/data-dictionary names dora_summary, which the schema does not have');
});
