/**
 * The raw facts that the reference reads, and the one order that every merge uses.
 * Nothing here is shared with the product's own code: the reference exists to disagree with it.
 */

/** One canonical fact, all kinds in one wide shape; field names are those of facts.md. Instants are RFC 3339 UTC. */
export interface RawFact {
  kind: string;
  event_id: string;
  occurred_at: string;
  /** Hex SHA-256 of the fact's canonical JSON: decides between two contents of one `event_id`. */
  content_sha256: string;
  source?: string;
  attributes?: Record<string, string>;
  service?: string;
  environment?: string;
  deployment_id?: string;
  phase?: string;
  outcome?: string;
  action?: string;
  version?: string;
  commit?: string;
  commit_at?: string;
  repository?: string;
  strategy?: string;
  step?: string;
  rollout_id?: string;
  rolls_back_deployment?: string;
  rolls_back_to_version?: string;
  fixes_deployment?: string;
  fixes_incident?: string;
  automatic?: boolean;
  artifact_digest?: string;
  url?: string;
  trace_id?: string;
  change_id?: string;
  pull_request?: string;
  merge_commit?: boolean;
  committed_at?: string;
  opened_at?: string;
  first_review_at?: string;
  approved_at?: string;
  merged_at?: string;
  lines_changed?: number;
  files_changed?: number;
  incident_id?: string;
  transition?: string;
  severity?: string;
  title?: string;
  detected_by?: string;
  reason?: string;
  slo_id?: string;
  objective?: number;
  window?: { rolling_days?: number; calendar?: string; timezone?: string };
  method?: string;
  slice_seconds?: number;
  slice_target?: number;
  no_data?: string;
  minimum_events?: number;
  retired?: boolean;
  window_start?: string;
  window_end?: string;
  good?: number;
  total?: number;
  bad?: number;
  series?: string;
  team?: string;
  tiers?: Record<string, string>;
  attribution_window_seconds?: number;
  detect_rollbacks?: boolean;
  ranges?: Record<string, { low?: number; high?: number }>;
  trivial_lines?: number;
  severity_ranks?: Record<string, number>;
  review_id?: string;
  subject?: string;
  verdict?: string;
  by?: string;
  metric?: string;
  friction?: string;
  owner?: string;
  correction_id?: string;
  starts_at?: string;
  ends_at?: string;
  category?: string;
  void?: boolean;
}

/** Epoch milliseconds of an RFC 3339 instant. */
export function instant(text: string): number {
  const milliseconds = Date.parse(text);
  if (Number.isNaN(milliseconds)) throw new Error(`not an instant: ${text}`);
  return milliseconds;
}

/** RFC 3339 UTC with milliseconds, as the API writes instants; null stays null. */
export function iso(milliseconds: number | null): string | null {
  return milliseconds === null ? null : new Date(milliseconds).toISOString();
}

/** "ids by UTF-8 bytes": JavaScript's own order is by UTF-16 units and differs beyond the basic plane. */
export function compareIds(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a, 'utf8'), Buffer.from(b, 'utf8'));
}

/** Greatest (occurred_at, event_id) last. */
export function compareFacts(a: RawFact, b: RawFact): number {
  return instant(a.occurred_at) - instant(b.occurred_at) || compareIds(a.event_id, b.event_id);
}

/**
 * One fact per event_id (the content with the smaller SHA-256 counts), in order of (occurred_at, event_id).
 * Repetition and arrival order are gone after this step, so nothing later can depend on them.
 */
export function distinctFacts(facts: readonly RawFact[]): RawFact[] {
  const byId = new Map<string, RawFact>();
  for (const fact of facts) {
    const known = byId.get(fact.event_id);
    if (!known || fact.content_sha256 < known.content_sha256) byId.set(fact.event_id, fact);
  }
  return [...byId.values()].sort(compareFacts);
}

/** The value of the last fact that has the field; `facts` must be in order. */
export function lastKnown<K extends keyof RawFact>(
  facts: readonly RawFact[],
  field: K,
): NonNullable<RawFact[K]> | null {
  for (const fact of [...facts].reverse()) {
    const value = fact[field];
    if (value !== undefined && value !== null) return value as NonNullable<RawFact[K]>;
  }
  return null;
}

type InstantField =
  | 'committed_at'
  | 'opened_at'
  | 'first_review_at'
  | 'approved_at'
  | 'merged_at'
  | 'occurred_at'
  | 'commit_at';

/** All known instants of a field, epoch milliseconds. */
export function knownInstants(facts: readonly RawFact[], field: InstantField): number[] {
  return facts.flatMap((fact) => {
    const value = fact[field];
    return value === undefined || value === null ? [] : [instant(value)];
  });
}

/** Least of some instants, null of none. */
export function least(instants: readonly (number | null)[]): number | null {
  const known = instants.filter((value) => value !== null);
  return known.length === 0 ? null : Math.min(...known);
}

/** Greatest of some instants, null of none. */
export function greatest(instants: readonly (number | null)[]): number | null {
  const known = instants.filter((value) => value !== null);
  return known.length === 0 ? null : Math.max(...known);
}

/** Groups by a text key and keeps the order inside each group. */
export function groupBy<T>(items: readonly T[], key: (item: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const group = groups.get(key(item));
    if (group) group.push(item);
    else groups.set(key(item), [item]);
  }
  return groups;
}

/** A key of several parts that cannot collide, unlike joined text. */
export function keyOf(...parts: readonly (string | null)[]): string {
  return JSON.stringify(parts);
}
