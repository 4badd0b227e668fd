import { createClickHouseHttp, type Embedded } from '@evenkeel/embedded';
import { authorize, logListening, type ServiceContext } from '@evenkeel/runtime';

/**
 * Serves ClickHouse's HTTP interface, read only, to analysts on this machine. Where tokens are configured, one with the
 * scope `read` is the password, whatever the user's name.
 *
 * @returns the address; undefined when `EVENKEEL_CLICKHOUSE_PORT` is 0
 */
export async function serveAnalysts(
  embedded: Embedded,
  { config, logger, lifecycle }: ServiceContext<'clickhousePort' | 'tokens'>,
): Promise<string | undefined> {
  if (config.clickhousePort === 0) return undefined;
  const endpoint = createClickHouseHttp({
    embedded,
    readonly: true,
    credentials: ({ password }) => authorize(config.tokens, `Bearer ${password}`, 'read').outcome === 'ok',
  });
  const { host, port } = await endpoint.listen({
    port: config.clickhousePort === 'auto' ? 0 : config.clickhousePort,
  });
  lifecycle.onStop('clickhouse port', () => endpoint.close());
  return logListening(logger, 'clickhouse', { host, port });
}
