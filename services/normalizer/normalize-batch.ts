import { createHash } from 'node:crypto';
import type { BusBatch } from '@evenkeel/bus';
import { asPayload, type Processed, type ProcessOptions, process, type RawMessage } from '@evenkeel/pipeline';
import type { FactBatch } from '@evenkeel/store';
import { topics } from './topics.ts';

/** A batch of Kafka as one write. */
export interface NormalizedBatch {
  readonly batch: FactBatch;
  /** The same for the same messages, whenever they come again in these pieces. */
  readonly token: string;
  /** What each message gave. */
  readonly processed: readonly (readonly [RawMessage, Processed])[];
}

/** Options of {@link normalizeBatch}. */
export interface NormalizeOptions {
  readonly process: ProcessOptions;
  readonly now: Date;
  /** Told about a message on which the program itself failed; it is kept as rejected and does not block the rest. */
  readonly onFailure?: (message: RawMessage, error: unknown) => void;
}

/** Turns the messages of a partition into facts and rejects. Pure but for what it is told to tell. */
export function normalizeBatch(from: BusBatch, options: NormalizeOptions): NormalizedBatch {
  const kind = topics[from.topic];
  if (kind === undefined) throw new Error(`${from.topic} is no topic of the normalizer`);
  const facts: Processed['facts'] = [];
  const rejected: Processed['rejected'] = [];
  const each: (readonly [RawMessage, Processed])[] = [];
  const hash = createHash('sha256');
  for (const { offset, value, timestamp } of from.messages) {
    hash.update(`${value.length}:`).update(value);
    // A message without a value marks a deletion in compacted topics; ours have none that means anything.
    if (value.length === 0) continue;
    const message: RawMessage = {
      ...kind,
      body: value,
      place: `kafka:${from.topic}/${from.partition}/${offset}`,
      // When it came to Kafka, so that a redelivery says the same; a clock that runs ahead is not believed.
      receivedAt: new Date(Math.min(timestamp.getTime(), options.now.getTime())),
    };
    const processed = processSafely(message, options);
    each.push([message, processed]);
    for (const fact of processed.facts) facts.push(fact);
    for (const reject of processed.rejected) rejected.push(reject);
  }
  const [first, last] = [from.messages[0]?.offset, from.messages.at(-1)?.offset];
  const token = `kafka:${from.topic}/${from.partition}/${first}-${last}:${hash.digest('hex')}`;
  return { batch: { facts, rejected }, token, processed: each };
}

function processSafely(message: RawMessage, options: NormalizeOptions): Processed {
  try {
    return process(message, options.process);
  } catch (error) {
    options.onFailure?.(message, error);
    const rejected = {
      source: message.source,
      place: message.place,
      code: 'failed_to_process',
      field: '',
      reason: error instanceof Error ? error.message : String(error),
      payload: asPayload(message.body),
    };
    return { facts: [], rejected: [rejected], ignored: {} };
  }
}
