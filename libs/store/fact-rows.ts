import type { FactKind, ReceivedFact } from '@evenkeel/events';

/** A row as ClickHouse reads it in the format JSONEachRow. */
export type Row = Record<string, unknown>;

/** The table of a kind of fact. */
export function tableOf(kind: FactKind): string {
  return `${kind}_facts`;
}

/** Fields that are objects in a fact and JSON text in its table. */
const textFields: ReadonlySet<string> = new Set(['tiers', 'ranges', 'severity_ranks']);

/** The row of a fact: the fact's own names; absent fields stay absent. */
export function rowOf(received: ReceivedFact): Row {
  const row: Row = {};
  for (const [field, value] of Object.entries(received.fact)) {
    if (field === 'kind' || value === undefined || value === null) continue;
    if (field === 'window') Object.assign(row, windowColumns(value));
    else row[field] = textFields.has(field) ? JSON.stringify(value) : value;
  }
  row['observed_at'] = received.observed_at;
  row['content_sha256'] = received.content_sha256;
  return row;
}

/** `{"rolling_days": 28}` or `{"calendar": "month", "timezone": "Europe/Berlin"}` as columns. */
function windowColumns(window: object): Row {
  const columns: Row = {};
  for (const [field, value] of Object.entries(window)) {
    columns[field === 'rolling_days' ? 'window_rolling_days' : `window_${field}`] = value;
  }
  return columns;
}
