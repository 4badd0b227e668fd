import type { ClickHouseClient } from '@clickhouse/client';
import { describe, isAway, StoreUnavailable } from './clickhouse-errors.ts';
import { selectRows } from './select.ts';

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
 * @throws {StoreUnavailable} when ClickHouse is away
 */
export async function queryView<Row>(
  client: ClickHouseClient,
  view: string,
  parameters: Partial<Record<ViewParameter, ViewValue>>,
  page: Page = {},
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
  const query = [
    `select *${notesColumn(page.notes)} from ${identifier(view)}${given.length === 0 ? '' : `(${given.join(', ')})`}`,
    conditions.length === 0 ? '' : `where ${conditions.join(' and ')}`,
    page.orderBy === undefined ? '' : `order by ${page.orderBy.map(identifier).join(', ')}`,
    page.limit === undefined ? '' : `limit ${Math.trunc(page.limit)}`,
  ];
  try {
    return await selectRows<Row>(client, query.filter((line) => line !== '').join('\n'), bound);
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
