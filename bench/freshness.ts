// Freshness: from the end of a deployment's span to the moment at which the API counts it, one after the other.
// Start Evenkeel (npm start, or npm run stack), then: npx node bench/freshness.ts [deployments]
// Addresses: OTEL_EXPORTER_OTLP_ENDPOINT (http://127.0.0.1:4318), EVENKEEL_API_URL (http://127.0.0.1:8080).
import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { percentile } from './measure/percentile.ts';

const otlp = process.env['OTEL_EXPORTER_OTLP_ENDPOINT'] ?? 'http://127.0.0.1:4318';
const api = process.env['EVENKEEL_API_URL'] ?? 'http://127.0.0.1:8080';
const rounds = Number(process.argv[2] ?? 100);
const service = `freshness-${randomBytes(3).toString('hex')}`;

async function deployments(): Promise<number> {
  const response = await fetch(`${api}/v1/dora/summary?service=${service}`);
  if (!response.ok) throw new Error(`${response.status}: ${await response.text()}`);
  const { data } = (await response.json()) as { data: { deployments: number } };
  return data.deployments;
}

async function report(version: number): Promise<number> {
  const end = Date.now();
  const attribute = (key: string, stringValue: string) => ({ key, value: { stringValue } });
  const span = {
    traceId: randomBytes(16).toString('hex'),
    spanId: randomBytes(8).toString('hex'),
    name: `deploy ${service}`,
    kind: 1,
    startTimeUnixNano: `${end - 1000}000000`,
    endTimeUnixNano: `${end}000000`,
    attributes: [
      attribute('cicd.pipeline.task.type', 'deploy'),
      attribute('deployment.id', `${service}-${version}`),
      attribute('deployment.status', 'succeeded'),
      attribute('deployment.environment.name', 'production'),
      attribute('evenkeel.service', service),
      attribute('service.version', String(version)),
    ],
  };
  const body = JSON.stringify({ resourceSpans: [{ scopeSpans: [{ spans: [span] }] }] });
  const response = await fetch(`${otlp}/v1/traces`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body,
  });
  if (!response.ok) throw new Error(`${response.status}: ${await response.text()}`);
  return end;
}

const times: number[] = [];
for (let version = 1; version <= rounds; version += 1) {
  const end = await report(version);
  while ((await deployments()) < version) await sleep(5);
  times.push(Date.now() - end);
}
const shown = (share: number) => `${percentile(times, share).toFixed(0)} ms`;
console.log(
  `${rounds} deployments: p50 ${shown(0.5)}, p99 ${shown(0.99)}, least ${shown(0)}, most ${shown(1)}`,
);
