import { z } from 'zod';
import { decodeCursor, encodeCursor } from '../answers/cursor.ts';
import { invalidParameter } from '../http/problems.ts';
import { DEFAULT_LIMIT } from '../parameters/schemas.ts';
import type { KeyedRow } from '../store/view-reader.ts';

/** What a list without a range is cut down to: values of its parameters, sorted, each once; empty: all. */
type Filters = Readonly<Record<string, readonly string[]>>;

/** A page of such a list: of which rows, how many, and after which. */
export interface FilteredPage {
  readonly filters: Filters;
  readonly limit: number;
  readonly after: readonly string[] | undefined;
}

const filtersSchema = z.record(z.string(), z.array(z.string()));

/**
 * The page that a request asks for. A cursor brings the parameters of the first page along; one that is sent again must
 * be the same.
 */
export function filteredPageOf(
  list: string,
  given: Readonly<Record<string, readonly string[] | undefined>>,
  page: { limit?: string | undefined; cursor?: string | undefined },
): FilteredPage {
  const limit = page.limit === undefined ? DEFAULT_LIMIT : Number(page.limit);
  const sorted = Object.entries(given).map(
    ([name, values = []]) => [name, [...new Set(values)].sort()] as const,
  );
  if (page.cursor === undefined) return { filters: Object.fromEntries(sorted), limit, after: undefined };
  const cursor = decodeCursor(page.cursor, list, filtersSchema);
  if (cursor === undefined)
    throw invalidParameter([{ field: 'cursor', message: 'is not a cursor of this list' }]);
  const changed = sorted.filter(
    ([name, values]) =>
      values.length > 0 && JSON.stringify(values) !== JSON.stringify(cursor.asked[name] ?? []),
  );
  if (changed.length > 0)
    throw invalidParameter(
      changed.map(([field]) => ({
        field,
        message: 'must be the same as on the page that the cursor came from',
      })),
    );
  return { filters: cursor.asked, limit, after: cursor.after };
}

/** Cut the one row too many that was read to see whether there is another page, and write the cursor to it. */
export function cutFilteredPage<Row>(
  list: string,
  page: FilteredPage,
  rows: readonly KeyedRow<Row>[],
): { data: Row[]; next_cursor: string | null } {
  const kept = rows.slice(0, page.limit);
  const last = kept.at(-1);
  const next_cursor =
    rows.length > page.limit && last !== undefined
      ? encodeCursor({ list, asked: page.filters, after: last.key })
      : null;
  return { data: kept.map(({ row }) => row), next_cursor };
}
