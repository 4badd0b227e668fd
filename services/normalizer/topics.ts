import type { RawMessage } from '@evenkeel/pipeline';

/** What each topic carries: OTLP export requests as the Collector writes them, and canonical facts, one a line. */
export const topics: Readonly<Record<string, Pick<RawMessage, 'source' | 'encoding'>>> = {
  otlp_spans: { source: 'otlp_traces', encoding: 'protobuf' },
  otlp_logs: { source: 'otlp_logs', encoding: 'protobuf' },
  otlp_metrics: { source: 'otlp_metrics', encoding: 'protobuf' },
  evenkeel_facts: { source: 'facts', encoding: 'ndjson' },
};
