import { afterAll, beforeAll, expect, test } from 'vitest';
import { StoreUnavailable } from './clickhouse-errors.ts';
import { createServerClient } from './server-client.ts';
import { openTestDatabase } from './test-database.ts';
import { ViewDefinitions } from './view-definitions.ts';
import { queryView } from './views.ts';

const database = openTestDatabase();
const instant = new Date('2026-03-01T10:00:00.123Z');

beforeAll(async () => {
  await database.client.command({ query: 'create database seen' });
  await database.client.command({ query: 'use seen' });
  await database.client.command({
    query: `create view numbered as
      select toString(number) as id, {since:DateTime64(3, 'UTC')} as at, {team:String} as team,
        {services:Array(String)} as services, toUInt64(number) as n, cast(nan as Float64) as undefined
      from numbers(5)`,
  });
});
afterAll(() => database.close());

const create = (query: string) => database.client.command({ query: `create or replace view ${query}` });

test('parameters are bound as they are, whatever they hold', async () => {
  const team = 'it\'s \\ "quoted"\n\t{x:String} --';
  const services = ["a'b", 'c,d', '', '\\'];
  const [row] = await queryView(
    database.client,
    'numbered',
    { since: instant, team, services },
    { limit: 1 },
  );
  expect(row).toEqual({ id: '0', at: '2026-03-01T10:00:00.123Z', team, services, n: 0, undefined: null });
});

test('a page begins after the given place', async () => {
  const rows = await queryView<{ id: string }>(
    database.client,
    'numbered',
    { since: instant, team: '', services: [] },
    {
      orderBy: ['at', 'id'],
      after: [
        { column: 'at', type: "DateTime64(3, 'UTC')", value: instant },
        { column: 'id', type: 'String', value: '1' },
      ],
      limit: 2,
    },
  );
  expect(rows.map((row) => row.id)).toEqual(['2', '3']);
});

test('columns can be asked to equal a value', async () => {
  const rows = await queryView<{ id: string }>(
    database.client,
    'numbered',
    { since: instant, team: '', services: [] },
    { where: [{ column: 'id', type: 'String', value: '4' }] },
  );
  expect(rows.map((row) => row.id)).toEqual(['4']);
});

test('a column can be asked to hold one of several values', async () => {
  const rows = await queryView<{ id: string }>(
    database.client,
    'numbered',
    { since: instant, team: '', services: [] },
    { among: { column: 'id', values: ["1'", '3', '2'] }, orderBy: ['id'] },
  );
  expect(rows.map((row) => row.id)).toEqual(['2', '3']);
});

test('a name that is no identifier never reaches ClickHouse', async () => {
  await expect(queryView(database.client, 'numbered; drop', {})).rejects.toThrow('no plain identifier');
  await expect(queryView(database.client, 'numbered', {}, { orderBy: ['id desc'] })).rejects.toThrow(
    'no plain identifier',
  );
});

test('a wrong query is told apart from a store that is away', async () => {
  const wrong: unknown = await queryView(database.client, 'missing', {}).catch((error: unknown) => error);
  expect(wrong).not.toBeInstanceOf(StoreUnavailable);
  const client = createServerClient({ url: 'http://127.0.0.1:1', user: 'u', password: 'p', database: 'd' });
  await expect(queryView(client, 'numbered', {})).rejects.toBeInstanceOf(StoreUnavailable);
  await client.close();
});

test('the text of a view answers as the view does, with views inside it, and follows a migration', async () => {
  await create(`outer_view as
    select listed.id as id, (listed.team) as team, other.n as n
    from numbered(since = {since:DateTime64(3, 'UTC')}, team = 'it''s (, one', services = [{team:String}, ')']) as listed
    join numbered(since = now64(3, 'UTC'), team = {team:String}, services = []) as other on other.id = listed.id`);
  const definitions = new ViewDefinitions(database.client);
  const parameters = { since: instant, team: "that's\\" };
  const page = { orderBy: ['id'] };
  const asked = () => queryView<object>(database.client, 'outer_view', parameters, page, definitions);
  expect(await definitions.textOf('outer_view')).not.toContain('numbered(');
  expect(await asked()).toEqual(await queryView(database.client, 'outer_view', parameters, page));
  expect(await asked()).toHaveLength(5);
  expect(await definitions.textOf('missing')).toBeUndefined();

  await database.client.command({ query: 'create table kept (id String) engine = Memory' });
  await create('outer_view as select id from kept where id = {team:String}');
  definitions.forget();
  expect(await asked()).toEqual([]);
  await database.client.command({ query: 'drop table kept' });
  await create(`outer_view as select {team:String} as id, {since:DateTime64(3, 'UTC')} as at`);
  expect(await asked()).toEqual([{ id: parameters.team, at: '2026-03-01T10:00:00.123Z' }]);
});
