/** What the comment above a view in `sql/migrations` says. */
export interface ViewComment {
  readonly name: string;
  readonly text: string;
  readonly parameters: readonly { name: string; type: string; text: string }[];
  readonly columns: readonly { name: string; text: string }[];
}

const heading = /^-- ([a-z_]+): (.+)$/;
const entry = /^-- {3}(.+?): (.+)$/;

/** Reads the comments `-- name: text`, `-- Parameters:`, `-- Columns:` of a migration's views. */
export function readViewComments(sql: string): ViewComment[] {
  const found: ViewComment[] = [];
  let part: 'text' | 'parameters' | 'columns' | undefined;
  for (const line of sql.split('\n')) {
    const current = found.at(-1);
    const head = heading.exec(line);
    if (head?.[1] !== undefined && head[2] !== undefined) {
      found.push({ name: head[1], text: head[2], parameters: [], columns: [] });
      part = 'text';
    } else if (line === '-- Parameters:') part = 'parameters';
    else if (line === '-- Columns:') part = 'columns';
    else if (!line.startsWith('--')) part = undefined;
    else if (current !== undefined) addEntry(current, part, line);
  }
  return found;
}

function addEntry(view: ViewComment, part: string | undefined, line: string): void {
  const found = entry.exec(line);
  if (found?.[1] === undefined || found[2] === undefined) return;
  const text = found[2];
  if (part === 'columns') (view.columns as { name: string; text: string }[]).push({ name: found[1], text });
  if (part !== 'parameters') return;
  const space = found[1].search(/ (?=[A-Z])/);
  const type = found[1].slice(space + 1);
  for (const name of found[1].slice(0, space).split(', ')) {
    (view.parameters as { name: string; type: string; text: string }[]).push({ name, type, text });
  }
}
