import type { ApiClient } from '../api/api-client.ts';
import type { AllRows, Row } from '../api/read-all.ts';
import type { CommandContext } from '../command.ts';
import { type Findings, type Problem, type ProblemCode, problemLine } from './problems.ts';

/** How far two clocks may differ that tell the same time, milliseconds. */
const TOLERATED_SKEW_MS = 2_000;

/** What becomes of one definition. */
export interface Step {
  id: string;
  outcome: 'created' | 'changed' | 'unchanged' | 'retired';
  /** Field, what it was and what it will be, for people. */
  changes: readonly string[];
  /** The fact that says so; undefined where there is nothing to say. */
  fact?: object;
}

/** What there is to do, or why nothing is done. */
export type Plan =
  | { outcome: 'ok'; steps: Step[] }
  | { outcome: 'rejected'; code: ProblemCode; message: string };

/** One application of definitions: read and checked before anything is sent, all or nothing. */
export interface Application {
  /** How it was called, for messages: `slo apply`. */
  command: string;
  findings: Findings;
  client: ApiClient;
  /** Stop after the files were checked; nobody is asked. */
  checkOnly: boolean;
  /** Stop before anything is sent. */
  dryRun: boolean;
  /** Reads what is in force. */
  current(): Promise<AllRows>;
  plan(rows: readonly Row[]): Plan;
}

/** Applies what was read. Returns the exit code: 0 all is as the files say, 1 nothing was changed. */
export async function apply(context: CommandContext, application: Application): Promise<number> {
  const { command, findings, client } = application;
  for (const note of findings.notes) context.warn(note);
  for (const problem of sortedByPlace(findings.problems)) context.warn(problemLine(problem));
  if (findings.problems.length > 0) {
    const count = findings.problems.length;
    context.warn(
      `evenkeel ${command}: ${count === 1 ? '1 problem' : `${count} problems`}; nothing was applied`,
    );
    return 1;
  }
  const fail = (code: ProblemCode, message: string) => {
    context.warn(`evenkeel ${command}: ${message} [${code}]; nothing was applied`);
    return 1;
  };
  if (application.checkOnly) return 0;
  const current = await application.current();
  if (current.outcome === 'failed') return fail(current.code, current.message);
  const plan = application.plan(current.rows);
  if (plan.outcome === 'rejected') return fail(plan.code, plan.message);

  const occurredAt = occurrence(context.now(), current.clockMs);
  const facts = plan.steps.flatMap(({ fact }) =>
    // The id was made for another instant; the door makes one.
    fact === undefined ? [] : [{ ...fact, event_id: undefined, occurred_at: occurredAt }],
  );
  if (!application.dryRun && facts.length > 0) {
    const sent = await client.postFacts(facts);
    if (sent.outcome === 'failed') return fail(sent.code, sent.message);
    const refused = refusedText(sent.body);
    if (refused !== undefined) return fail('api_refused', refused);
  }
  const width = Math.max(0, ...plan.steps.map(({ id }) => id.length));
  for (const { id, outcome, changes } of plan.steps)
    context.print(`${outcome.padEnd(9)}  ${id.padEnd(width)}  ${changes.join(', ')}`.trimEnd());
  if (plan.steps.length === 0) context.print('nothing to apply');
  else if (application.dryRun) context.print('dry run: nothing was sent');
  return 0;
}

/** By file in the order they were read, then from top to bottom. */
function sortedByPlace(problems: readonly Problem[]): Problem[] {
  const files = [...new Set(problems.map(({ file }) => file))];
  return problems.toSorted(
    (a, b) => files.indexOf(a.file) - files.indexOf(b.file) || a.line - b.line || a.column - b.column,
  );
}

/**
 * When the definitions begin to be in force: now, by the API's clock. By one that is behind it they could come before
 * those that they replace, and never be in force.
 */
function occurrence(now: Date, clockMs: number | undefined): string {
  const ahead = clockMs === undefined ? 0 : clockMs - now.getTime();
  // The API tells its clock to the second.
  return new Date(now.getTime() + (Math.abs(ahead) <= TOLERATED_SKEW_MS ? 0 : ahead)).toISOString();
}

/** What the door did not take: the schema is the same on both sides, so only its clock or its version can differ. */
function refusedText(body: unknown): string | undefined {
  const { rejected } = Object(body) as { rejected?: unknown };
  if (!Array.isArray(rejected) || rejected.length === 0) return undefined;
  const { line, errors } = Object(rejected[0]) as { line?: unknown; errors?: unknown };
  const [error] = Array.isArray(errors) ? errors : [];
  const { field, message } = Object(error) as { field?: unknown; message?: unknown };
  return `${rejected.length} facts were refused; the first is number ${line}: ${field}: ${message}`;
}

/** What differs between two sets of fields, told in words; what is undefined in `wanted` is not compared. */
export function changesOf(
  before: Row,
  wanted: Row,
  show: (name: string, value: unknown) => string,
): string[] {
  return Object.entries(wanted).flatMap(([name, value]) => {
    if (value === undefined || sameJson(before[name] ?? null, value)) return [];
    return [`${name} ${show(name, before[name] ?? null)} → ${show(name, value)}`];
  });
}

function sameJson(one: unknown, other: unknown): boolean {
  return JSON.stringify(sorted(one)) === JSON.stringify(sorted(other));
}

function sorted(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(
    Object.entries(value)
      .map(([name, member]) => [name, sorted(member)] as const)
      .sort(([a], [b]) => (a < b ? -1 : 1)),
  );
}
