import type { ReceivedFact } from '@evenkeel/events';
import type { MappingOptions } from '@evenkeel/sources';
import type { Rejected } from '@evenkeel/store';
import { processFactLines } from './fact-lines.ts';
import { processOtlp } from './otlp-items.ts';

/** A message as it came in. */
export interface RawMessage {
  readonly source: 'otlp_traces' | 'otlp_logs' | 'otlp_metrics' | 'facts';
  readonly encoding: 'protobuf' | 'json' | 'ndjson';
  readonly body: Uint8Array;
  /** Where it came from: `http:/v1/traces`, `kafka:otlp_spans/3/1234`. */
  readonly place: string;
  readonly receivedAt: Date;
}

/** What a message gave. */
export interface Processed {
  readonly facts: ReceivedFact[];
  readonly rejected: Rejected[];
  /** What is simply not ours, counted by a stable reason. */
  readonly ignored: Record<string, number>;
}

/** Options of {@link process}. */
export interface ProcessOptions {
  /** Rules of the installation for producers that do not say which service or environment they deploy. */
  readonly mapping: MappingOptions;
  /** Longest line or array element of facts, in bytes. @default 131072 */
  readonly maxLineBytes?: number;
  /** Most lines or array elements of one message. @default 10000 */
  readonly maxLines?: number;
}

/**
 * Turns a message into facts: decode, map, check. Pure; whatever is wrong with the message comes back as rejected, so
 * that one bad part never stops the rest.
 */
export function process(message: RawMessage, options: ProcessOptions): Processed {
  const processed: Processed = { facts: [], rejected: [], ignored: {} };
  if (message.source === 'facts') processFactLines(message, options, processed);
  else processOtlp(message, message.source, options, processed);
  return processed;
}
