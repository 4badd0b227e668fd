import { setTimeout as sleep } from 'node:timers/promises';
import { jitteredWaitMs } from './wait.ts';

/** One message of a topic. */
export interface BusMessage {
  readonly offset: bigint;
  readonly value: Uint8Array;
  /** When the producer wrote it, by its clock. */
  readonly timestamp: Date;
}

/** Messages of one partition that belong together, in the order of their offsets. */
export interface BusBatch {
  readonly topic: string;
  readonly partition: number;
  readonly messages: readonly BusMessage[];
  /** Messages of the partition behind this batch that nobody has read yet. */
  readonly lag: number;
}

/** Splits messages so that no batch is over a most of messages or bytes, except for one message that is so alone. */
export function chunk(
  messages: readonly BusMessage[],
  most: { messages: number; bytes: number },
): BusMessage[][] {
  const chunks: BusMessage[][] = [];
  let current: BusMessage[] = [];
  let bytes = 0;
  for (const message of messages) {
    const over = current.length >= most.messages || bytes + message.value.length > most.bytes;
    if (current.length > 0 && over) {
      chunks.push(current);
      current = [];
      bytes = 0;
    }
    current.push(message);
    bytes += message.value.length;
  }
  if (current.length > 0) chunks.push(current);
  return chunks;
}

/** Surroundings of one delivery. */
export interface DeliveryPort {
  /** Tells the group that this member lives. Its errors mean that the partition is not ours any more. */
  heartbeat(): Promise<void>;
  /** Asks for no more of this partition; gives back how to ask again. */
  pause(): () => void;
  /** Told before each wait. */
  onRetry(attempt: number, error: unknown): void;
  readonly heartbeatMs: number;
  readonly signal: AbortSignal;
}

/**
 * Hands a batch over until it is taken: tries again with jitter without end, keeps the membership alive meanwhile, and
 * gives up only when the partition is taken away (throws what the heartbeat threw) or the process stops.
 *
 * @returns true when the batch was taken and may be committed
 */
export async function deliver(hand: () => Promise<void>, port: DeliveryPort): Promise<boolean> {
  let lost: { error: unknown } | undefined;
  let beating: Promise<void> = Promise.resolve();
  const beats = setInterval(() => {
    beating = port.heartbeat().catch((error: unknown) => {
      lost ??= { error };
    });
  }, port.heartbeatMs);
  let resume: (() => void) | undefined;
  try {
    for (let attempt = 0; ; attempt += 1) {
      try {
        await hand();
        break;
      } catch (error) {
        resume ??= port.pause();
        port.onRetry(attempt, error);
        const wait = jitteredWaitMs(attempt, { firstMs: 200, mostMs: 5_000 });
        await waitUnlessLost(wait, port, () => lost !== undefined);
      }
      if (lost !== undefined) throw lost.error;
      if (port.signal.aborted) return false;
    }
    await beating;
    if (lost !== undefined) throw lost.error;
    return true;
  } finally {
    clearInterval(beats);
    resume?.();
  }
}

async function waitUnlessLost(waitMs: number, port: DeliveryPort, isLost: () => boolean): Promise<void> {
  const until = performance.now() + waitMs;
  while (!isLost() && !port.signal.aborted) {
    const left = until - performance.now();
    if (left <= 0) return;
    await sleep(Math.min(left, 250), undefined, { signal: port.signal }).catch(() => undefined);
  }
}
