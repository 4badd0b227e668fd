/** Where the parts of a running process are reached; undefined when a part is off. */
export interface Addresses {
  readonly otlp: string;
  readonly api: string;
  readonly clickhouse: string | undefined;
  readonly dataDirectory: string;
}

/** What a person who has just started Evenkeel wants to know: where things are, and what to type next. */
export function welcome({ otlp, api, clickhouse, dataDirectory }: Addresses): string {
  const endpoint = otlp.endsWith(':4318') ? '' : `OTEL_EXPORTER_OTLP_ENDPOINT=${otlp} `;
  const rows = [
    ['send spans to', `${otlp}/v1/traces (OTLP/HTTP: also /v1/logs, /v1/metrics)`],
    ['send facts to', `${api}/v1/facts`],
    ['API', `${api}/v1/dora/summary`],
    ['its docs', `${api}/docs`],
    ['SQL (read only)', clickhouse === undefined ? 'off' : `${clickhouse}/?query=select+*+from+deployments`],
    ['data', dataDirectory],
  ] as const;
  return [
    '',
    'Evenkeel is running.',
    ...rows.map(([name, value]) => `  ${name.padEnd(16)}${value}`),
    '',
    'Report a first deployment, then read it back:',
    `  ${endpoint}npx evenkeel deploy --service checkout --version 1.0 -- true`,
    `  curl '${api}/v1/dora/summary?service=checkout'`,
    '',
    'Ctrl-C stops it; what was reported is kept.',
    '',
  ].join('\n');
}
