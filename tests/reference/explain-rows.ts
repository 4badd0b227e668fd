/** A row of /v1/explain: one thing that is in a number, or was left out of it, and by which rule. */
export interface ExplainedRow {
  /** RFC 3339: the instant by which the row belongs to the range. */
  at: string;
  /** Empty: not told. */
  service: string;
  /** Empty: not told. */
  environment: string;
  id: string;
  subject: 'deployment' | 'failure_reason' | 'change' | 'incident';
  stage: string;
  counted: boolean;
  numerator: boolean;
  value_seconds: number | null;
  rule: string;
  /** The rule in words; null: neither a page nor a golden case says them. */
  reason: string | null;
  evidence: string;
}

/** What was decided about a thing: whether it is in the number, and by which rule. */
export type Decision = Pick<
  ExplainedRow,
  'counted' | 'numerator' | 'value_seconds' | 'rule' | 'reason' | 'evidence'
>;

const undecided = { counted: false, numerator: false, value_seconds: null, reason: null, evidence: '' };

/** In the number. */
export function counts(rule: string, more: Partial<Decision> = {}): Decision {
  return { ...undecided, counted: true, rule, ...more };
}

/** Left out of the number. */
export function leavesOut(rule: string, more: Partial<Decision> = {}): Decision {
  return { ...undecided, rule, ...more };
}
