export { type Committed, GroupCommit, type GroupCommitOptions, type Submission } from './group-commit.ts';
export { jitteredWaitMs } from './jitter.ts';
export { MappingFileError, readMappingFile } from './mapping-file.ts';
export { asPayload } from './payload.ts';
export { createPipelineMetrics, type PipelineMetrics } from './pipeline-metrics.ts';
export { type Processed, type ProcessOptions, process, type RawMessage } from './process.ts';
export { type RejectCode, rejectCatalogue } from './reject-codes.ts';
