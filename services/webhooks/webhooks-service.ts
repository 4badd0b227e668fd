import { type BusLog, createProducer } from '@evenkeel/bus';
import { createPipelineMetrics } from '@evenkeel/pipeline';
import {
  authorize,
  createHealthEndpoints,
  EvenkeelError,
  type HealthAnswer,
  logListening,
  refuseToListen,
  releaseIdleConnections,
  runService,
} from '@evenkeel/runtime';
import { createServerClient } from '@evenkeel/store';
import Fastify, { type FastifyReply } from 'fastify';
import { toEvenkeelError } from './door.ts';
import { factsReceiver, type ReceiverOptions } from './facts-receiver.ts';
import { createBusIntake } from './intake.ts';
import { judgementReceiver } from './judgement-receiver.ts';
import { createKnownFacts } from './known-facts.ts';

const topic = 'evenkeel_facts';
/** Most bytes of requests that wait for Kafka. */
const maxWaitingBytes = 67_108_864;

/** Runs the webhooks service of the full stack: facts over HTTP to Kafka. */
export function runWebhooks(): Promise<void> {
  return runService({
    name: 'evenkeel-webhooks',
    settings: [
      'apiHost',
      'webhooksPort',
      'tokens',
      'kafkaBrokers',
      'clickhouseUrl',
      'clickhouseUser',
      'clickhousePassword',
      'clickhouseDatabase',
    ],
    async open({ config, logger, lifecycle, readiness, telemetry }) {
      refuseToListen(config.apiHost, config.tokens);
      const log: BusLog = (level, message, details) => logger[level](details, message);
      const producer = createProducer({
        brokers: config.kafkaBrokers,
        clientId: 'evenkeel-webhooks',
        log,
        topics: [topic],
      });
      lifecycle.onStop('kafka', () => producer.stop());
      readiness.probe('kafka', () => ({ ready: producer.state === 'running', detail: producer.detail }));

      const app = Fastify({ loggerInstance: logger.child({}, { level: 'warn' }), return503OnClosing: true });
      app.addHook('preClose', async () => releaseIdleConnections(app.server));
      lifecycle.onStop('http', () => app.close());
      const health = createHealthEndpoints({ lifecycle, readiness, telemetry });
      const send = (reply: FastifyReply, { status, contentType, body }: HealthAnswer) =>
        reply.code(status).type(contentType).send(body);
      app.get('/healthz', (_request, reply) => send(reply, health.healthz()));
      app.get('/readyz', async (_request, reply) => send(reply, await health.readyz()));
      app.get('/metrics', async (request, reply) => {
        const authorization = authorize(config.tokens, request.headers.authorization, 'read');
        if (authorization.outcome === 'rejected') {
          throw new EvenkeelError(authorization.code, authorization.reason);
        }
        return send(reply, await health.metrics());
      });
      app.setErrorHandler((error, _request, reply) => {
        const problem = toEvenkeelError(error);
        return reply.code(problem.status).type('application/problem+json').send(problem.toProblem());
      });
      app.setNotFoundHandler((_request, reply) => {
        const problem = new EvenkeelError('not_found', 'There is nothing at this address.');
        return reply.code(problem.status).type('application/problem+json').send(problem.toProblem());
      });

      // Asked when a person corrects or repeats; facts need no ClickHouse.
      const client = createServerClient({
        url: config.clickhouseUrl,
        user: config.clickhouseUser,
        password: config.clickhousePassword,
        database: config.clickhouseDatabase,
      });
      lifecycle.onStop('clickhouse', () => client.close());
      const receiver: ReceiverOptions = {
        intake: createBusIntake({ producer, topic, maxBytes: maxWaitingBytes }),
        process: { mapping: {} },
        tokens: config.tokens,
        metrics: createPipelineMetrics(telemetry.meter),
      };
      await app.register(factsReceiver, receiver);
      await app.register(judgementReceiver, { ...receiver, known: createKnownFacts(client) });
      // Not waited for: the port is there at once, and says that Kafka is not.
      producer.start().catch((error: unknown) => {
        logger.fatal({ err: error }, 'the Kafka producer could not start');
        void lifecycle.stop('kafka', 69).then((exitCode) => process.exit(exitCode));
      });
      await app.listen({ host: config.apiHost, port: config.webhooksPort });
      const address = app.server.address();
      if (typeof address === 'object' && address !== null) {
        logListening(logger, 'webhooks', { host: address.address, port: address.port });
      }
    },
  });
}
