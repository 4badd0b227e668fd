import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ClickHouseLogLevel, createClient } from '@clickhouse/client';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type ClickHouseHttp, createClickHouseHttp, type Embedded, openEmbedded } from '../index.ts';

const SECRET = 'a-secret-in-a-file';

describe('the read-only HTTP interface', () => {
  let directory: string;
  let secret: string;
  let embedded: Embedded;
  let http: ClickHouseHttp;
  let url: string;

  beforeAll(async () => {
    directory = mkdtempSync(join(tmpdir(), 'evenkeel-read-only-'));
    secret = join(directory, 'secret.txt');
    writeFileSync(secret, SECRET);
    embedded = openEmbedded({
      path: join(directory, 'data'),
      analystLimits: { maxExecutionSeconds: 2, maxMemoryBytes: 200_000_000, maxResultRows: 1_000 },
    });
    const owner = embedded.client();
    for (const query of [
      'create database evenkeel',
      'create table evenkeel.facts (n UInt32, s String) engine = MergeTree order by n',
      `insert into evenkeel.facts values (1, 'a'), (2, 'b')`,
      'create view evenkeel.chosen as select * from evenkeel.facts where n = {n:UInt32} settings max_threads = 1',
    ]) {
      await owner.command({ query });
    }
    http = createClickHouseHttp({ embedded, readonly: true });
    ({ url } = await http.listen({ port: 0 }));
  });
  afterAll(async () => {
    await http.close();
    await embedded.close();
    rmSync(directory, { recursive: true });
  });

  const ask = async (body: string, query = '') => {
    const answer = await fetch(`${url}/?${query}`, { method: 'POST', body });
    return {
      code: Number(answer.headers.get('x-clickhouse-exception-code') ?? 0),
      text: await answer.text(),
    };
  };

  test('answers an analyst', async () => {
    const client = createClient({ url, database: 'evenkeel', log: { level: ClickHouseLogLevel.OFF } });
    const result = await client.query({
      query: 'select * from chosen(n = {n:UInt32})',
      query_params: { n: 2 },
      clickhouse_settings: { max_threads: 2 },
      format: 'JSONEachRow',
    });
    expect(await result.json()).toEqual([{ n: 2, s: 'b' }]);
    expect(
      await ask('with 1 as a select a, count() from evenkeel.facts group by a settings max_threads = 1'),
    ).toEqual({ code: 0, text: '1\t2\n' });
    for (const sql of [
      'show tables from evenkeel',
      'describe evenkeel.facts',
      'explain select 1',
      'exists evenkeel.facts',
      'select * from numbers(3)',
      'select name from system.columns limit 1',
    ]) {
      expect([sql, (await ask(sql)).code]).toEqual([sql, 0]);
    }
    expect(
      await ask(
        `select {s:String} as s`,
        `param_s=${encodeURIComponent('any file, null( or values( as a value')}`,
      ),
    ).toMatchObject({ code: 0 });
    await client.close();
  });

  test.each([
    `insert into evenkeel.facts values (3, 'c')`,
    'insert into evenkeel.facts select * from evenkeel.facts',
    'create table evenkeel.more (n Int8) engine = Memory',
    'create temporary table more (n Int8)',
    'drop table evenkeel.facts',
    'truncate table evenkeel.facts',
    'alter table evenkeel.facts delete where 1',
    'optimize table evenkeel.facts',
    'system flush logs',
    'kill query where 1',
    'set readonly = 0',
    `set profile = 'default'`,
    'use system',
    'grant select on *.* to default',
    'execute as default select 1',
    'create function f as x -> x',
    `backup database evenkeel to File('x')`,
    `select 1 into outfile 'OUT'`,
    `show tables into outfile 'OUT'`,
    `explain select 1 into outfile 'OUT' truncate`,
  ])('refuses %s', async (sql) => {
    const out = join(directory, 'out.txt');
    expect((await ask(sql.replaceAll('OUT', out))).code).toBe(164);
    expect((await ask(sql.replaceAll('OUT', out), 'readonly=0')).code).toBe(164);
    expect(existsSync(out)).toBe(false);
    expect((await ask('select count() from evenkeel.facts')).text).toBe('2\n');
  });

  test('refuses two statements, broken ones and none', async () => {
    for (const sql of [
      'select 1; drop table evenkeel.facts',
      "select 1 into outfile 'x'; nonsense(",
      'selec 1 from',
      '',
      '-- nothing',
    ]) {
      expect([sql, (await ask(sql)).code]).toEqual([sql, 62]);
    }
    expect((await ask('select 1 +')).text).toMatch(/Syntax error.*failed at position/);
  });

  test.each([
    `select 'any file' as a`,
    `select count() from system.one where '' != 'file' and 'it''s a file' != 'x'`,
  ])('takes the word file in a plain text: %s', async (sql) => {
    expect((await ask(sql)).code).toBe(0);
  });

  test.each([
    `select 'a' || file('PATH') || 'b'`,
    `select 'a'''||file('PATH')||''''`,
    `select '\\'' || file('PATH') || ''`,
    `select 1 -- '\n || file('PATH') -- '`,
    `select 1 /* ' */ || file('PATH') /* ' */`,
    `select 1 # '\n || file('PATH') # '`,
    `select $$ ' $$ || file('PATH') || $$ ' $$`,
    `select "'" || file('PATH') || "'" from (select 1 as "'")`,
    `select \`'\` || file('PATH') || \`'\` from (select 1 as \`'\`)`,
    `select \u2018'\u2019 || file('PATH') || \u2018'\u2019`,
    `select \u201c'\u201d || file('PATH') || \u201c'\u201d from (select 1 as "'")`,
  ])('does not take a call for a text: %s', async (sql) => {
    const answer = await ask(sql.replaceAll('PATH', secret));
    expect(answer.code).not.toBe(0);
    expect(answer.text).not.toContain(SECRET);
  });

  const readings = (path: string) => [
    `select * from file('${path}', 'LineAsString')`,
    `select file('${path}')`,
    `select \`file\`/* */('${path}')`,
    `select \`f\\x69le\`('${path}')`,
    `select \`fi\\Nle\`('${path}')`,
    `select "file"('${path}')`,
    `select arrayMap(file, ['${path}'])`,
    `select * apply file from (select '${path}' as p)`,
    `select columns('p') apply(x -> file(x)) from (select '${path}' as p)`,
    `select b from values('a UInt8, b String alias file(\\'${path}\\')', 1)`,
    `select b from values(concat('a UInt8, b String alias fi', 'le(\\'${path}\\')'), 1)`,
    `select b from values -- gap\n (concat('a UInt8, b String alias fi', 'le(\\'${path}\\')'), 1)`,
    `select b from \`val\\x75es\`(concat('a UInt8, b String alias fi', 'le(\\'${path}\\')'), 1)`,
    `select * from format(JSONEachRow, concat('a UInt8, b String default fi', 'le(\\'${path}\\')'), '{"a":1}')`,
    `select * from generateRandom(concat('a String default fi', 'le(\\'${path}\\')')) limit 1`,
    `select * from (select * from null(concat('a String alias fi', 'le(\\'${path}\\')')))`,
    `select * from viewIfPermitted(select 1 as a else null(concat('a UInt8 alias length(fi', 'le(\\'${path}\\'))')))`,
    `select * from eval(concat('select fi', 'le(\\'${path}\\')')) settings allow_experimental_eval_table_function = 1`,
    `select 1 as a format Template settings format_template_row = '${path}'`,
    `select 1 as a format Protobuf settings format_schema = '${path}:Message'`,
    `describe table file('${path}')`,
    `select * from filesystem('${path}')`,
    `select * from executable('${path}', 'TSV', 'a String')`,
    `select * from sqlite('${path}', 't')`,
    `select * from icebergLocal('${path}')`,
    `explain analyze select file('${path}')`,
  ];

  test.each(readings('PATH').map((sql) => [sql]))('does not read a file by %s', async (sql) => {
    const answer = await ask(sql.replaceAll('PATH', secret));
    expect(answer.code).not.toBe(0);
    expect(answer.text).not.toContain(SECRET);
  });

  test('does not read a file by an identifier that is bound', async () => {
    const answer = await ask(`select arrayMap({f:Identifier}, ['${secret}'])`, 'param_f=file');
    expect(answer.code).toBe(497);
  });

  test.each([
    `url('http://127.0.0.1:1/', 'LineAsString')`,
    `remote('127.0.0.1', system.one)`,
    `s3('http://127.0.0.1:1/bucket/key', 'CSV', 'a String')`,
    `mysql('127.0.0.1:1', 'd', 't', 'u', 'p')`,
    `cluster('default', system.one)`,
  ])('does not reach the network by %s', async (source) => {
    expect((await ask(`select * from ${source}`)).code).toBe(497);
  });

  test('limits time, memory and rows, and lets nobody lift that', async () => {
    expect((await ask('select * from numbers(1001)')).code).toBe(396);
    expect((await ask('select groupArray(number) from numbers(100000000)')).code).toBe(241);
    expect((await ask('select sum(sipHash64(number)) from numbers(1000000000000)')).code).toBe(159);
    for (const [setting, value] of [
      ['max_result_rows', 0],
      ['max_result_rows', 1_001],
      ['max_result_bytes', 0],
      ['max_execution_time', 0],
      ['max_execution_time', 3],
      ['max_memory_usage', 0],
      ['max_memory_usage', 200_000_001],
      ['result_overflow_mode', 'break'],
      ['format_schema', 'x'],
    ]) {
      const inUrl = await ask('select 1', `${setting}=${value}`);
      const inQuery = await ask(`select 1 settings ${setting} = '${value}'`);
      expect([setting, inUrl.code, inQuery.code]).toEqual([setting, 452, 452]);
    }
    for (const change of ['readonly=0', 'readonly=1', 'profile=default']) {
      expect([change, (await ask('select 1', change)).code]).toEqual([change, 164]);
      const [name, value] = change.split('=');
      expect((await ask(`select 1 settings ${name} = '${value}'`)).code).toBe(164);
    }
    expect((await ask('select 1', 'max_result_rows=10&max_execution_time=1')).code).toBe(0);
  });

  test('keeps the limits where a part of the query asks for others', async () => {
    const endless = 'select sum(sipHash64(number)) from numbers(1000000000000)';
    for (const sql of [
      `select * from (${endless} settings max_execution_time = 100)`,
      `select (${endless} settings max_execution_time = 0)`,
      `with a as (${endless} settings max_execution_time = 0) select * from a`,
    ]) {
      expect([sql, (await ask(sql)).code]).toEqual([sql, 159]);
    }
    const many = 'select number from numbers(2000) settings max_result_rows = 0';
    expect((await ask(`select * from (${many})`)).code).toBe(396);
    expect((await ask(`(${many}) union all (${many})`)).code).toBe(452);
    const large = 'select groupArray(number) as a from numbers(100000000) settings max_memory_usage = 0';
    expect((await ask(`select length(a) from (${large})`)).code).toBe(241);
  });
});
