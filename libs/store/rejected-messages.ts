import { createHash } from 'node:crypto';
import type { Row } from './fact-rows.ts';
import { withoutSecrets } from './without-secrets.ts';

/** A message, or a part of one, that ought to be ours and could not be understood. */
export interface Rejected {
  /** Way in: `otlp_traces`, `otlp_logs`, `otlp_metrics`, `facts`. */
  readonly source: string;
  /** Where it came from: `http:/v1/traces`, `kafka:otlp_spans/3/1234`. */
  readonly place: string;
  /** Stable code of the reason. */
  readonly code: string;
  /** Field that failed; empty: the whole message. */
  readonly field: string;
  readonly reason: string;
  /** The message as it came, so that it can be replayed; `base64:…` where it is not text. */
  readonly payload: string;
  /** Line, element, span, record or point in the message, from 1. */
  readonly line?: number;
  /** Every field that failed, where there is more to say than `field` and `reason` do. Not stored. */
  readonly errors?: readonly { readonly field: string; readonly message: string }[];
}

/** The row of a rejected message, without secrets. Its id leaves out place and time, so a redelivery is the same row. */
export function rejectedRow(rejected: Rejected, receivedAt: Date): Row {
  const payload = withoutSecrets(rejected.payload);
  const identity = [rejected.source, rejected.code, rejected.field, payload];
  return {
    rejected_id: createHash('sha256').update(JSON.stringify(identity)).digest('hex'),
    received_at: receivedAt.toISOString(),
    source: rejected.source,
    place: rejected.line === undefined ? rejected.place : `${rejected.place}#${rejected.line}`,
    code: rejected.code,
    field: rejected.field,
    reason: rejected.reason,
    payload,
  };
}
