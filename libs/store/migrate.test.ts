import { mkdir, mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, expect, test } from 'vitest';
import { migrate } from './migrate.ts';
import { withMigrationLock } from './migration-lock.ts';
import { openTestDatabase } from './test-database.ts';

const database = openTestDatabase();
afterAll(() => database.close());

let directory: string;
let name: string;
let count = 0;

beforeEach(async () => {
  directory = join(await mkdtemp(join(tmpdir(), 'evenkeel-migrations-')), 'migrations');
  await mkdir(directory);
  count += 1;
  name = `migrated_${count}`;
});

const put = (file: string, sql: string) => writeFile(join(directory, file), sql);
const options = () => ({ directory, database: name });
const tables = async () =>
  (
    await database.rows<{ name: string }>(
      `select name from system.tables where database = '${name}'
       and name not like 'migration_lock%' and name != 'schema_migrations' order by name`,
    )
  ).map((row) => row.name);

test('files are applied in the order of their numbers, once', async () => {
  await put('0002_b.sql', 'insert into a select 2;');
  await put(
    '0001_a.sql',
    "create table a (n UInt8 comment 'a; b') engine = MergeTree order by n; insert into a values (1);",
  );
  const progress: string[] = [];
  const report = (at: { file: string; statement: number; of: number }) =>
    progress.push(`${at.file} ${at.statement}/${at.of}`);
  expect(await migrate(database.client, { ...options(), onProgress: report })).toEqual({
    applied: ['0001_a', '0002_b'],
  });
  expect(progress).toEqual(['0001_a 1/2', '0001_a 2/2', '0002_b 1/1']);
  expect(await migrate(database.client, options())).toEqual({ applied: [] });
  expect(await database.rows(`select n from ${name}.a order by n`)).toEqual([{ n: 1 }, { n: 2 }]);
});

test('a failing statement is named, and a corrected file goes on behind what was done', async () => {
  await put(
    '0001_a.sql',
    'create table a (n UInt8) engine = MergeTree order by n;\n-- next\nselect nonsense from a;',
  );
  const failed = migrate(database.client, options());
  await expect(failed).rejects.toMatchObject({
    code: 'migration_failed',
    exitCode: 70,
    file: '0001_a',
    statement: 2,
    message: expect.stringContaining('select nonsense from a'),
  });
  await put('0001_a.sql', 'create table a (n UInt8) engine = MergeTree order by n;\ncreate table b as a;');
  expect(await migrate(database.client, options())).toEqual({ applied: ['0001_a'] });
  expect(await tables()).toEqual(['a', 'b']);
});

test('a file that was applied and then changed is refused, also when only half of it was applied', async () => {
  await put('0001_a.sql', 'create table a (n UInt8) engine = MergeTree order by n; select nonsense;');
  await expect(migrate(database.client, options())).rejects.toMatchObject({ code: 'migration_failed' });
  await put('0001_a.sql', 'create table a (n UInt16) engine = MergeTree order by n;');
  await expect(migrate(database.client, options())).rejects.toMatchObject({
    code: 'migration_changed',
    statement: 1,
  });
  await put('0001_a.sql', 'create table a (n UInt8) engine = MergeTree order by n;');
  await migrate(database.client, options());
  await put('0001_a.sql', 'create table a (n UInt8) engine = MergeTree order by n; ');
  await expect(migrate(database.client, options())).rejects.toMatchObject({
    code: 'migration_changed',
    statement: 0,
  });
});

test('a crash between a statement and its record is taken up again', async () => {
  const sql = 'create table a (n UInt8) engine = MergeTree order by n; create table b as a;';
  await put('0001_a.sql', sql);
  await migrate(database.client, options());
  // What a kill right after the first statement leaves behind.
  await database.client.command({
    query: `delete from ${name}.schema_migrations where statement != 1 or state = 'done'`,
  });
  await database.client.command({ query: `drop table ${name}.b` });
  expect(await migrate(database.client, { ...options(), alone: true })).toEqual({ applied: ['0001_a'] });
  expect(await tables()).toEqual(['a', 'b']);
});

test('what only servers can do is applied last, when asked for', async () => {
  const serverOnlyDirectory = join(directory, '..', 'server-only');
  await mkdir(serverOnlyDirectory);
  await put('0001_a.sql', 'create table a (n UInt8) engine = MergeTree order by n');
  await writeFile(join(serverOnlyDirectory, '0001_b.sql'), 'create table b as a');
  expect(await migrate(database.client, options())).toEqual({ applied: ['0001_a'] });
  expect(await migrate(database.client, { ...options(), serverOnlyDirectory })).toEqual({
    applied: ['server-only/0001_b'],
  });
});

test('several that start at once apply each statement once', async () => {
  await put('0001_a.sql', 'create table a (n UInt8) engine = MergeTree order by n');
  await put('0002_b.sql', 'insert into a values (1)');
  await put('0003_c.sql', 'insert into a values (2)');
  const results = await Promise.all([1, 2, 3, 4].map(() => migrate(database.connect(), options())));
  expect(results.map(({ applied }) => applied.length).sort()).toEqual([0, 0, 0, 3]);
  expect(await database.rows(`select n from ${name}.a order by n`)).toEqual([{ n: 1 }, { n: 2 }]);
});

test('a dead holder is taken over, and finds out when it was only slow', async () => {
  await migrate(database.client, options());
  const [slow, next] = [database.connect(), database.connect()];
  for (const client of [slow, next]) await client.command({ query: `use ${name}` });
  const order: string[] = [];
  await withMigrationLock(slow, { staleMs: 60_000 }, async (lock) => {
    await lock.assertHeld();
    await withMigrationLock(next, { alone: true }, async (taken) => {
      await taken.assertHeld();
      order.push('taken over');
    });
    await expect(lock.assertHeld()).rejects.toThrow('taken the migration lock over');
  });
  expect(order).toEqual(['taken over']);
});

test('a lock that is held is waited for, and its holder named', async () => {
  await migrate(database.client, options());
  const [first, second] = [database.connect(), database.connect()];
  for (const client of [first, second]) await client.command({ query: `use ${name}` });
  const order: string[] = [];
  let waiting: Promise<void> | undefined;
  await withMigrationLock(first, {}, async () => {
    await new Promise<void>((resolve) => {
      const onWaiting = (holder: string) => {
        order.push(holder.startsWith(`${process.pid}-`) ? 'waiting' : holder);
        resolve();
      };
      waiting = withMigrationLock(second, { onWaiting }, async () => void order.push('second'));
    });
    order.push('first');
  });
  await waiting;
  expect(order).toEqual(['waiting', 'first', 'second']);
});

test('a file that is not numbered is named', async () => {
  await put('schema.sql', 'select 1');
  await expect(migrate(database.client, options())).rejects.toThrow('schema.sql is not called NNNN_name.sql');
});
