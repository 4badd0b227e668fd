import type { Meter } from '@opentelemetry/api';
import type { Processed, RawMessage } from './process.ts';

/** What the pipeline counts of itself. */
export interface PipelineMetrics {
  /** A message was processed: counts its facts by kind, rejected parts by code, ignored ones by reason. */
  processed(message: Pick<RawMessage, 'source'>, result: Processed): void;
  /** A message was refused before it was processed, and its sender told to come again. */
  refused(source: RawMessage['source'], reason: string): void;
  /** A batch is durable. */
  written(batch: { rows: number; milliseconds: number }): void;
  /** A write failed and is tried again. */
  retried(): void;
}

/** Registers the instruments at a meter. */
export function createPipelineMetrics(meter: Meter): PipelineMetrics {
  const messages = meter.createCounter('evenkeel_messages', {
    description: 'Messages received, by source and outcome',
  });
  const facts = meter.createCounter('evenkeel_facts', { description: 'Facts accepted, by source and kind' });
  const rejected = meter.createCounter('evenkeel_rejected', {
    description: 'Messages or parts of them rejected, by source and code',
  });
  const ignored = meter.createCounter('evenkeel_ignored', {
    description: 'Spans, log records and points that are not ours, by source and reason',
  });
  const rows = meter.createCounter('evenkeel_written_rows', {
    description: 'Rows handed to ClickHouse and durable',
  });
  const retries = meter.createCounter('evenkeel_write_retries', {
    description: 'Writes that failed and were tried again',
  });
  const duration = meter.createHistogram('evenkeel_write_duration_seconds', {
    description: 'Time from the first try of a write until it was durable',
    advice: { explicitBucketBoundaries: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 60] },
  });
  return {
    processed({ source }, result) {
      const outcome =
        result.rejected.length === 0 ? 'ok' : result.facts.length === 0 ? 'rejected' : 'partial';
      messages.add(1, { source, outcome });
      const kinds = Map.groupBy(result.facts, ({ fact }) => fact.kind);
      for (const [kind, of] of kinds) facts.add(of.length, { source, kind });
      for (const { code } of result.rejected) rejected.add(1, { source, code });
      for (const [reason, count] of Object.entries(result.ignored)) ignored.add(count, { source, reason });
    },
    refused(source, reason) {
      messages.add(1, { source, outcome: 'refused', reason });
    },
    written(batch) {
      rows.add(batch.rows);
      duration.record(batch.milliseconds / 1_000);
    },
    retried() {
      retries.add(1);
    },
  };
}
