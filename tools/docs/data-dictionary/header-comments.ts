import { splitStatements } from '@evenkeel/store';

/** A parameter of a view or function, as its comment tells it; functions have no types. */
export interface DocumentedParameter {
  readonly name: string;
  readonly type: string;
  readonly text: string;
}

/** What the comment above a view or function in a migration says. */
export interface HeaderComment {
  readonly name: string;
  readonly text: string;
  readonly parameters: readonly DocumentedParameter[];
  readonly columns: readonly { readonly name: string; readonly text: string }[];
}

/** What a migration creates, in its order, with the comment above it where there is one. */
export interface Created {
  readonly name: string;
  readonly comment: HeaderComment | undefined;
}

const creates = /^create\s+(?:or\s+replace\s+)?(?:materialized\s+view|view|table|function)\s+(\w+)/i;
const heading = /^-- (\w+): (.+)$/;
const entry = /^-- {3}(\w+(?:, \w+)*)(?: ([A-Z].*?))?: (.+)$/;
const continued = /^-- (?! )(.+)$/;

/** Reads which tables, views and functions a migration creates and the comments right above them. */
export function readHeaderComments(sql: string): Created[] {
  return splitStatements(sql).flatMap((statement) => {
    const lines = statement.split('\n');
    const first = lines.findIndex((line) => line.trim() !== '' && !line.startsWith('--'));
    const name = creates.exec(lines.slice(first).join('\n'))?.[1];
    if (name === undefined) return [];
    const above = lines.slice(0, first);
    // What stands before an empty line is about the file.
    return [{ name, comment: readComment(above.slice(above.lastIndexOf('') + 1)) }];
  });
}

function readComment(lines: readonly string[]): HeaderComment | undefined {
  const head = heading.exec(lines[0] ?? '');
  if (head?.[1] === undefined || head[2] === undefined) return undefined;
  const text = [head[2]];
  const parameters: DocumentedParameter[] = [];
  const columns: { name: string; text: string }[] = [];
  let part: 'text' | 'parameters' | 'columns' = 'text';
  for (const line of lines.slice(1)) {
    const found = entry.exec(line);
    if (line === '-- Parameters:') part = 'parameters';
    else if (line === '-- Columns:') part = 'columns';
    else if (part === 'text') text.push(continued.exec(line)?.[1] ?? '');
    else if (found?.[1] !== undefined && found[3] !== undefined) {
      for (const name of found[1].split(', ')) {
        if (part === 'columns') columns.push({ name, text: found[3] });
        else parameters.push({ name, type: found[2] ?? '', text: found[3] });
      }
    }
  }
  return { name: head[1], text: text.join(' '), parameters, columns };
}
