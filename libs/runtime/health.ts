import type { Lifecycle } from './lifecycle.ts';
import type { Readiness } from './readiness.ts';
import type { Telemetry } from './telemetry.ts';

/** An answer without a web framework in it. */
export interface HealthAnswer {
  readonly status: number;
  readonly contentType: string;
  readonly body: string;
}

/**
 * `/healthz` (the process runs), `/readyz` (it takes work; names the part that does not) and `/metrics`
 * (Prometheus text), for whatever serves them.
 */
export interface HealthEndpoints {
  healthz(): HealthAnswer;
  readyz(): Promise<HealthAnswer>;
  metrics(): Promise<HealthAnswer>;
}

/** Puts the three endpoints over their sources. */
export function createHealthEndpoints(sources: {
  lifecycle: Lifecycle;
  readiness: Readiness;
  telemetry: Telemetry;
}): HealthEndpoints {
  const { lifecycle, readiness, telemetry } = sources;
  return {
    healthz: () => json(200, { status: lifecycle.state }),
    async readyz() {
      const { ready, parts } = await readiness.report();
      const takesWork = ready && lifecycle.state === 'running';
      return json(takesWork ? 200 : 503, { ready: takesWork, state: lifecycle.state, parts });
    },
    async metrics() {
      return {
        status: 200,
        contentType: 'text/plain; version=0.0.4; charset=utf-8',
        body: await telemetry.metricsText(),
      };
    },
  };
}

function json(status: number, body: unknown): HealthAnswer {
  return { status, contentType: 'application/json; charset=utf-8', body: JSON.stringify(body) };
}
