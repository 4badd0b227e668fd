import type { ClickHouseClient } from '@clickhouse/client';
import { EvenkeelError } from '@evenkeel/runtime';
import {
  type AfterColumn,
  clickhouseCode,
  isAway,
  queryView,
  StoreUnavailable,
  ViewDefinitions,
  type ViewParameter,
  type ViewValue,
} from '@evenkeel/store';
import { z } from 'zod';
import { type QualityNote, qualityNote } from '../rows/quality.ts';

/** Seconds after which a caller is told to come back when ClickHouse is away. */
const RETRY_AFTER_SECONDS = 5;

/** Codes by which ClickHouse says that a view is not there: its migrations have yet to be applied. */
const NOT_SET_UP: ReadonlySet<string> = new Set([
  '46', // UNKNOWN_FUNCTION: a view with parameters
  '60', // UNKNOWN_TABLE
]);

/** Values of a view's parameters, by name. */
export type ViewParameters = Partial<Record<ViewParameter, ViewValue>>;

/** A column by which rows are ordered and told apart. */
export type KeyColumn = Pick<AfterColumn, 'column' | 'type'>;

/** One `select` over one view. */
export interface ViewQuery<Row extends z.ZodObject> {
  readonly view: string;
  readonly parameters?: ViewParameters;
  /** The columns of a row and what each may hold. */
  readonly row: Row;
  /** Order of the rows; unique where the list has pages. */
  readonly key?: readonly KeyColumn[];
  /** Only rows after the one whose key has these values. */
  readonly after?: readonly string[] | undefined;
  /** Only rows whose columns hold these texts; a column without one may hold any. */
  readonly where?: Readonly<Record<string, string | undefined>>;
  /** Only rows whose column holds one of these texts; of none: all rows. */
  readonly among?: { readonly column: string; readonly values: readonly string[] };
  readonly limit?: number;
  /** It reads little: to divide that among threads costs more than it saves. @default false */
  readonly small?: boolean;
  /** Which function says, from which columns, why the rows rest on thin data; see `queryView`. */
  readonly notes?: { readonly by: string; readonly columns: readonly string[] };
}

/** Most services whose aggregates are little to read. */
const FEW_SERVICES = 4;

/** Whether the aggregates that the parameters select are little to read, over whatever range. */
export function selectsLittle({ services }: ViewParameters): boolean {
  return Array.isArray(services) && services.length > 0 && services.length <= FEW_SERVICES;
}

/** A row, and the values of its key. */
export interface KeyedRow<Row> {
  readonly row: Row;
  readonly key: readonly string[];
}

/** Rows, and what is thin about them. */
export interface NotedRows<Row = Record<string, unknown>> {
  readonly rows: readonly Row[];
  readonly notes: readonly QualityNote[];
}

/** Reads rows of the views that are the public contract of the store. */
export interface ViewReader {
  read<Row extends z.ZodObject>(query: ViewQuery<Row>): Promise<z.output<Row>[]>;
  readKeyed<Row extends z.ZodObject>(query: ViewQuery<Row>): Promise<KeyedRow<z.output<Row>>[]>;
  /** The rows, and what is thin about them. */
  readNoted<Row extends z.ZodObject>(
    query: ViewQuery<Row> & { readonly notes: object },
  ): Promise<NotedRows<z.output<Row>>>;
}

/**
 * Reads views through a client whose database is Evenkeel's.
 *
 * @throws EvenkeelError `store_unavailable` when ClickHouse is away; any other error is a bug
 */
export function createViewReader(client: ClickHouseClient): ViewReader {
  const definitions = new ViewDefinitions(client);

  async function select<Row extends z.ZodObject>(query: ViewQuery<Row>): Promise<Record<string, unknown>[]> {
    const { view, parameters = {}, key = [], after, where = {}, among, limit, small, notes } = query;
    const page = {
      where: Object.entries(where).flatMap(([column, value]) =>
        value === undefined ? [] : [{ column, type: 'String' as const, value }],
      ),
      ...(key.length === 0 ? {} : { orderBy: key.map(({ column }) => column) }),
      ...(after === undefined ? {} : { after: placeOf(key, after) }),
      ...(among === undefined || among.values.length === 0 ? {} : { among }),
      ...(limit === undefined ? {} : { limit }),
      ...(small === true ? { threads: 1 } : {}),
      ...(notes === undefined ? {} : { notes }),
    };
    return orUnavailable(queryView<Record<string, unknown>>(client, view, parameters, page, definitions));
  }
  async function readKeyed<Row extends z.ZodObject>(
    query: ViewQuery<Row>,
  ): Promise<KeyedRow<z.output<Row>>[]> {
    const { row, key = [] } = query;
    return (await select(query)).map((fields) => ({
      row: row.parse(fields),
      key: key.map(({ column }) => String(fields[column])),
    }));
  }
  return {
    readKeyed,
    read: async (query) => (await readKeyed(query)).map(({ row }) => row),
    readNoted: async (query) => {
      const rows = await select(query);
      return {
        rows: rows.map((fields) => query.row.parse(fields)),
        notes: z.array(qualityNote).parse(rows[0]?.['notes'] ?? []),
      };
    },
  };
}

function placeOf(key: readonly KeyColumn[], values: readonly string[]): AfterColumn[] {
  return key.map(({ column, type }, index) => {
    const value = values[index] ?? '';
    return { column, type, value: type === 'String' ? value : new Date(value) };
  });
}

/** Wait for a reading. When ClickHouse is away the caller learns that it may come back, and nothing of the query. */
export async function orUnavailable<T>(reading: Promise<T>): Promise<T> {
  try {
    return await reading;
  } catch (error) {
    const code = clickhouseCode(error);
    const passes =
      error instanceof StoreUnavailable || isAway(error) || (code !== undefined && NOT_SET_UP.has(code));
    if (!passes) throw error;
    throw new EvenkeelError('store_unavailable', 'ClickHouse does not answer, or is not set up yet.', {
      retryAfterSeconds: RETRY_AFTER_SECONDS,
      cause: error,
    });
  }
}
