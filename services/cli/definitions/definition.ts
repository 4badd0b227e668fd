import { type Fact, parseFact } from '@evenkeel/events';
import type { Located } from './located.ts';
import type { Findings, ProblemCode } from './problems.ts';

/** What one definition says, as the fields of a fact, and where in the files each of them stands. */
export interface Definition {
  /** Where the whole of it stands. */
  at: Located;
  /** Fields of the fact; what is undefined was left out. */
  fields: Readonly<Record<string, unknown>>;
  /** Where a field of the fact comes from, by its path: `objective`, `window.timezone`. */
  from: Readonly<Record<string, Located>>;
}

/** A definition that passed every check. */
export interface Checked {
  at: Located;
  fact: Fact;
}

/** Checks definitions with the very schema of the door; what is wrong is told at its line. */
export function checkDefinitions(
  kind: 'slo' | 'service',
  definitions: readonly Definition[],
  { now, findings }: { now: Date; findings: Findings },
): Checked[] {
  return definitions.flatMap(({ at, fields, from }) => {
    const parsed = parseFact({ kind, occurred_at: now.toISOString(), source: 'cli', ...fields }, now);
    if (parsed.outcome === 'ok') return [{ at, fact: parsed.received.fact }];
    for (const { field, message } of parsed.errors) {
      // What could not be read is missing now; why it could not has been told.
      if (message === 'is required' && findings.problems.length > 0) continue;
      const { place, below } = placeOf(field, from, at);
      place.problem(codeOf(message), below === '' ? message : `${below}: ${message}`);
    }
    return [];
  });
}

/** Says so where an id is defined a second time. */
export function refuseDuplicates(checked: readonly Checked[], idOf: (fact: Fact) => string): void {
  const first = new Map<string, Located>();
  for (const { at, fact } of checked) {
    const id = idOf(fact);
    const before = first.get(id);
    if (before === undefined) first.set(id, at);
    else {
      const { file, line } = before.place;
      at.problem('duplicate_definition', `"${id}" is defined in ${file}:${line} already`);
    }
  }
}

function codeOf(message: string): ProblemCode {
  if (message.startsWith('is required')) return 'missing_field';
  return message === 'is not a known field' ? 'unknown_field' : 'invalid_value';
}

/** The place of a field, or of the closest one around it and the way down from there. */
function placeOf(field: string, from: Definition['from'], at: Located): { place: Located; below: string } {
  const parts = field.split('.');
  for (let length = parts.length; length > 0; length -= 1) {
    const place = from[parts.slice(0, length).join('.')];
    if (place !== undefined) return { place, below: parts.slice(length).join('.') };
  }
  return { place: at, below: field };
}
