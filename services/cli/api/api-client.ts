import type { Environment } from '../ci/run.ts';
import { withoutUserinfo } from '../git/repository-url.ts';

const DEFAULT_API_URL = 'http://127.0.0.1:8080';
/** The longest one request may take, milliseconds. */
const REQUEST_TIMEOUT_MS = 30_000;

/** An answer of the API, or why there is none. */
export type ApiAnswer =
  | {
      outcome: 'ok';
      body: unknown;
      /** The clock of the API, Unix milliseconds, to the second; undefined: it did not say. */
      clockMs: number | undefined;
    }
  | {
      outcome: 'failed';
      code: 'api_unreachable' | 'api_refused';
      message: string;
      /** HTTP status of a refusal. */
      status?: number;
    };

/** What the commands ask the API, and where facts go. */
export interface ApiClient {
  get(path: string): Promise<ApiAnswer>;
  /** Sends facts, all in one request. */
  postFacts(facts: readonly object[]): Promise<ApiAnswer>;
}

/**
 * Talks to `EVENKEEL_API_URL`; facts go to `EVENKEEL_FACTS_URL`, by default the same. `EVENKEEL_TOKEN` is the bearer
 * token of both.
 */
export function createApiClient(env: Environment): ApiClient {
  const api = addressOf(env['EVENKEEL_API_URL'] || DEFAULT_API_URL);
  const facts = addressOf(env['EVENKEEL_FACTS_URL'] || api);
  const token = env['EVENKEEL_TOKEN'];
  const headers = token ? { authorization: `Bearer ${token}` } : {};
  return {
    get: (path) => ask(`${api}${path}`, { headers: { ...headers, accept: 'application/json' } }),
    async postFacts(list) {
      const answer = await ask(`${facts}/v1/facts`, {
        method: 'POST',
        headers: { ...headers, 'content-type': 'application/json' },
        body: JSON.stringify(list),
      });
      const elsewhere = answer.outcome === 'failed' && (answer.status === 404 || answer.status === 405);
      if (elsewhere && !env['EVENKEEL_FACTS_URL'])
        return {
          ...answer,
          message: `${answer.message}; in the full stack facts go to the webhooks service: set EVENKEEL_FACTS_URL`,
        };
      return answer;
    },
  };
}

function addressOf(url: string): string {
  return url.replace(/\/+$/, '');
}

async function ask(url: string, request: RequestInit): Promise<ApiAnswer> {
  const shown = withoutUserinfo(url);
  try {
    const response = await fetch(url, {
      ...request,
      redirect: 'error',
      signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS),
    });
    const body: unknown = await response.json().catch(() => undefined);
    if (response.ok && body !== undefined) return { outcome: 'ok', body, clockMs: clockOf(response) };
    const message = `${shown.replace(/\?.*$/, '')} answered HTTP ${response.status}${problemText(body)}`;
    return { outcome: 'failed', code: 'api_refused', message, status: response.status };
  } catch (error) {
    return { outcome: 'failed', code: 'api_unreachable', message: `${shown}: ${reasonOf(error)}` };
  }
}

function clockOf(response: Response): number | undefined {
  const clockMs = Date.parse(response.headers.get('date') ?? '');
  return Number.isNaN(clockMs) ? undefined : clockMs;
}

/** Code and detail of a problem (RFC 9457). */
function problemText(body: unknown): string {
  if (typeof body !== 'object' || body === null) return '';
  const { code, detail } = body as { code?: unknown; detail?: unknown };
  return typeof code === 'string' ? ` ${code}: ${typeof detail === 'string' ? detail : ''}` : '';
}

/** The system's error code where there is one: fetch hides it in the cause, and its messages may repeat the URL. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error.name === 'TimeoutError') return 'no answer in time';
  const { cause } = error;
  if (cause instanceof Error && 'code' in cause) return String(cause.code);
  return error instanceof TypeError ? 'not a usable address' : error.name;
}
