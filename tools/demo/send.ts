import { setTimeout as sleep } from 'node:timers/promises';

/** Where to send and as whom. */
export interface Destination {
  readonly otlpUrl: string;
  readonly factsUrl: string;
  readonly token: string | undefined;
}

/** The system did not take what was sent; the message says what it answered. */
export class RefusedError extends Error {
  override readonly name = 'RefusedError';
}

/** Tries before giving up on a system that is away or busy; the waits between them add up to about two minutes. */
const tries = 10;

/** Sends one OTLP/JSON export request of traces. @throws {RefusedError} */
export function sendSpans(to: Destination, body: string): Promise<void> {
  return send(`${to.otlpUrl}/v1/traces`, 'application/json', body, to.token);
}

/** Sends facts as NDJSON. @throws {RefusedError} */
export function sendFacts(to: Destination, facts: readonly object[]): Promise<void> {
  const body = facts.map((fact) => JSON.stringify(fact)).join('\n');
  return send(`${to.factsUrl}/v1/facts`, 'application/x-ndjson', body, to.token);
}

async function send(url: string, type: string, body: string, token: string | undefined): Promise<void> {
  const headers = {
    'content-type': type,
    ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
  };
  let last = '';
  for (let attempt = 0; attempt < tries; attempt += 1) {
    let waitMs = Math.min(30_000, 250 * 2 ** attempt);
    try {
      const response = await fetch(url, { method: 'POST', headers, body });
      const text = await response.text();
      if (response.ok) {
        if (!/rejected(Spans)?"\s*:\s*"?[1-9]/.test(text)) return;
        throw new RefusedError(`${url} rejected a part: ${text.slice(0, 500)}`);
      }
      if (response.status !== 429 && response.status !== 503) {
        throw new RefusedError(`${url} answered ${response.status}: ${text.slice(0, 500)}`);
      }
      last = `${response.status}`;
      waitMs = Math.max(waitMs, Number(response.headers.get('retry-after') ?? 0) * 1000);
    } catch (error) {
      if (error instanceof RefusedError) throw error;
      last = error instanceof Error ? String(error.cause ?? error.message) : String(error);
    }
    await sleep(waitMs);
  }
  throw new RefusedError(`${url} took nothing in ${tries} tries: ${last}`);
}
