import type { Stack } from './stack.ts';

/** What a person who has just started the stack wants to know: where things are, and what to type next. */
export function welcome({ addresses, directory }: Stack, needsToken: boolean): string {
  const { otlp, otlpGrpc, webhooks, api, clickhouse, brokers } = addresses;
  const endpoint = otlp.endsWith(':4318') ? '' : `OTEL_EXPORTER_OTLP_ENDPOINT=${otlp} `;
  const token = needsToken ? '-H "Authorization: Bearer $TOKEN" ' : '';
  const rows = [
    ['send spans to', `${otlp}/v1/traces (OTLP/HTTP: also /v1/logs, /v1/metrics; gRPC: ${otlpGrpc})`],
    ['send facts to', `${webhooks}/v1/facts`],
    ['API', `${api}/v1/dora/summary`],
    ['its docs', `${api}/docs`],
    ['ClickHouse', `${clickhouse}/?database=evenkeel&query=show+tables`],
    ['Kafka', `${brokers} (otlp_spans, otlp_logs, otlp_metrics, evenkeel_facts)`],
    ['data and logs', directory],
  ] as const;
  return [
    '',
    'The full stack is running.',
    ...rows.map(([name, value]) => `  ${name.padEnd(16)}${value}`),
    '',
    'Report a first deployment, then read it back:',
    `  ${endpoint}npx evenkeel deploy --service checkout --version 1.0 -- true`,
    `  curl ${token}'${api}/v1/dora/summary?service=checkout'`,
    '',
    'Ctrl-C stops it; what was reported is kept.',
    '',
  ].join('\n');
}
