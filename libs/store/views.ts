import type { ClickHouseClient } from '@clickhouse/client';
import { clickhouseCode, describe, isAway, StoreUnavailable } from './clickhouse-errors.ts';
import { selectRows } from './select.ts';
import type { ViewDefinitions } from './view-definitions.ts';

/** ClickHouse types of the parameters that the public views take; every view draws from these. */
const parameterTypes = {
  services: 'Array(String)',
  team: 'String',
  scope: 'String',
  since: "DateTime64(3, 'UTC')",
  until: "DateTime64(3, 'UTC')",
  now: "DateTime64(3, 'UTC')",
  at: "DateTime64(3, 'UTC')",
  tz: 'String',
  interval: 'String',
  metric: 'String',
  slo_ids: 'Array(String)',
  slo_id: 'String',
  environments: 'Array(String)',
  deployment_ids: 'Array(String)',
  service: 'String',
  environment: 'String',
  deployment_id: 'String',
} as const;

/** Name of a parameter of a view. */
export type ViewParameter = keyof typeof parameterTypes;

/** Value of a parameter; dates are bound with their milliseconds. */
export type ViewValue = string | Date | readonly string[];

/** One column of the place after which a page begins. */
export interface AfterColumn {
  readonly column: string;
  /** ClickHouse type of the column, e.g. `String`. */
  readonly type: 'String' | "DateTime64(3, 'UTC')";
  readonly value: string | Date;
}

/** Which rows of a view, in which order. */
export interface Page {
  /** Columns to order by, ascending. */
  readonly orderBy?: readonly string[];
  /** Only rows after these values, in the order of the columns. */
  readonly after?: readonly AfterColumn[];
  /** Only rows whose columns equal these values. */
  readonly where?: readonly AfterColumn[];
  /** Only rows whose column holds one of these texts. */
  readonly among?: { readonly column: string; readonly values: readonly string[] };
  readonly limit?: number;
  /** Threads that it may use: to divide a small reading costs more than it saves. @default as many as there are cores */
  readonly threads?: number;
  /**
   * Adds the column `notes` to each row: what a function of `sql/migrations/0017_thin.sql` says of all the rows
   * together, from the lists of these columns; `''` stands for a list of zeros.
   */
  readonly notes?: { readonly by: string; readonly columns: readonly string[] };
}

/**
 * Rows of a parameterized view, in the order and page asked for. Values are always bound; names are checked to be
 * plain identifiers, so nothing that a caller sends can become SQL.
 *
 * @param definitions where the text of the view is had, which is quicker to ask than the view; without them, the view itself is asked
 * @throws {StoreUnavailable} when ClickHouse is away
 */
export async function queryView<Row>(
  client: ClickHouseClient,
  view: string,
  parameters: Partial<Record<ViewParameter, ViewValue>>,
  page: Page = {},
  definitions?: ViewDefinitions,
): Promise<Row[]> {
  const bound: Record<string, unknown> = {};
  const given = Object.entries(parameters).map(([name, value]) => {
    bound[name] = toBound(value);
    return `${identifier(name)} = {${name}:${parameterTypes[name as ViewParameter]}}`;
  });
  const bind = (prefix: string, columns: readonly AfterColumn[]) =>
    columns.map(({ type, value }, index) => {
      bound[`${prefix}_${index}`] = toBound(value);
      return `{${prefix}_${index}:${type}}`;
    });
  const conditions: string[] = [];
  for (const [index, value] of bind('where', page.where ?? []).entries()) {
    conditions.push(`${identifier(page.where?.[index]?.column)} = ${value}`);
  }
  if (page.among !== undefined) {
    bound['among'] = page.among.values;
    conditions.push(`${identifier(page.among.column)} in {among:Array(String)}`);
  }
  if (page.after !== undefined && page.after.length > 0) {
    const columns = page.after.map(({ column }) => identifier(column)).join(', ');
    conditions.push(`(${columns}) > (${bind('after', page.after).join(', ')})`);
  }
  const lines = [
    conditions.length === 0 ? '' : `where ${conditions.join(' and ')}`,
    page.orderBy === undefined ? '' : `order by ${page.orderBy.map(identifier).join(', ')}`,
    page.limit === undefined ? '' : `limit ${Math.trunc(page.limit)}`,
  ].filter((line) => line !== '');
  const ask = (source: string) =>
    selectRows<Row>(
      client,
      [`select *${notesColumn(page.notes)} from ${source}`, ...lines].join('\n'),
      bound,
      page.threads,
    );
  try {
    const called = `${identifier(view)}${given.length === 0 ? '' : `(${given.join(', ')})`}`;
    const text = await definitions?.textOf(view);
    if (text === undefined) return await ask(called);
    return await ask(`(${text})`).catch((error: unknown) => {
      if (clickhouseCode(error) === undefined || isAway(error)) throw error;
      // Somebody may have migrated meanwhile; whatever it is, the view itself says it best.
      definitions?.forget();
      return ask(called);
    });
  } catch (error) {
    if (!isAway(error)) throw error;
    throw new StoreUnavailable(describe(error), { cause: error });
  }
}

function notesColumn(notes: Page['notes']): string {
  if (notes === undefined) return '';
  const lists = notes.columns.map(
    (column) => `groupArray(${column === '' ? '0' : identifier(column)}) over ()`,
  );
  return `, ${identifier(notes.by)}(${lists.join(', ')}) as notes`;
}

function toBound(value: ViewValue): unknown {
  // As text with its zone; the client itself would send seconds since 1970, which lose nothing but are hard to read
  // in a query log.
  return value instanceof Date ? value.toISOString().replace('T', ' ').replace('Z', '') : value;
}

function identifier(name: string | undefined): string {
  if (name !== undefined && /^[a-z_][a-z0-9_]*$/.test(name)) return name;
  throw new Error(`${name} is no plain identifier`);
}
