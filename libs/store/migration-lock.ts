import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ClickHouseClient } from '@clickhouse/client';
import { clickhouseCode } from './clickhouse-errors.ts';
import { selectRows } from './select.ts';

/*
 * ClickHouse has no locks, but creating a table is atomic: of several who create `migration_lock_7` exactly one
 * succeeds. The lock is therefore a row of numbered tables. Whoever created the highest number holds it, until it
 * writes that it is released, or gives no sign of life for too long (by the server's clock). The next one creates the
 * number above. The highest is never dropped, so nobody can create a number that was passed already without seeing,
 * right after, a higher one, and giving way. A holder that was taken over finds out before its next statement.
 */

/** Options of {@link withMigrationLock}. */
export interface LockOptions {
  /** Without a sign of life for so long a holder counts as dead, in milliseconds. @default 30000 */
  readonly staleMs?: number;
  /** True when no other process can be at this data (embedded): whoever held the lock is dead. @default false */
  readonly alone?: boolean;
  /** Told now and then while another holds the lock. */
  readonly onWaiting?: (holder: string) => void;
  readonly signal?: AbortSignal;
}

interface LockRow {
  number: number;
  holder: string;
  released: number;
  age_ms: number;
}

const prefix = 'migration_lock_';
const tableExistsAlready = '57';
const unknownTable = '60';
const pollMs = 250;

/** The lock while it is held. */
export interface HeldLock {
  /** @throws when another process has taken the lock over because this one gave no sign of life */
  assertHeld(): Promise<void>;
}

/** Waits for the lock, runs `work` under it and releases it, whether `work` succeeds or not. */
export async function withMigrationLock<T>(
  client: ClickHouseClient,
  options: LockOptions,
  work: (lock: HeldLock) => Promise<T>,
): Promise<T> {
  const staleMs = options.staleMs ?? 30_000;
  const holder = `${process.pid}-${randomUUID()}`;
  const number = await acquire(client, holder, staleMs, options);
  const sign = setInterval(() => {
    // A sign of life that cannot be given is no reason to stop: the next statement will tell.
    writeSign(client, number, holder, 0).catch(() => undefined);
  }, staleMs / 6);
  try {
    return await work({
      async assertHeld() {
        const top = await highest(client);
        if (top?.number !== number) throw new Error('another process has taken the migration lock over');
      },
    });
  } finally {
    clearInterval(sign);
    await writeSign(client, number, holder, 1).catch(() => undefined);
  }
}

async function acquire(
  client: ClickHouseClient,
  holder: string,
  staleMs: number,
  options: LockOptions,
): Promise<number> {
  for (let round = 0; ; round += 1) {
    options.signal?.throwIfAborted();
    const top = await highest(client);
    const free = top === undefined || top.released === 1 || options.alone === true || top.age_ms > staleMs;
    const number = (top?.number ?? 0) + 1;
    if (free && (await create(client, number, holder))) {
      const now = await highest(client);
      if (now?.number === number) {
        await dropBelow(client, number);
        return number;
      }
      // A higher number was reached and this one dropped long ago: what was just created is a leftover.
      await client.command({ query: `drop table if exists ${prefix}${number}` });
    } else if (!free && round % 20 === 0) options.onWaiting?.(top.holder);
    await sleep(pollMs * (0.5 + Math.random()), undefined, options.signal ? { signal: options.signal } : {});
  }
}

async function create(client: ClickHouseClient, number: number, holder: string): Promise<boolean> {
  try {
    await client.command({
      query: `create table ${prefix}${number} (
        holder String comment 'process that holds the lock',
        at DateTime64(3, 'UTC') default now64(3) comment 'sign of life, UTC',
        released UInt8 comment '1: given back'
      ) engine = MergeTree order by at comment 'Lock of the migrations: the highest number holds it'`,
    });
  } catch (error) {
    if (clickhouseCode(error) === tableExistsAlready) return false;
    throw error;
  }
  await writeSign(client, number, holder, 0);
  return true;
}

async function writeSign(
  client: ClickHouseClient,
  number: number,
  holder: string,
  released: 0 | 1,
): Promise<void> {
  // The holder is made of a process id and a UUID, so it can stand in the text.
  await client.command({
    query: `insert into ${prefix}${number} (holder, released) values ('${holder}', ${released})`,
  });
}

async function highest(client: ClickHouseClient): Promise<LockRow | undefined> {
  const [top] = await selectRows<{ number: number; created_ms: number }>(
    client,
    `select toUInt32OrZero(substring(name, ${prefix.length + 1})) as number,
       dateDiff('millisecond', toDateTime64(metadata_modification_time, 3), now64(3)) as created_ms
     from system.tables
     where database = currentDatabase() and match(name, '^${prefix}[0-9]+$')
     order by number desc
     limit 1`,
  );
  if (top === undefined) return undefined;
  try {
    const [state] = await selectRows<{ holder: string; released: number; signs: number; age_ms: number }>(
      client,
      `select any(holder) as holder, max(released) as released, count() as signs,
         dateDiff('millisecond', max(at), now64(3)) as age_ms
       from ${prefix}${top.number}`,
    );
    // Just created, its holder has not signed yet.
    if (state === undefined || state.signs === 0) {
      return { number: top.number, holder: 'unknown', released: 0, age_ms: top.created_ms };
    }
    return { number: top.number, holder: state.holder, released: state.released, age_ms: state.age_ms };
  } catch (error) {
    // Dropped between the two readings by somebody with a higher number.
    if (clickhouseCode(error) === unknownTable) return highest(client);
    throw error;
  }
}

async function dropBelow(client: ClickHouseClient, number: number): Promise<void> {
  const older = await selectRows<{ name: string }>(
    client,
    `select name from system.tables where database = currentDatabase() and match(name, '^${prefix}[0-9]+$')
       and toUInt32OrZero(substring(name, ${prefix.length + 1})) < ${number}`,
  );
  for (const { name } of older) await client.command({ query: `drop table if exists ${name}` });
}
