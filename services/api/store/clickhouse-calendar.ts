import type { ClickHouseClient } from '@clickhouse/client';
import { selectRows } from '@evenkeel/store';
import { type Calendar, DAY_MS } from '../parameters/calendar.ts';
import { orUnavailable } from './view-reader.ts';

/** The calendars of all time zones, asked of ClickHouse; UTC's needs no asking. */
export function createClickHouseCalendar(client: ClickHouseClient): Calendar {
  let names: Promise<ReadonlySet<string>> | undefined;

  async function ask(expression: string, parameters: Record<string, unknown>): Promise<number> {
    const query = `select ${expression} as answer`;
    const [row] = await orUnavailable(selectRows<{ answer: number }>(client, query, parameters));
    if (row === undefined) throw new Error('ClickHouse gave no row');
    return row.answer;
  }

  return {
    async knows(timeZone) {
      if (timeZone === 'UTC') return true;
      names ??= readNames(client);
      try {
        return (await names).has(timeZone);
      } catch (error) {
        names = undefined;
        throw error;
      }
    },
    async startOfDay(day, timeZone) {
      if (timeZone === 'UTC') return day * DAY_MS;
      return ask(
        "toUnixTimestamp64Milli(toDateTime64(addDays(toDate32('1970-01-01'), {day:Int32}), 3, {tz:String}))",
        { day, tz: timeZone },
      );
    },
    async dayOf(epochMs, timeZone) {
      if (timeZone === 'UTC') return Math.floor(epochMs / DAY_MS);
      return ask(
        "dateDiff('day', toDate32('1970-01-01'), toDate32(fromUnixTimestamp64Milli({at:Int64}, {tz:String})))",
        { at: epochMs, tz: timeZone },
      );
    },
  };
}

async function readNames(client: ClickHouseClient): Promise<ReadonlySet<string>> {
  const query = 'select time_zone from system.time_zones';
  const rows = await orUnavailable(selectRows<{ time_zone: string }>(client, query));
  return new Set(rows.map(({ time_zone }) => time_zone));
}
