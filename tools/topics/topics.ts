/** Most bytes of a batch that a topic takes. The Collector's exporter sends at most 1 000 000, the webhooks 524 288. */
const maxMessageBytes = 1_048_588;
const dayMs = 86_400_000;

const settings = {
  'cleanup.policy': 'delete',
  'max.message.bytes': String(maxMessageBytes),
  // As long as ClickHouse may be away or be rebuilt from what Kafka still has.
  'retention.ms': String(7 * dayMs),
  'segment.bytes': String(256 * 1024 * 1024),
  'compression.type': 'producer',
};

/**
 * The topics and their settings. Facts commute, so no topic needs keys or an order; partitions only say how many
 * normalizers can share the work.
 */
export const topics: Readonly<
  Record<string, { partitions: number; settings: Readonly<Record<string, string>> }>
> = {
  otlp_spans: { partitions: 6, settings },
  otlp_logs: { partitions: 6, settings },
  otlp_metrics: { partitions: 6, settings },
  evenkeel_facts: { partitions: 6, settings: { ...settings, 'retention.ms': String(30 * dayMs) } },
};
