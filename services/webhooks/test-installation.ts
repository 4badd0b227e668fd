import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { openEmbedded } from '@evenkeel/embedded';
import { createPipelineMetrics, GroupCommit, type GroupCommitOptions } from '@evenkeel/pipeline';
import { type AcceptedToken, releaseIdleConnections, startTelemetry } from '@evenkeel/runtime';
import { createStore, type FactSink, migrate, selectRows } from '@evenkeel/store';
import Fastify, { type FastifyInstance } from 'fastify';
import { factsReceiver } from './facts-receiver.ts';
import { createCommitIntake } from './intake.ts';
import { judgementReceiver } from './judgement-receiver.ts';
import { createKnownFacts } from './known-facts.ts';
import { otlpReceiver } from './otlp-receiver.ts';

/** Both receivers over a real ClickHouse in this process, for tests. */
export async function openInstallation() {
  const path = await mkdtemp(join(tmpdir(), 'evenkeel-webhooks-'));
  const embedded = openEmbedded({ path, database: 'evenkeel' });
  const client = embedded.client();
  const directory = fileURLToPath(new URL('../../sql/migrations', import.meta.url));
  await migrate(client, { directory, database: 'evenkeel', alone: true });
  const telemetry = await startTelemetry({ service: 'evenkeel-test' });
  const apps: FastifyInstance[] = [];
  const store = createStore(client);

  return {
    store,
    telemetry,
    rows: <Row>(query: string) => selectRows<Row>(client, query),
    /** Opens the receivers on a port of their own. */
    async listen(
      options: {
        sink?: FactSink;
        commit?: Partial<GroupCommitOptions>;
        tokens?: readonly AcceptedToken[];
        maxBodyBytes?: number;
      } = {},
    ) {
      const commit = new GroupCommit({ sink: options.sink ?? store, ...options.commit });
      const receiver = {
        intake: createCommitIntake(commit),
        process: { mapping: {} },
        tokens: options.tokens ?? [],
        metrics: createPipelineMetrics(telemetry.meter),
        ...(options.maxBodyBytes === undefined ? {} : { maxBodyBytes: options.maxBodyBytes }),
      };
      const app = Fastify({ logger: false });
      apps.push(app);
      app.addHook('preClose', async () => releaseIdleConnections(app.server));
      await app.register(factsReceiver, receiver);
      await app.register(judgementReceiver, { ...receiver, known: createKnownFacts(client) });
      await app.register(otlpReceiver, receiver);
      const url = await app.listen({ host: '127.0.0.1', port: 0 });
      return { app, commit, url };
    },
    async close() {
      for (const app of apps) await app.close();
      await telemetry.close();
      await embedded.close();
      await rm(path, { recursive: true, force: true });
    },
  };
}
