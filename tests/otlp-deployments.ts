import { createHash } from 'node:crypto';

/** One deployment of a history, as a pipeline would report it in a span. */
export interface ReportedDeployment {
  readonly version: string;
  readonly startedAt: Date;
  readonly seconds: number;
  readonly outcome: 'succeeded' | 'failed';
}

/** Every day one deployment, of which every fifth fails. */
export function history(from: string, days: number): ReportedDeployment[] {
  return Array.from({ length: days }, (_, day) => ({
    version: `1.${day}`,
    startedAt: new Date(Date.parse(from) + day * 86_400_000),
    seconds: 90 + day,
    outcome: day % 5 === 4 ? 'failed' : 'succeeded',
  }));
}

/** The spans of deployments as an OTLP/JSON export request; the same deployments give the same ids. */
export function exportRequest(service: string, deployments: readonly ReportedDeployment[]): string {
  const spans = deployments.map(({ version, startedAt, seconds, outcome }) => {
    const id = createHash('sha256').update(`${service} ${version}`).digest('hex');
    const start = BigInt(startedAt.getTime()) * 1_000_000n;
    return {
      traceId: id.slice(0, 32),
      spanId: id.slice(32, 48),
      name: `deploy ${service}`,
      kind: 1,
      startTimeUnixNano: String(start),
      endTimeUnixNano: String(start + BigInt(seconds) * 1_000_000_000n),
      attributes: attributes({
        'cicd.pipeline.task.type': 'deploy',
        'evenkeel.service': service,
        'service.version': version,
        'deployment.environment.name': 'production',
        'deployment.status': outcome,
      }),
    };
  });
  const resource = { attributes: attributes({ 'service.name': 'pipeline' }) };
  return JSON.stringify({ resourceSpans: [{ resource, scopeSpans: [{ scope: { name: 'test' }, spans }] }] });
}

/** Attributes in OTLP/JSON. */
export function attributes(values: Readonly<Record<string, string>>) {
  return Object.entries(values).map(([key, stringValue]) => ({ key, value: { stringValue } }));
}

/** Sends an export request to a receiver; throws unless it is taken as a whole. */
export async function exportTo(
  otlp: string,
  signal: 'traces' | 'logs' | 'metrics',
  body: string,
): Promise<void> {
  const response = await fetch(`${otlp}/v1/${signal}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body,
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${signal}: ${response.status} ${text}`);
}
