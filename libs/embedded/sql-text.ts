/** A ClickHouse string literal. Both escapes matter: a quote ends the literal, a backslash starts an escape. */
export function stringLiteral(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
}

/** A back-quoted identifier. */
export function identifier(name: string): string {
  return `\`${name.replaceAll('\\', '\\\\').replaceAll('`', '\\`')}\``;
}

/** Cuts white space and comments off the start of a statement. */
function withoutLeadingComments(sql: string): string {
  return sql.replace(/^(?:\s|--[^\n]*(?:\n|$)|#[^\n]*(?:\n|$)|\/\*[\s\S]*?\*\/)+/, '');
}

/** Does this statement start with INSERT, so that bytes in a format may follow it? */
export function isInsert(sql: string): boolean {
  return /^insert\b/i.test(withoutLeadingComments(sql));
}

/** The format a statement names at its end, if it names one. */
export function namedFormat(sql: string): string | undefined {
  return /\bformat\s+([a-z]\w*)\s*(?:\bsettings\b[^;]*)?;?\s*$/i.exec(sql)?.[1];
}
