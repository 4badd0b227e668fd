/** Every container image of the full stack; `docker-compose.yml` names the first three too, and a test holds them to it. */
export const images = {
  kafka: 'apache/kafka:4.1.0',
  clickhouse: 'clickhouse/clickhouse-server:26.7',
  collector: 'otel/opentelemetry-collector-contrib:0.159.0',
  /** What testcontainers cleans up with; its version belongs to testcontainers'. */
  ryuk: 'testcontainers/ryuk:0.14.0',
} as const;
