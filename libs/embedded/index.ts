export { DataDirectoryHeldError, type Holder } from './data-directory-lock.ts';
export { type Embedded, type EmbeddedOptions, openEmbedded } from './embedded.ts';
export type { AnalystLimits } from './engine-config.ts';
export {
  type ClickHouseHttp,
  type ClickHouseHttpOptions,
  createClickHouseHttp,
} from './http/clickhouse-http.ts';
export type { Credentials, CredentialsCheck } from './http/credentials.ts';
