import type { ApiAnswer, ApiClient } from './api-client.ts';

/** One row of an answer. */
export type Row = Readonly<Record<string, unknown>>;

/** Every row of a list, page by page, or why they cannot be had. */
export type AllRows =
  | { outcome: 'ok'; rows: Row[]; meta: Row; clockMs: number | undefined }
  | Extract<ApiAnswer, { outcome: 'failed' }>;

/** Most rows that the API gives on one page. */
const PAGE_ROWS = 1000;

/**
 * Reads a list to its end.
 *
 * @param query without `limit` and `cursor`, which only lists with pages take
 */
export async function readAll(
  client: ApiClient,
  path: string,
  query: URLSearchParams = new URLSearchParams(),
  pages = true,
): Promise<AllRows> {
  const rows: Row[] = [];
  let asked = new URLSearchParams(query);
  for (;;) {
    if (pages) asked.set('limit', String(PAGE_ROWS));
    const answer = await client.get(asked.size === 0 ? path : `${path}?${asked}`);
    if (answer.outcome === 'failed') return answer;
    const { data, meta } = Object(answer.body) as { data?: unknown; meta?: unknown };
    if (!Array.isArray(data) || typeof meta !== 'object' || meta === null)
      return {
        outcome: 'failed',
        code: 'api_refused',
        message: `${path}: what answers there is no Evenkeel`,
      };
    rows.push(...data.map((row): Row => Object(row)));
    const cursor = (meta as Row)['next_cursor'];
    if (typeof cursor !== 'string')
      return { outcome: 'ok', rows, meta: meta as Row, clockMs: answer.clockMs };
    asked = new URLSearchParams({ cursor });
  }
}
