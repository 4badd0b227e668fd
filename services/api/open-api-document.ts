import { createLogger, type HealthAnswer } from '@evenkeel/runtime';
import { createServerClient } from '@evenkeel/store';
import { type ApiOptions, buildApi } from './build-api.ts';

/**
 * The description of the API (OpenAPI 3.1), made without asking any ClickHouse.
 *
 * @param plugins what else stands on the same port
 */
export async function openApiDocument(plugins: ApiOptions['plugins'] = []): Promise<object> {
  // Nothing is sent before the first question, and none is asked.
  const client = createServerClient({ url: 'http://localhost', user: '', password: '', database: '' });
  const unused = (): HealthAnswer => ({ status: 503, contentType: 'text/plain', body: '' });
  const app = buildApi({
    client,
    clock: () => new Date(0),
    tokens: [],
    logger: createLogger({ name: 'api', level: 'silent' }),
    plugins,
    health: { healthz: unused, readyz: async () => unused(), metrics: async () => unused() },
  });
  try {
    await app.ready();
    return app.swagger();
  } finally {
    await app.close();
    await client.close();
  }
}
