/** Why a definition was not applied. Codes are stable; `docs/errors.md` repeats this table. */
export const definitionProblems = {
  unreadable_file: 'The file cannot be read',
  invalid_yaml: 'The file is not YAML, or uses a tag that is not known',
  unknown_definition: 'The document is of no kind that this command takes',
  missing_field: 'A field that is required is missing',
  unknown_field: 'The field is not known in this place',
  invalid_value: 'The field has a value that it cannot have',
  not_supported: 'Its specification allows it, but Evenkeel has nothing that it could become',
  unresolved_reference: 'A name refers to nothing that these files define',
  duplicate_definition: 'The same thing is defined twice',
  unknown_id: 'Nothing with this id is in force',
  api_unreachable: 'The API does not answer',
  api_refused: 'The API answered with an error, which is named',
} as const;

/** A code of {@link definitionProblems}. */
export type ProblemCode = keyof typeof definitionProblems;

/** Where something stands in a file; line and column count from 1. */
export interface Place {
  file: string;
  line: number;
  column: number;
}

/** One thing that is wrong with the files. */
export interface Problem extends Place {
  code: ProblemCode;
  /** Path of the field, e.g. `spec.objectives[0].target`; empty: the document as a whole. */
  field: string;
  message: string;
}

/** What reading files has to say beside what it read. */
export interface Findings {
  problems: Problem[];
  /** What was passed over or deserves attention; nothing is wrong. */
  notes: string[];
}

/** `file:line:column: field: message [code]`. */
export function problemLine({ file, line, column, field, message, code }: Problem): string {
  return `${placeText({ file, line, column })}: ${field === '' ? '' : `${field}: `}${message} [${code}]`;
}

/** `file:line:column`. */
export function placeText({ file, line, column }: Place): string {
  return `${file}:${line}:${column}`;
}
