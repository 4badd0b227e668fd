import { createHash } from 'node:crypto';
import { BusUnavailable, type Producer } from '@evenkeel/bus';
import type { Committed, GroupCommit, Processed } from '@evenkeel/pipeline';

/** Where what came through the door goes. Only what ended as `written` may be acknowledged. */
export interface Intake {
  /** The error of a caller when what stands behind the door is away. */
  readonly away: 'store_unavailable' | 'bus_unavailable';
  /** Says, before a body of so many bytes is read or processed, whether it would be refused. */
  refusal(bytes: number): Extract<Committed, { outcome: 'refused' }> | undefined;
  /** Resolves when all of it is durable, or says why it is not. */
  take(processed: Processed, body: Uint8Array): Promise<Committed>;
}

/** Embedded: straight to ClickHouse, together with whoever else is at the door. */
export function createCommitIntake(commit: GroupCommit): Intake {
  return {
    away: 'store_unavailable',
    refusal: (bytes) => commit.refusal(bytes),
    take: ({ facts, rejected }, body) =>
      commit.submit({
        facts,
        rejected,
        bytes: body.length,
        contentSha256: createHash('sha256').update(body).digest('hex'),
      }),
  };
}

/** Most bytes of one Kafka message; brokers take 1 MB a batch by default. */
const messageBytes = 524_288;
/** Longest part of a rejected line that is passed on, in characters. */
const rejectedCharacters = 131_072;

/**
 * Full stack: to Kafka. Accepted facts go with the instant of their receipt; rejected lines go too, where the
 * normalizer rejects them again and keeps them, so that the door needs no ClickHouse.
 *
 * @param options.maxBytes most bytes of requests that wait for Kafka
 */
export function createBusIntake(options: { producer: Producer; topic: string; maxBytes: number }): Intake {
  const { producer, topic, maxBytes } = options;
  let waiting = 0;
  const refusal = (bytes: number) =>
    waiting > 0 && waiting + bytes > maxBytes
      ? ({ outcome: 'refused', reason: 'full', retryAfterSeconds: 1 } as const)
      : undefined;
  return {
    away: 'bus_unavailable',
    refusal,
    async take(processed, body) {
      const refused = refusal(body.length);
      if (refused !== undefined) return refused;
      waiting += body.length;
      try {
        for (const message of toMessages(linesOf(processed))) await producer.send(topic, [message]);
        return { outcome: 'written' };
      } catch (error) {
        if (!(error instanceof BusUnavailable)) throw error;
        return { outcome: 'unavailable', reason: error.message, retryAfterSeconds: 5 };
      } finally {
        waiting -= body.length;
      }
    },
  };
}

function* linesOf({ facts, rejected }: Processed): Generator<string> {
  for (const { fact, observed_at } of facts) yield JSON.stringify({ ...fact, observed_at });
  for (const { payload } of rejected) {
    const cut = payload.slice(0, rejectedCharacters);
    // As a JSON string it stays one line, and no fact, whatever its own lines would say.
    yield /[\r\n]/.test(cut) ? JSON.stringify(cut) : cut;
  }
}

function* toMessages(lines: Iterable<string>): Generator<Uint8Array> {
  let parts: Buffer[] = [];
  let bytes = 0;
  for (const line of lines) {
    const part = Buffer.from(`${line}\n`);
    if (parts.length > 0 && bytes + part.length > messageBytes) {
      yield Buffer.concat(parts);
      parts = [];
      bytes = 0;
    }
    parts.push(part);
    bytes += part.length;
  }
  if (parts.length > 0) yield Buffer.concat(parts);
}
