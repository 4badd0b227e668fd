import type { ClickHouseClient } from '@clickhouse/client';
import {
  type AcceptedToken,
  EvenkeelError,
  type HealthEndpoints,
  type Logger,
  releaseIdleConnections,
  type Telemetry,
} from '@evenkeel/runtime';
import {
  type FastifyBaseLogger,
  type FastifyInstance,
  type FastifyPluginAsync,
  fastify,
  LogController,
} from 'fastify';
import { type Answer, SHORT_CACHE_SECONDS } from './answers/answer.ts';
import { Reuse } from './answers/reuse.ts';
import { describeApi } from './http/description.ts';
import { answerProblems, sendProblem } from './http/problems.ts';
import type { ApiContext } from './http/read-route.ts';
import { measureRequests } from './http/request-metrics.ts';
import { addSecurity, setSecurityHeaders } from './http/security.ts';
import { validateWithZod } from './http/validation.ts';
import { registerAttribution } from './routes/attribution.ts';
import { registerCorrections } from './routes/corrections.ts';
import { registerDeployments } from './routes/deployments.ts';
import { registerDora } from './routes/dora.ts';
import { registerExplain } from './routes/explain.ts';
import { registerExplainBudget } from './routes/explain-budget.ts';
import { registerIncidents } from './routes/incidents.ts';
import { registerOperation } from './routes/operation.ts';
import { registerQuality } from './routes/quality.ts';
import { registerServices } from './routes/services.ts';
import { registerSloAlerts } from './routes/slo-alerts.ts';
import { registerSloHistory } from './routes/slo-history.ts';
import { registerSlos } from './routes/slos.ts';
import type { QualityNote } from './rows/quality.ts';
import { createClickHouseCalendar } from './store/clickhouse-calendar.ts';
import { createViewReader, type NotedRows } from './store/view-reader.ts';

/** What the API is built from. */
export interface ApiOptions {
  /** Reads only; its database is the one with Evenkeel's views. */
  readonly client: ClickHouseClient;
  /** Now, from which default ranges count and against which ages are measured. */
  readonly clock: () => Date;
  /** Accepted bearer tokens; none: everybody may read, so listen on loopback only. */
  readonly tokens: readonly AcceptedToken[];
  readonly logger: Logger;
  readonly health: HealthEndpoints;
  /** Where the duration of requests is measured. @default nowhere */
  readonly meter?: Telemetry['meter'];
  /**
   * More addresses on the same port, e.g. for facts. They check tokens themselves; their schemas, if any, are zod.
   *
   * @default none
   */
  readonly plugins?: readonly FastifyPluginAsync[];
  /**
   * How long aggregates are used again, in milliseconds; 0: each is asked anew, which is for measuring.
   *
   * @default 5000
   */
  readonly reuseMs?: number;
}

/** Longest id in an address, percent-encoded: 512 characters of up to 4 bytes, 3 characters a byte. */
const MAX_PARAM_LENGTH = 512 * 4 * 3;

/** Oldest rows of aggregates from which another answer is made, in milliseconds. */
const AGGREGATES_MS = 1_000;
/** About what such a row takes. */
const BYTES_OF_ROW = 1_000;

/** Bounds of what is used again: a page of the dashboard asks some dozen addresses, of some kB each. */
const MAX_REUSED = { maximumEntries: 1000, maximumBytes: 32 * 2 ** 20 };

/** Build the API. It does not listen: that is for whoever wires the process, as is closing it. */
export function buildApi(options: ApiOptions): FastifyInstance {
  const { client, clock, tokens, logger, health, meter, plugins = [] } = options;
  const reuse = { maximumAgeMs: options.reuseMs ?? SHORT_CACHE_SECONDS * 1000, ...MAX_REUSED };
  const app = fastify({
    loggerInstance: logger as FastifyBaseLogger,
    // One line a request would repeat what people ask for; errors are logged where they are answered.
    logController: new LogController({ disableRequestLogging: true }),
    routerOptions: { maxParamLength: MAX_PARAM_LENGTH },
    frameworkErrors: (error, request, reply) => {
      setSecurityHeaders(reply);
      sendProblem(request, reply, new EvenkeelError('not_found', error.message));
    },
  });
  app.setValidatorCompiler(validateWithZod);
  // Rows are checked when they are read; answers are written as they are.
  app.setSerializerCompiler(() => (data) => JSON.stringify(data));
  addSecurity(app, tokens);
  app.addHook('preClose', async () => releaseIdleConnections(app.server));
  answerProblems(app);
  if (meter !== undefined) measureRequests(app, meter);

  const context: ApiContext = {
    views: createViewReader(client),
    calendar: createClickHouseCalendar(client),
    clock,
    tokens,
    answers: new Reuse<Answer>(reuse, ({ body }) => body.length),
    // An answer made from them may be used again for as long as it may be old itself: so they are younger.
    aggregates: new Reuse<NotedRows>(
      { ...reuse, maximumAgeMs: Math.min(reuse.maximumAgeMs, AGGREGATES_MS) },
      ({ rows }) => rows.length * BYTES_OF_ROW,
    ),
    thinData: new Reuse<QualityNote[]>(reuse, (notes) => JSON.stringify(notes).length),
  };
  describeApi(app);
  app.register(async (routes) => {
    registerDora(routes, context);
    registerExplainBudget(routes, context);
    registerExplain(routes, context);
    registerDeployments(routes, context);
    registerIncidents(routes, context);
    registerSlos(routes, context);
    registerSloAlerts(routes, context);
    registerSloHistory(routes, context);
    registerAttribution(routes, context);
    registerCorrections(routes, context);
    registerServices(routes, context);
    registerQuality(routes, context);
    registerOperation(routes, health, tokens);
  });
  for (const plugin of plugins) app.register(plugin);
  return app;
}
