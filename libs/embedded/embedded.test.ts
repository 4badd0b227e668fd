import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ClickHouseError } from '@clickhouse/client';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Embedded, openEmbedded } from './index.ts';

describe('the embedded engine', () => {
  let directory: string;
  let embedded: Embedded;

  beforeAll(async () => {
    directory = mkdtempSync(join(tmpdir(), 'evenkeel-embedded-'));
    embedded = openEmbedded({ path: directory });
    await embedded.client().command({ query: 'create database evenkeel' });
  });
  afterAll(async () => {
    await embedded.close();
    rmSync(directory, { recursive: true });
  });

  const rows = async (query: string, options: object = {}) =>
    (await embedded.reader().query({ query, format: 'JSONEachRow', ...options })).json();

  const running = () =>
    rows(`select count()::UInt32 as n from system.processes where query like 'select sum(sipHash64%'`);

  test('keeps its time zone at UTC whatever the process has', async () => {
    expect(await rows('select timezone() as zone')).toEqual([{ zone: 'UTC' }]);
  });

  test('keeps settings and parameters to their own statement', async () => {
    const client = embedded.client();
    const threads = async (settings: object) =>
      (
        await client.query({
          query: `select getSetting('max_block_size')::UInt32 as n`,
          format: 'JSONEachRow',
          clickhouse_settings: { ...settings },
        })
      ).json();
    expect(await threads({ max_block_size: '7' })).toEqual([{ n: 7 }]);
    expect(await threads({})).not.toEqual([{ n: 7 }]);
    expect(await rows('select {x:UInt8} as x', { query_params: { x: 1 } })).toEqual([{ x: 1 }]);
    await expect(rows('select {x:UInt8} as x')).rejects.toThrow(/Substitution `x` is not set/);
  });

  test('does not mix up parameters of queries that run at the same time', async () => {
    const asked = Array.from({ length: 200 }, (_, n) => n);
    const answers = await Promise.all(
      asked.map((n) => rows('select {n:UInt32} as n', { query_params: { n } })),
    );
    expect(answers).toEqual(asked.map((n) => [{ n }]));
  });

  test('binds every kind of value as the HTTP client does', async () => {
    const nasty = `it's a "test"\twith\ttabs,\nnewlines, \\ backslashes \\n and {braces}`;
    expect(
      await rows(
        `select {s:String} as s, {a:Array(String)} as a, {at:DateTime64(3)} as at, {no:Nullable(String)} as no,
           {big:UInt64}::String as big, {yes:Bool} as yes, {m:Map(String, UInt8)} as m, {none:Array(String)} as none`,
        {
          query_params: {
            s: nasty,
            a: [nasty, `'`, ''],
            at: new Date('2024-02-29T12:34:56.789Z'),
            no: null,
            big: 18446744073709551615n,
            yes: true,
            m: { [`k'1`]: 1 },
            none: [],
          },
        },
      ),
    ).toEqual([
      {
        s: nasty,
        a: [nasty, `'`, ''],
        at: '2024-02-29 12:34:56.789',
        no: null,
        big: '18446744073709551615',
        yes: true,
        m: { [`k'1`]: 1 },
        none: [],
      },
    ]);
  });

  test('reports errors as the HTTP client does', async () => {
    const failure = await rows('select * from evenkeel.nothing').catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(ClickHouseError);
    expect(failure).toMatchObject({ code: '60', type: 'UNKNOWN_TABLE' });
  });

  test('does not let a reader write', async () => {
    await expect(embedded.reader().command({ query: 'create database no' })).rejects.toThrow(/readonly/);
    await expect(
      embedded.reader().command({ query: 'create database no', clickhouse_settings: { readonly: '0' } }),
    ).rejects.toThrow(/readonly/);
  });

  test('takes inserts with bytes that are not text', async () => {
    const client = embedded.client();
    await client.command({
      query: 'create table evenkeel.bytes (n UInt8, s String) engine = MergeTree order by n',
    });
    const { Readable } = await import('node:stream');
    const row = Buffer.from([10, 4, 0, 255, 10, 59]);
    await client
      .exec({ query: 'insert into evenkeel.bytes format RowBinary', values: Readable.from([row]) })
      .then((r) => r.stream.resume());
    expect(await rows('select n, hex(s) as s from evenkeel.bytes')).toEqual([{ n: 10, s: '00FF0A3B' }]);
    await client.insert({ table: 'evenkeel.bytes', values: [], format: 'JSONEachRow' });
    const { summary } = await client.insert({
      table: 'evenkeel.bytes',
      values: [
        { n: 1, s: 'é' },
        { n: 2, s: ';' },
      ],
      format: 'JSONEachRow',
    });
    expect(summary?.written_rows).toBe('2');
    expect(await rows('select count()::UInt32 as n from evenkeel.bytes')).toEqual([{ n: 3 }]);
  });

  test('stops the engine when a query is aborted', async () => {
    const aborting = new AbortController();
    const endless = rows('select sum(sipHash64(number)) from numbers(1000000000000)', {
      abort_signal: aborting.signal,
    });
    await expect.poll(running).toEqual([{ n: 1 }]);
    aborting.abort(new Error('nobody waits any more'));
    await expect(endless).rejects.toThrow('nobody waits any more');
    await expect.poll(running).toEqual([{ n: 0 }]);
  });

  test('nobody reads files or the network through it', async () => {
    for (const source of [
      `file('/etc/passwd', 'LineAsString')`,
      `url('http://127.0.0.1:1/', 'LineAsString')`,
      `remote('127.0.0.1', system.one)`,
    ]) {
      await expect(embedded.client().query({ query: `select * from ${source}` })).rejects.toThrow(
        /Not enough privileges/,
      );
    }
  });

  test('closes while a query still runs, and opens again with the data', async () => {
    const endless = embedded
      .client()
      .query({ query: 'select sum(sipHash64(number)) from numbers(1000000000000)' })
      .then(
        () => 'finished',
        (error: Error) => error.message,
      );
    await expect.poll(running).toEqual([{ n: 1 }]);
    await embedded.close();
    expect(await endless).toMatch(/cancelled/);
    embedded = openEmbedded({ path: directory });
    expect(await rows('select count()::UInt32 as n from evenkeel.bytes')).toEqual([{ n: 3 }]);
  });

  test('opens another directory in the same process', async () => {
    await embedded.close();
    const other = mkdtempSync(join(tmpdir(), 'evenkeel-embedded-'));
    const second = openEmbedded({ path: other });
    expect(
      await (await second.reader().query({ query: 'select 1 as n', format: 'JSONEachRow' })).json(),
    ).toEqual([{ n: 1 }]);
    await second.close();
    rmSync(other, { recursive: true });
    embedded = openEmbedded({ path: directory });
  });
});
