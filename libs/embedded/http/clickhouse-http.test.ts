import { mkdtempSync, rmSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import { type ClickHouseClient, ClickHouseLogLevel, createClient } from '@clickhouse/client';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type ClickHouseHttp, createClickHouseHttp, type Embedded, openEmbedded } from '../index.ts';

const CREDENTIALS = { user: 'evenkeel', password: 'p:w"d' };

describe('the HTTP interface', () => {
  let directory: string;
  let embedded: Embedded;
  let http: ClickHouseHttp;
  let url: string;
  let client: ClickHouseClient;

  beforeAll(async () => {
    directory = mkdtempSync(join(tmpdir(), 'evenkeel-http-'));
    embedded = openEmbedded({ path: directory });
    http = createClickHouseHttp({ embedded, credentials: CREDENTIALS });
    ({ url } = await http.listen({ port: 0 }));
    client = connect();
    await client.command({ query: 'create database evenkeel' });
    await client.command({
      query: 'create table evenkeel.facts (n UInt32, s String) engine = MergeTree order by n',
    });
  });
  afterAll(async () => {
    await client.close();
    await http.close();
    await embedded.close();
    rmSync(directory, { recursive: true });
  });

  const connect = (options: object = {}) =>
    createClient({
      url,
      username: CREDENTIALS.user,
      password: CREDENTIALS.password,
      log: { level: ClickHouseLogLevel.OFF },
      ...options,
    });
  const post = (body: string | Uint8Array<ArrayBuffer>, query = '', headers: Record<string, string> = {}) =>
    fetch(`${url}/?${query}`, {
      method: 'POST',
      body,
      headers: {
        'X-ClickHouse-User': CREDENTIALS.user,
        'X-ClickHouse-Key': CREDENTIALS.password,
        ...headers,
      },
    });
  const facts = async () =>
    (await client.query({ query: 'select * from evenkeel.facts order by n', format: 'JSONEachRow' })).json();
  const empty = () => client.command({ query: 'truncate table evenkeel.facts' });

  describe('for the unmodified client', () => {
    test('pings', async () => {
      expect(await client.ping()).toEqual({ success: true });
      expect(await client.ping({ select: true })).toEqual({ success: true });
      expect(await (await fetch(`${url}/ping`)).text()).toBe('Ok.\n');
    });

    test.each([false, true])('binds parameters (multipart: %s)', async (use_multipart_params) => {
      const nasty = `it's "quoted"\twith\ttabs,\nnewlines, \\ backslashes \\n`;
      const query_params = { s: nasty, a: [nasty, ''], at: new Date('2024-02-29T12:34:56.789Z'), no: null };
      const result = await client.query({
        query:
          'select {s:String} as s, {a:Array(String)} as a, {at:DateTime64(3)} as at, {no:Nullable(Int8)} as no',
        query_params,
        use_multipart_params,
        format: 'JSONEachRow',
      });
      expect(await result.json()).toEqual([
        { s: nasty, a: [nasty, ''], at: '2024-02-29 12:34:56.789', no: null },
      ]);
    });

    test('inserts rows, also compressed', async () => {
      await empty();
      const compressing = connect({ compression: { request: true, response: true } });
      const { summary } = await compressing.insert({
        table: 'evenkeel.facts',
        values: [
          { n: 1, s: 'é\t\n' },
          { n: 2, s: `it's` },
        ],
        format: 'JSONEachRow',
      });
      expect(summary).toMatchObject({ written_rows: '2' });
      const result = await compressing.query({
        query: 'select * from evenkeel.facts order by n',
        format: 'JSONEachRow',
      });
      expect(result.response_headers['content-encoding']).toBe('gzip');
      expect(await result.json()).toEqual([
        { n: 1, s: 'é\t\n' },
        { n: 2, s: `it's` },
      ]);
      await compressing.close();
    });

    test('inserts a stream and an empty array', async () => {
      await empty();
      await client.insert({ table: 'evenkeel.facts', values: [], format: 'JSONEachRow' });
      const values = Readable.from(
        [
          { n: 1, s: 'a' },
          { n: 2, s: 'b' },
        ],
        { objectMode: true },
      );
      await client.insert({ table: 'evenkeel.facts', values, format: 'JSONEachRow' });
      expect(await facts()).toHaveLength(2);
    });

    test('gets errors with their code and type', async () => {
      await expect(client.query({ query: 'select * from evenkeel.none' })).rejects.toMatchObject({
        code: '60',
        type: 'UNKNOWN_TABLE',
      });
      await expect(
        client.insert({ table: 'evenkeel.facts', values: [{ n: 'x' }], format: 'JSONEachRow' }),
      ).rejects.toMatchObject({ code: '27' });
      await expect(client.query({ query: 'selec 1' })).rejects.toMatchObject({ type: 'SYNTAX_ERROR' });
    });

    test('streams 100 000 rows', async () => {
      const result = await client.query({
        query: 'select number as n from numbers(100000)',
        format: 'JSONCompactEachRow',
      });
      let rows = 0;
      for await (const chunk of result.stream()) rows += chunk.length;
      expect(rows).toBe(100_000);
    });

    test('answers 64 queries at once, each its own', async () => {
      const asked = Array.from({ length: 64 }, (_, n) => n);
      const answers = await Promise.all(
        asked.map(async (n) =>
          (
            await client.query({
              query: 'select {n:UInt32} as n',
              query_params: { n },
              format: 'JSONEachRow',
            })
          ).json(),
        ),
      );
      expect(answers).toEqual(asked.map((n) => [{ n }]));
    });

    test('keeps settings and the database to the request', async () => {
      const size = `select getSetting('max_block_size')::UInt32 as n, currentDatabase() as db`;
      const ask = async (options: object, database = 'default') => {
        const asking = connect({ database });
        const answer = await (await asking.query({ query: size, format: 'JSONEachRow', ...options })).json();
        await asking.close();
        return answer;
      };
      expect(await ask({ clickhouse_settings: { max_block_size: '7' } }, 'evenkeel')).toEqual([
        { n: 7, db: 'evenkeel' },
      ]);
      expect(await ask({})).toEqual([{ n: 65409, db: 'default' }]);
      await expect(ask({}, 'nowhere')).rejects.toMatchObject({ type: 'UNKNOWN_DATABASE' });
    });
  });

  describe('for curl', () => {
    test('answers GET and POST with the headers of a server', async () => {
      const auth = `user=${CREDENTIALS.user}&password=${encodeURIComponent(CREDENTIALS.password)}`;
      const answer = await fetch(
        `${url}/?${auth}&query=${encodeURIComponent('select 1 as n, 2 as m')}&query_id=mine`,
      );
      expect(answer.status).toBe(200);
      expect(await answer.text()).toBe('1\t2\n');
      expect(Object.fromEntries(answer.headers)).toMatchObject({
        'x-clickhouse-format': 'TabSeparated',
        'x-clickhouse-query-id': 'mine',
        'x-clickhouse-timezone': 'UTC',
        'x-clickhouse-server-display-name': expect.any(String),
      });
      expect(JSON.parse(answer.headers.get('x-clickhouse-summary') ?? '')).toMatchObject({
        result_rows: '1',
      });
      expect(await (await post('select 1 as n format CSVWithNames')).text()).toBe('"n"\n1\n');
      expect(await (await post('select 1 as n', 'default_format=JSONCompactEachRow')).text()).toBe('[1]\n');
      expect(await (await post(' 1', 'query=select')).text()).toBe('1\n');
      expect(await (await post('select {a:String}', 'param_a=x%5Cty')).text()).toBe('x\\ty\n');
    });

    test('takes basic credentials and refuses wrong ones', async () => {
      const basic = (text: string) => ({ authorization: `Basic ${Buffer.from(text).toString('base64')}` });
      const ask = (headers: Record<string, string>) => fetch(`${url}/?query=select+1`, { headers });
      expect((await ask(basic(`${CREDENTIALS.user}:${CREDENTIALS.password}`))).status).toBe(200);
      for (const headers of [basic('evenkeel:wrong'), basic(`other:${CREDENTIALS.password}`), {}]) {
        const refused = await ask(headers);
        expect(refused.status).toBe(403);
        expect(refused.headers.get('x-clickhouse-exception-code')).toBe('516');
        expect(await refused.text()).toMatch(/^Code: 516\. DB::Exception: .*\(AUTHENTICATION_FAILED\)/);
      }
    });

    test.each([
      ['select * from evenkeel.none', 404, 60],
      ['select nothing', 404, 47],
      ['selec 1 from', 400, 62],
      ['select 1; select 2', 400, 62],
      ['', 400, 62],
      ['select throwIf(1)', 500, 395],
      [`select 1 into outfile '/tmp/never'`, 501, 48],
      [`insert into evenkeel.facts from infile '/etc/passwd' format LineAsString`, 501, 48],
    ])('answers %j with %i and code %i', async (sql, status, code) => {
      const answer = await post(sql);
      expect([answer.status, answer.headers.get('x-clickhouse-exception-code')]).toEqual([
        status,
        String(code),
      ]);
      expect(await answer.text()).toMatch(new RegExp(`^Code: ${code}\\. DB::Exception: `));
    });

    test('does not write by GET', async () => {
      const insert = encodeURIComponent(`insert into evenkeel.facts values (9, 'x')`);
      const answer = await fetch(`${url}/?query=${insert}`, {
        headers: { 'X-ClickHouse-User': CREDENTIALS.user, 'X-ClickHouse-Key': CREDENTIALS.password },
      });
      expect(answer.headers.get('x-clickhouse-exception-code')).toBe('164');
    });

    test('refuses names that are no setting', async () => {
      expect((await post('select 1', 'no_such_thing=1')).headers.get('x-clickhouse-exception-code')).toBe(
        '115',
      );
      expect((await post('select 1', `a%20b=1`)).headers.get('x-clickhouse-exception-code')).toBe('115');
    });

    test('keeps quotes and backslashes in settings', async () => {
      const odd = `a'b\\c`;
      const answer = await post(`select getSetting('session_timezone_x')`, '');
      expect(answer.status).not.toBe(200);
      expect(
        await (
          await post(
            `select getSetting('format_csv_null_representation') format TSVRaw`,
            `format_csv_null_representation=${encodeURIComponent(odd)}`,
          )
        ).text(),
      ).toBe(`${odd}\n`);
    });
  });

  describe('takes inserts in every format', () => {
    const insert = (format: string) =>
      `query=${encodeURIComponent(`insert into evenkeel.facts format ${format}`)}`;

    test.each([
      'Parquet',
      'Native',
      'RowBinary',
      'RowBinaryWithNamesAndTypes',
      'ArrowStream',
      'Avro',
      'JSONEachRow',
      'CSVWithNames',
      'TSV',
      'Values',
      'MsgPack',
      'ORC',
    ])('%s', async (format) => {
      await empty();
      const source = `select number::UInt32 as n, concat(char(0, 10, 39, 92), 'é', toString(number)) as s from numbers(3)`;
      const bytes = await (await post(`${source} format ${format}`)).arrayBuffer();
      const inserted = await post(new Uint8Array(bytes), insert(format));
      expect([inserted.status, await inserted.text()]).toEqual([200, '']);
      expect(JSON.parse(inserted.headers.get('x-clickhouse-summary') ?? '')).toMatchObject({
        written_rows: '3',
      });
      expect(await facts()).toEqual([0, 1, 2].map((n) => ({ n, s: `\0\n'\\é${n}` })));
    });

    test('as one body, text or binary, and gzipped', async () => {
      await empty();
      const rowBinary = Buffer.concat([
        Buffer.from('-- why\nINSERT INTO evenkeel.facts FORMAT RowBinary\n'),
        Buffer.from([10, 0, 0, 0, 2, 255, 0]),
      ]);
      expect((await post(rowBinary)).status).toBe(200);
      expect((await post(`insert into evenkeel.facts values (1, 'a;''b'), (2, 'c')`)).status).toBe(200);
      expect((await post(gzipSync('3,"z"\n'), insert('CSV'), { 'Content-Encoding': 'gzip' })).status).toBe(
        200,
      );
      expect((await post(`insert into evenkeel.facts select 4, {s:String}`, 'param_s=bound')).status).toBe(
        200,
      );
      expect((await post('', insert('CSV'))).status).toBe(200);
      expect(await (await post('select n, hex(s) from evenkeel.facts order by n')).text()).toBe(
        '1\t613B2762\n2\t63\n3\t7A\n4\t626F756E64\n10\tFF00\n',
      );
    });

    test('refuses what is not in its Content-Encoding', async () => {
      expect((await post('no gzip', insert('CSV'), { 'Content-Encoding': 'gzip' })).status).toBe(400);
      expect((await post('x', insert('CSV'), { 'Content-Encoding': 'lzma' })).status).toBe(501);
    });
  });

  test('refuses requests that a foreign web page makes', async () => {
    const status = (headers: Record<string, string>) =>
      new Promise<number | undefined>((resolve, reject) => {
        const port = new URL(url).port;
        request({ host: '127.0.0.1', port, path: '/?query=select+1', headers }, (answer) => {
          answer.resume();
          resolve(answer.statusCode);
        })
          .on('error', reject)
          .end();
      });
    const auth = `Basic ${Buffer.from(`${CREDENTIALS.user}:${CREDENTIALS.password}`).toString('base64')}`;
    expect(await status({ authorization: auth, host: 'evil.example' })).toBe(403);
    expect(await status({ authorization: auth, origin: 'http://evil.example' })).toBe(403);
    expect(await status({ authorization: auth, origin: 'http://localhost:8080' })).toBe(200);
  });

  test('takes a function that decides whom to let in, and no body beyond the limit', async () => {
    const small = createClickHouseHttp({
      embedded,
      credentials: ({ user, password }) => `${user}/${password}` === 'anybody/right',
      maxBodyBytes: 100,
    });
    const place = await small.listen({ port: 0 });
    const ask = async (password: string, body: string) =>
      (await fetch(`${place.url}/?user=anybody&password=${password}`, { method: 'POST', body })).status;
    expect(await ask('right', 'select 1')).toBe(200);
    expect(await ask('wrong', 'select 1')).toBe(403);
    expect(await ask('right', `select ${' '.repeat(100)} 1`)).toBe(413);
    await small.close();
  });

  test('listens on the loopback interface only', async () => {
    await expect(createClickHouseHttp({ embedded }).listen({ host: '0.0.0.0', port: 0 })).rejects.toThrow(
      /loopback/,
    );
  });

  test('answers 503 when its queue is full, and stops queries whose client went away', async () => {
    const narrow = createClickHouseHttp({ embedded, maxConcurrent: 1, maxQueued: 1 });
    const place = await narrow.listen({ port: 0 });
    const running = () =>
      embedded
        .reader()
        .query({
          query: `select count()::UInt32 as n from system.processes where query like 'select sum(sip%'`,
          format: 'JSONEachRow',
        })
        .then((result) => result.json());
    const leaving = new AbortController();
    const slow = fetch(place.url, {
      method: 'POST',
      body: 'select sum(sipHash64(number)) from numbers(1000000000000)',
      signal: leaving.signal,
    });
    const gone = expect(slow).rejects.toThrow();
    await expect.poll(running).toEqual([{ n: 1 }]);
    const waiting = fetch(place.url, { method: 'POST', body: 'select 1' });
    await expect
      .poll(async () => (await fetch(place.url, { method: 'POST', body: 'select 2' })).status)
      .toBe(503);
    leaving.abort();
    await gone;
    expect((await waiting).status).toBe(200);
    await expect.poll(running).toEqual([{ n: 0 }]);
    await narrow.close();
  });
});
