import type { Embedded } from '@evenkeel/embedded';
import type { ServiceContext } from '@evenkeel/runtime';

/** Serves ClickHouse's HTTP interface, read only, to analysts on this machine; undefined when it is off. */
export async function serveAnalysts(
  _embedded: Embedded,
  _context: ServiceContext<'clickhousePort'>,
): Promise<string | undefined> {
  return undefined;
}
