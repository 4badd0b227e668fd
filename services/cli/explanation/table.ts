/** The narrowest a column is cut to, characters. */
const NARROWEST = 8;
/** Between two columns. */
const GAP = '  ';

/**
 * Rows as aligned lines; columns without any value are left out. What is wider than the terminal is cut, the widest
 * column first, but never the first of all.
 *
 * @param width characters of a line; undefined: nothing is cut
 */
export function tableLines(
  titles: readonly string[],
  rows: readonly (readonly string[])[],
  width: number | undefined,
): string[] {
  const used = titles.map((_title, column) => rows.some((row) => row[column] !== ''));
  const cells = [titles, ...rows].map((row) => row.filter((_cell, column) => used[column]).map(printable));
  const widths = fit(
    (cells[0] ?? []).map((_title, column) => Math.max(...cells.map((row) => lengthOf(row[column] ?? '')))),
    width,
  );
  return cells.map((row) =>
    row
      .map((cell, column) => pad(cut(cell, widths[column] ?? 0), widths[column] ?? 0))
      .join(GAP)
      .trimEnd(),
  );
}

/** Takes from the widest columns what a line is too long. */
function fit(natural: readonly number[], width: number | undefined): number[] {
  const widths = [...natural];
  if (width === undefined) return widths;
  const total = () => widths.reduce((sum, each) => sum + each, GAP.length * (widths.length - 1));
  while (total() > width) {
    const widest = Math.max(...widths.slice(1));
    if (widest <= NARROWEST) break;
    widths[widths.indexOf(widest, 1)] = widest - 1;
  }
  return widths;
}

/** What came from elsewhere must not steer the terminal. */
function printable(text: string): string {
  return text.replaceAll(/\p{Cc}/gu, '?');
}

function lengthOf(text: string): number {
  return [...text].length;
}

function cut(text: string, width: number): string {
  return lengthOf(text) <= width ? text : `${[...text].slice(0, width - 1).join('')}…`;
}

function pad(text: string, width: number): string {
  return text + ' '.repeat(width - lengthOf(text));
}
