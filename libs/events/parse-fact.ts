import { canonicalJson, type JsonValue, sha256Hex } from './canonical-json.ts';
import { type Fact, factSchema } from './fact.ts';
import { type FieldError, fieldErrors } from './field-errors.ts';
import { formatInstant } from './instant.ts';

const FIRST_OCCURRENCE_MS = Date.UTC(2000, 0, 1);
const DAY_MS = 86_400_000;
/** Deeper than any field of a fact, so nothing valid is missed and hostile nesting is not followed. */
const MAX_DEPTH = 4;

/** A fact as it came through the door. */
export interface ReceivedFact {
  fact: Fact;
  /** When it was first received, `YYYY-MM-DDTHH:mm:ss.sssZ`; no number may look at it. */
  observed_at: string;
  /**
   * SHA-256 (hex) of the canonical JSON of what the fact says, `event_id` and `observed_at` left out: of two facts
   * with one `event_id` and different content the smaller counts.
   */
  content_sha256: string;
}

/** What becomes of an input at the door. */
export type ParseOutcome =
  | { outcome: 'ok'; received: ReceivedFact }
  | { outcome: 'rejected'; errors: FieldError[] };

/**
 * Checks a fact as somebody sent it and brings it into the one form that is kept. Parsing what came out again
 * changes nothing: same content, same ids.
 *
 * @param input what `JSON.parse` gave; may carry `observed_at` (imports), which never counts later than `receivedAt`
 * @param receivedAt when this delivery arrived; `occurred_at` may be at most one day later
 */
export function parseFact(input: unknown, receivedAt: Date): ParseOutcome {
  const given = withoutNulls(input, MAX_DEPTH);
  const parsed = factSchema.safeParse(given);
  if (!parsed.success) return { outcome: 'rejected', errors: fieldErrors(parsed.error.issues, given) };

  const { event_id, observed_at, ...content } = parsed.data;
  const errors = errorsOfOccurrence(content.occurred_at, receivedAt);
  if (errors.length > 0) return { outcome: 'rejected', errors };

  const content_sha256 = sha256Hex(canonicalJson(content satisfies JsonValue));
  const receipt = formatInstant(receivedAt.getTime());
  return {
    outcome: 'ok',
    received: {
      fact: { ...content, event_id: event_id ?? content_sha256 } as Fact,
      observed_at: observed_at !== undefined && observed_at < receipt ? observed_at : receipt,
      content_sha256,
    },
  };
}

function errorsOfOccurrence(occurredAt: string, receivedAt: Date): FieldError[] {
  const occurredMs = Date.parse(occurredAt);
  if (occurredMs < FIRST_OCCURRENCE_MS) {
    return [{ field: 'occurred_at', message: 'must not be before 2000-01-01' }];
  }
  if (occurredMs > receivedAt.getTime() + DAY_MS) {
    return [{ field: 'occurred_at', message: 'must not be later than one day after receipt' }];
  }
  return [];
}

/** A null says the same as leaving the field out. */
function withoutNulls(value: unknown, depth: number): unknown {
  if (depth === 0 || typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  const kept = Object.entries(value).filter(([, member]) => member !== null && member !== undefined);
  return Object.fromEntries(kept.map(([name, member]) => [name, withoutNulls(member, depth - 1)]));
}
