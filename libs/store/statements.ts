/**
 * Splits a file of ClickHouse SQL into its statements at semicolons that stand outside of comments, strings, quoted
 * identifiers and heredocs. A piece that holds nothing but comments is no statement.
 */
export function splitStatements(sql: string): string[] {
  const statements: string[] = [];
  let from = 0;
  let at = 0;
  let hasCode = false;
  const cut = (to: number) => {
    if (hasCode) statements.push(sql.slice(from, to).trim());
    hasCode = false;
  };
  while (at < sql.length) {
    const comment = endOfComment(sql, at);
    if (comment !== undefined) {
      at = comment;
      continue;
    }
    const character = sql[at] ?? '';
    if (character === ';') {
      cut(at);
      at += 1;
      from = at;
      continue;
    }
    if (character.trim() !== '') hasCode = true;
    at = endOfQuoted(sql, at) ?? at + 1;
  }
  cut(sql.length);
  return statements;
}

/** Where the comment that begins here ends; undefined when none begins. */
function endOfComment(sql: string, at: number): number | undefined {
  if (sql.startsWith('--', at) || sql.startsWith('#!', at) || sql.startsWith('# ', at)) {
    const end = sql.indexOf('\n', at);
    return end === -1 ? sql.length : end + 1;
  }
  if (sql.startsWith('/*', at)) {
    const end = sql.indexOf('*/', at + 2);
    return end === -1 ? sql.length : end + 2;
  }
  return undefined;
}

/** Where the string, quoted identifier or heredoc that begins here ends; undefined when none begins. */
function endOfQuoted(sql: string, at: number): number | undefined {
  const quote = sql[at];
  if (quote === "'" || quote === '"' || quote === '`') {
    // A doubled quote ends one string and begins the next, which comes to the same.
    for (let next = at + 1; next < sql.length; next += 1) {
      if (sql[next] === '\\') next += 1;
      else if (sql[next] === quote) return next + 1;
    }
    return sql.length;
  }
  if (quote === '$') {
    const tag = /^\$\w*\$/.exec(sql.slice(at, at + 128))?.[0];
    if (tag === undefined) return undefined;
    const end = sql.indexOf(tag, at + tag.length);
    return end === -1 ? sql.length : end + tag.length;
  }
  return undefined;
}
