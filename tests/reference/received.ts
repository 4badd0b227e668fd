import { createHash } from 'node:crypto';
import type { RawFact } from './fact.ts';

const instantFields = new Set([
  'occurred_at',
  'commit_at',
  'committed_at',
  'opened_at',
  'first_review_at',
  'approved_at',
  'merged_at',
  'window_start',
  'window_end',
  'starts_at',
  'ends_at',
  'started_at',
]);

/** RFC 8785 for what facts are made of: sorted keys, JSON's own strings and numbers. */
function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (value !== null && typeof value === 'object') {
    const entries = Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, item]) => `${JSON.stringify(key)}:${canonical(item)}`);
    return `{${entries.join(',')}}`;
  }
  return JSON.stringify(value);
}

/**
 * What the door does to a posted fact, as far as the reference needs it: nulls dropped, instants in UTC with
 * milliseconds, `source` and `event_id` filled in, the hash of the content (without `event_id`) beside it. Repositories are expected
 * normalised already.
 */
export function received(posted: Readonly<Record<string, unknown>>): RawFact {
  const fact: Record<string, unknown> = { source: 'api' };
  for (const [field, value] of Object.entries(posted)) {
    if (value === null || field === 'observed_at') continue;
    fact[field] = instantFields.has(field) ? new Date(String(value)).toISOString() : value;
  }
  const { event_id, ...content } = fact;
  const sha256 = createHash('sha256').update(canonical(content)).digest('hex');
  return { ...content, event_id: event_id ?? sha256, content_sha256: sha256 } as RawFact;
}
