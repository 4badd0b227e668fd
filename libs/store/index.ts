export {
  classify,
  clickhouseCode,
  describe,
  isAway,
  isRetriable,
  StoreUnavailable,
} from './clickhouse-errors.ts';
export { recomputeCosts } from './cost-recompute.ts';
export { tableOf } from './fact-rows.ts';
export { type MigrateOptions, MigrationError, migrate } from './migrate.ts';
export { type Batch, markAgain, recomputeBatch } from './recompute.ts';
export { Refresher } from './refresher.ts';
export type { RefresherOptions, RefresherState } from './refresher-options.ts';
export type { Rejected } from './rejected-messages.ts';
export { selectRows } from './select.ts';
export { createServerClient, ensureServerDatabase, type ServerConfig } from './server-client.ts';
export { recomputeSlis } from './sli-recompute.ts';
export { splitStatements } from './statements.ts';
export { createStore, type FactBatch, type FactSink, type StoreOptions } from './store.ts';
export { ViewDefinitions } from './view-definitions.ts';
export { type AfterColumn, type Page, queryView, type ViewParameter, type ViewValue } from './views.ts';
