import type { Row } from '../api/read-all.ts';
import { shownSeconds } from './number.ts';
import { tableLines } from './table.ts';

/** How the rows are written. */
export interface Style {
  /** Characters of a line; undefined: nothing is cut. */
  width: number | undefined;
  /** Marks headings, and what counts against the number. */
  color: boolean;
  /** Zone of the instants, IANA. */
  tz: string;
}

const TITLES = ['AT', 'SUBJECT', 'SERVICE', 'ENVIRONMENT', 'ID', 'STAGE', 'VALUE', 'WHY', 'RULE', 'EVIDENCE'];

/** Columns that a narrow terminal does without: their neighbours say nearly the same. */
const DROPPED_IN_TURN: readonly (readonly string[])[] = [[], ['SUBJECT'], ['SUBJECT', 'RULE']];
const DEEPEST_INDENT = 4;

/**
 * The rows step by step: what counts and is in the numerator, what counts, every match of a rule, and what was left out
 * for which reason.
 */
export function explanationLines(rows: readonly Row[], style: Style): string[] {
  const isReason = (row: Row) => row['subject'] === 'failure_reason';
  const counted = rows.filter((row) => row['counted'] === true);
  const numerator = counted.filter((row) => row['numerator'] === true);
  const rest = counted.filter((row) => row['numerator'] !== true);
  const matches = rows.filter(isReason);
  const leftOut = rows.filter((row) => row['counted'] !== true && !isReason(row));
  return [
    ...(numerator.length === 0 ? [] : section('Counted, and in the numerator', numerator, style)),
    ...(numerator.length > 0 && rest.length === 0
      ? []
      : section(numerator.length > 0 ? 'Counted, and not in the numerator' : 'Counted', rest, style)),
    ...(matches.length === 0 ? [] : section('Why they failed: every match of every rule', matches, style)),
    ...leftOutLines(leftOut, style),
  ];
}

function section(title: string, rows: readonly Row[], style: Style): string[] {
  return ['', bold(`${title}: ${rows.length}`, style), ...indented(table(rows, style, []))];
}

/** By reason, the one that leaves out most first. */
function leftOutLines(rows: readonly Row[], style: Style): string[] {
  const byReason = new Map<string, Row[]>();
  for (const row of rows) {
    // A reason may name what it is about after a colon.
    const reason = String(row['reason']).split(': ')[0] ?? '';
    byReason.set(reason, [...(byReason.get(reason) ?? []), row]);
  }
  const groups = [...byReason].sort(([a, one], [b, other]) => other.length - one.length || (a < b ? -1 : 1));
  return [
    '',
    bold(`Left out: ${rows.length}`, style),
    ...groups.flatMap(([reason, group]) => [
      `  ${reason}: ${group.length}`,
      ...indented(
        indented(table(group, style, group.every((row) => row['reason'] === reason) ? ['WHY'] : [])),
      ),
    ]),
  ];
}

function table(rows: readonly Row[], style: Style, without: readonly string[]): string[] {
  if (rows.length === 0) return [];
  const width = style.width === undefined ? undefined : style.width - DEEPEST_INDENT;
  for (const dropped of DROPPED_IN_TURN) {
    const titles = TITLES.filter((title) => !without.includes(title) && !dropped.includes(title));
    const whole = tableLines(titles, cellsOf(rows, titles, style), undefined);
    if (width === undefined || whole.every((line) => [...line].length <= width)) return whole;
  }
  const titles = TITLES.filter(
    (title) => !without.includes(title) && !DROPPED_IN_TURN.at(-1)?.includes(title),
  );
  return tableLines(titles, cellsOf(rows, titles, style), width);
}

function cellsOf(rows: readonly Row[], titles: readonly string[], style: Style): string[][] {
  return rows.map((row) => {
    const cell: Record<string, string> = {
      AT: instantText(row['at'], style.tz),
      SUBJECT: row['subject'] === 'failure_reason' ? '' : String(row['subject'] ?? ''),
      SERVICE: String(row['service'] ?? ''),
      ENVIRONMENT: String(row['environment'] ?? ''),
      ID: String(row['id'] ?? ''),
      STAGE: String(row['stage'] ?? ''),
      VALUE: typeof row['value_seconds'] === 'number' ? shownSeconds(row['value_seconds']) : '',
      WHY: String(row['reason'] ?? ''),
      RULE: String(row['rule'] ?? ''),
      EVIDENCE: String(row['evidence'] ?? ''),
    };
    return titles.map((title) => cell[title] ?? '');
  });
}

/** Local date and time of a zone. */
export function instantText(value: unknown, tz: string): string {
  if (typeof value !== 'string') return '';
  const date = new Date(value);
  if (Number.isNaN(date.getTime())) return value;
  // Swedish writes dates as ISO 8601 does.
  return new Intl.DateTimeFormat('sv-SE', { timeZone: tz, dateStyle: 'short', timeStyle: 'medium' }).format(
    date,
  );
}

function indented(lines: readonly string[]): string[] {
  return lines.map((line) => `  ${line}`);
}

function bold(text: string, { color }: Style): string {
  return color ? `\u001b[1m${text}\u001b[22m` : text;
}
