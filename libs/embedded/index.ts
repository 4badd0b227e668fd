export { DataDirectoryHeldError, type Holder } from './data-directory-lock.ts';
export { type Embedded, type EmbeddedOptions, openEmbedded } from './embedded.ts';
export type { AnalystLimits } from './engine-config.ts';
