import type { Demo } from './demo.ts';
import { exportRequest } from './otlp-spans.ts';
import { type Destination, sendFacts, sendSpans } from './send.ts';

const spansPerRequest = 250;
const factsPerRequest = 2_000;
/** Requests on their way at a time: one is written while the next is decoded. */
const requestsAtOnce = 3;

/**
 * Sends a demo: settings first, then deployments over OTLP, incidents and SLIs as facts.
 *
 * @param sent told how many more spans and facts have been taken
 * @throws {RefusedError}
 */
export async function fill(demo: Demo, to: Destination, sent: (count: number) => void): Promise<void> {
  const requests = (function* () {
    for (const facts of chunks(demo.facts, factsPerRequest))
      yield { send: () => sendFacts(to, facts), size: facts.length };
    for (const deployments of chunks(demo.deployments, spansPerRequest)) {
      yield { send: () => sendSpans(to, exportRequest(deployments)), size: deployments.length };
    }
    for (const facts of chunks(demo.slis(), factsPerRequest))
      yield { send: () => sendFacts(to, facts), size: facts.length };
  })();
  const worker = async () => {
    for (const { send, size } of requests) {
      await send();
      sent(size);
    }
  };
  await Promise.all(Array.from({ length: requestsAtOnce }, worker));
}

function* chunks<T>(items: Iterable<T>, size: number): Generator<T[]> {
  let chunk: T[] = [];
  for (const item of items) {
    chunk.push(item);
    if (chunk.length < size) continue;
    yield chunk;
    chunk = [];
  }
  if (chunk.length > 0) yield chunk;
}
