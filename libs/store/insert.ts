import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import type { ClickHouseClient } from '@clickhouse/client';
import { classify, describe, StoreUnavailable } from './clickhouse-errors.ts';
import type { Row } from './fact-rows.ts';

/** A row that ClickHouse refused for what is in it. */
export interface RefusedRow {
  readonly index: number;
  /** Column that could not be read; empty when the error does not say. */
  readonly field: string;
  readonly reason: string;
}

/**
 * Writes rows into one table with one insert. The token makes the same insert, tried again, no second one; the
 * settings stand in the SQL, because the embedded connection keeps settings given beside a query, and a token that
 * stuck would swallow the next insert.
 *
 * When ClickHouse refuses a row, the rows are halved until the bad ones stand alone; the good ones are written.
 *
 * @returns the refused rows
 * @throws {StoreUnavailable} when ClickHouse is away; what was written by then is written again without harm
 */
export async function insertRows(
  client: ClickHouseClient,
  table: string,
  rows: readonly Row[],
  token: string,
): Promise<RefusedRow[]> {
  return insertRange(client, table, rows.map(toLine), 0, token);
}

async function insertRange(
  client: ClickHouseClient,
  table: string,
  lines: readonly string[],
  first: number,
  token: string,
): Promise<RefusedRow[]> {
  if (lines.length === 0) return [];
  try {
    await insertOnce(client, table, lines, `${token}:${table}:${first}+${lines.length}`);
    return [];
  } catch (error) {
    if (classify(error) !== 'row') throw new StoreUnavailable(describe(error), { cause: error });
    if (lines.length === 1) return [{ index: first, field: fieldOf(error), reason: describe(error) }];
  }
  const middle = Math.ceil(lines.length / 2);
  const left = await insertRange(client, table, lines.slice(0, middle), first, token);
  const right = await insertRange(client, table, lines.slice(middle), first + middle, token);
  return [...left, ...right];
}

async function insertOnce(
  client: ClickHouseClient,
  table: string,
  lines: readonly string[],
  token: string,
): Promise<void> {
  // Hashed, so that whatever a token is made of cannot leave its quotes.
  const key = createHash('sha256').update(token).digest('hex');
  const query = `insert into ${table} settings
    insert_deduplicate = 1,
    insert_deduplication_token = '${key}',
    deduplicate_blocks_in_dependent_materialized_views = 1,
    wait_for_part_commit_in_dependent_materialized_views = 1,
    async_insert = 0,
    date_time_input_format = 'best_effort',
    input_format_null_as_default = 0,
    input_format_skip_unknown_fields = 0
    format JSONEachRow`;
  const body = Buffer.from(lines.join('\n'));
  const result = await client.exec({ query, values: Readable.from([body], { objectMode: false }) });
  // The answer is empty; reading it to its end gives the connection back.
  for await (const _ of result.stream);
}

function toLine(row: Row): string {
  return JSON.stringify(row);
}

/** ClickHouse names the column as `(while reading the value of key x)` or `… for column x`. */
function fieldOf(error: unknown): string {
  const message = error instanceof Error ? error.message : '';
  const found =
    /while reading the value of key (\w+)/.exec(message) ??
    /field found while parsing JSONEachRow format: (\w+)/.exec(message) ??
    /(?:in|to|for) column `?(\w+)/i.exec(message);
  return found?.[1] ?? '';
}
