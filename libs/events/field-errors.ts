import type { z } from 'zod';

/** What is wrong with one field of a fact. */
export interface FieldError {
  /** Path of the field, for example `tiers.prod-eu`; empty for the fact as a whole. */
  field: string;
  /** Reads on from the field's name: `is required with phase finished`. Never repeats the value. */
  message: string;
}

type Issue = z.core.$ZodIssue;
type Path = readonly PropertyKey[];

const TYPE_WORDS: Readonly<Record<string, string>> = {
  string: 'text',
  number: 'a finite number',
  int: 'a whole number',
  boolean: 'true or false',
  object: 'an object',
  record: 'an object',
  array: 'a list',
};

/** Names every field of `input` that zod found wrong, in plain words. */
export function fieldErrors(issues: readonly Issue[], input: unknown, parent: Path = []): FieldError[] {
  return issues.flatMap((issue) => {
    const path = [...parent, ...issue.path];
    switch (issue.code) {
      case 'unrecognized_keys':
        return issue.keys.map((name) => ({
          field: fieldName([...path, name]),
          message: 'is not a known field',
        }));
      case 'invalid_key':
        return issue.issues.map(({ message }) => ({
          field: fieldName(path),
          message: `has a name that ${message}`,
        }));
      case 'invalid_union':
        return unionErrors(issue, input, path);
      default:
        return [{ field: fieldName(path), message: explain(issue, valueAt(input, path) === undefined) }];
    }
  });
}

function unionErrors(issue: Issue & { code: 'invalid_union' }, input: unknown, path: Path): FieldError[] {
  if ('options' in issue && issue.options) {
    const missing = valueAt(input, path) === undefined ? 'is required and ' : '';
    return [{ field: fieldName(path), message: `${missing}must be ${oneOf(issue.options)}` }];
  }
  // The alternative with the fewest objections is the one that was meant.
  const alternatives = issue.errors.map((errors) => fieldErrors(errors, input, path));
  return alternatives.sort((a, b) => a.length - b.length)[0] ?? [];
}

function explain(issue: Issue, missing: boolean): string {
  switch (issue.code) {
    case 'invalid_type':
      return missing ? 'is required' : `must be ${TYPE_WORDS[issue.expected] ?? issue.expected}`;
    case 'invalid_value':
      return `${missing ? 'is required and ' : ''}must be ${oneOf(issue.values)}`;
    case 'too_small':
      return `must be ${issue.inclusive ? 'at least' : 'greater than'} ${issue.minimum}`;
    case 'too_big':
      if (issue.origin === 'array') return `must have at most ${issue.maximum} entries`;
      return `must be ${issue.inclusive ? 'at most' : 'less than'} ${issue.maximum}`;
    default:
      return issue.message;
  }
}

function oneOf(values: readonly unknown[]): string {
  const words = values.map(String);
  return words.length === 1 ? `${words[0]}` : `one of ${words.join(', ')}`;
}

function fieldName(path: Path): string {
  return path.map(String).join('.');
}

function valueAt(input: unknown, path: Path): unknown {
  let value = input;
  for (const name of path) {
    if (typeof value !== 'object' || value === null) return undefined;
    value = Object.getOwnPropertyDescriptor(value, name)?.value;
  }
  return value;
}
