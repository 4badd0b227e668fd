export { mapLogRecord } from './log-record.ts';
export {
  type IgnoreReason,
  ignoreCatalogue,
  type Mapped,
  type MappingRejectCode,
  mappingRejectCatalogue,
} from './mapped.ts';
export { type MappingOptions, type MappingRule, mappingFileSchema, parseMapping } from './mapping-rules.ts';
export { mapMetricPoint } from './slo-metric.ts';
export { mapSpan } from './span.ts';
