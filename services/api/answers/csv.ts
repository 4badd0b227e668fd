import { stringify } from 'csv-stringify/sync';

/**
 * Rows as CSV (RFC 4180) with a header line: the same columns as in JSON, null as nothing, objects and lists as JSON
 * text. Values are what the facts said: a spreadsheet may take one that begins with `=` for a formula.
 */
export function writeCsv(columns: readonly string[], rows: readonly Record<string, unknown>[]): string {
  const lines = rows.map((row) => columns.map((column) => row[column] ?? null));
  return stringify([columns, ...lines], {
    cast: {
      boolean: (value) => (value ? 'true' : 'false'),
      object: (value) => JSON.stringify(value),
    },
  });
}
