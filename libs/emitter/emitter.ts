import {
  logs,
  ROOT_CONTEXT,
  SeverityNumber,
  type Span,
  SpanKind,
  SpanStatusCode,
  trace,
} from '@opentelemetry/api';
import { changeAttributes, deploymentAttributes, endAttributes, incidentAttributes } from './attributes.ts';
import { type Delivery, DeliveryRecord } from './delivery.ts';
import { type Environment, exportSettings, LONGEST_DELAY_MS } from './environment.ts';
import type { ChangeReport, DeploymentEnd, DeploymentReport, IncidentReport } from './reports.ts';
import { PromisedIds, startSdk, unregisterSdk } from './sdk.ts';
import { formatTraceparent, parseTraceparent } from './traceparent.ts';

const SCOPE = '@evenkeel/emitter';

/** Options of `createEmitter`. Where to send and with which headers is read from the standard `OTEL_*` variables. */
export interface EmitterOptions {
  /** Variables to read `OTEL_SDK_DISABLED`, protocols and timeouts from. @default process.env */
  env?: Environment;
}

/** A deployment that has been reported as started and is still going on. */
export interface RunningDeployment {
  /** What a child process needs in `TRACEPARENT` to continue this trace. */
  readonly traceparent: string;
  /** Users have it now: a canary, ring or traffic step. */
  advanced(step: string, at?: Date): void;
  /** A commit that this deployment carries. */
  carries(change: ChangeReport): void;
  /** Ends the deployment; only the first call counts. */
  finished(end: DeploymentEnd): void;
}

/** Reports deployments and incidents. No method throws or rejects because telemetry cannot be sent. */
export interface Emitter {
  /** Reports a deployment that starts now (or at `startedAt`); nothing is sent until it is `finished`. */
  deployment(report: DeploymentReport): RunningDeployment;
  /**
   * Reports one phase alone, for pipelines that start and finish a deployment in different processes.
   * Both calls need the same `deploymentId`, `service` and `environment`.
   */
  deploymentPhase(
    report: DeploymentReport & { deploymentId: string },
    phase: 'started' | DeploymentEnd,
  ): void;
  incident(report: IncidentReport): void;
  /** Sends what is pending, waiting at most `timeoutMs` (milliseconds, default and maximum 5000), and says what became of it. */
  shutdown(options?: { timeoutMs?: number }): Promise<Delivery>;
}

/** What `createEmitter` loads and calls. */
export function startEmitter(options: EmitterOptions): Emitter {
  const env = options.env ?? process.env;
  const settings = exportSettings(env);
  const record = new DeliveryRecord();
  const ids = new PromisedIds();
  const sdk = settings.disabled ? undefined : startSdk(settings, env, record, ids);
  let closing: Promise<Delivery> | undefined;

  const startSpan = (report: DeploymentReport): Span => {
    const parent = parseTraceparent(report.traceparent);
    ids.promise(report.spanIds);
    const started = report.startedAt ?? new Date();
    const span = trace
      .getTracer(SCOPE)
      .startSpan(
        `${report.action ?? 'deploy'} ${report.service}`,
        { kind: SpanKind.INTERNAL, startTime: started, attributes: deploymentAttributes(report) },
        parent === undefined ? ROOT_CONTEXT : trace.setSpanContext(ROOT_CONTEXT, parent),
      );
    ids.promise(undefined);
    for (const change of report.changes ?? []) {
      span.addEvent('evenkeel.change', changeAttributes(change, report.repository), started);
    }
    return span;
  };

  return {
    deployment(report) {
      const span = startSpan(report);
      return {
        traceparent: formatTraceparent(span.spanContext()),
        advanced: (step, at) =>
          void span.addEvent('evenkeel.deployment.advanced', { 'evenkeel.deployment.step': step }, at),
        carries: (change) =>
          void span.addEvent(
            'evenkeel.change',
            changeAttributes(change, report.repository),
            report.startedAt,
          ),
        finished: (end) => endSpan(span, end),
      };
    },
    deploymentPhase(report, phase) {
      const span = startSpan(report);
      span.setAttribute('evenkeel.deployment.phase', phase === 'started' ? 'started' : 'finished');
      if (phase === 'started') span.end(report.startedAt);
      else endSpan(span, phase);
    },
    incident(report) {
      const at = report.occurredAt ?? new Date();
      logs.getLogger(SCOPE).emit({
        eventName: `evenkeel.incident.${report.transition}`,
        timestamp: at,
        severityNumber: SeverityNumber.INFO,
        attributes: incidentAttributes(report),
      });
    },
    shutdown({ timeoutMs = LONGEST_DELAY_MS } = {}) {
      closing ??=
        sdk === undefined
          ? Promise.resolve({ outcome: 'disabled' })
          : close(sdk, record, Math.min(timeoutMs, LONGEST_DELAY_MS));
      return closing;
    },
  };
}

function endSpan(span: Span, end: DeploymentEnd): void {
  span.setAttributes(endAttributes(end));
  if (end.outcome === 'failed') span.setStatus({ code: SpanStatusCode.ERROR });
  span.end(end.finishedAt);
}

async function close(
  sdk: { shutdown(): Promise<void> },
  record: DeliveryRecord,
  timeoutMs: number,
): Promise<Delivery> {
  let timer: NodeJS.Timeout | undefined;
  const tooLate = new Promise<void>((resolve) => {
    timer = setTimeout(() => {
      record.failed(`no answer within ${Math.round(timeoutMs)} ms`);
      resolve();
    }, timeoutMs);
  });
  try {
    await Promise.race([sdk.shutdown(), tooLate]);
  } catch (error) {
    record.failed(error instanceof Error ? error.message : String(error));
  } finally {
    clearTimeout(timer);
    unregisterSdk();
  }
  return record.summary();
}
