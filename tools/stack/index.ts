export type { Environment } from './cache/cache-directory.ts';
export { builtCollector, collectorBinary } from './collector/binary.ts';
export { collectorConfig } from './collector/collector-part.ts';
export type { PartName } from './part.ts';
export { hasTool } from './process/build-command.ts';
export { StackError } from './process/stack-error.ts';
export type { Death, RunningPart } from './running-part.ts';
export { type Stack, type StackAddresses, type StackOptions, startStack } from './stack.ts';
export { welcome } from './welcome.ts';
