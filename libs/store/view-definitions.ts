import type { ClickHouseClient } from '@clickhouse/client';
import { selectRows } from './select.ts';

/** Texts of the views that have parameters, by name, as ClickHouse keeps them: with `{name:Type}` in them. */
type ViewTexts = ReadonlyMap<string, string>;

/**
 * The texts of the views with parameters of the client's own database, for `queryView`.
 *
 * ClickHouse analyses such a view twice, once for its columns and once to run it, and one that stands inside another
 * four times; and analysis is most of what a small answer costs. The text of the view as a subquery is analysed once:
 * the same numbers in a third to three quarters of the time.
 */
export class ViewDefinitions {
  readonly #client: ClickHouseClient;
  readonly #maximumAgeMs: number;
  #texts: Promise<ViewTexts> | undefined;
  #readAt = 0;

  /** @param maximumAgeMs How long a text is used before it is read again: somebody may migrate meanwhile, milliseconds. @default 60000 */
  constructor(client: ClickHouseClient, maximumAgeMs = 60_000) {
    this.#client = client;
    this.#maximumAgeMs = maximumAgeMs;
  }

  /** The text of a view, in which views with parameters stand as texts, too; undefined when there is no such view. */
  async textOf(view: string): Promise<string | undefined> {
    const now = performance.now();
    if (this.#texts === undefined || now - this.#readAt > this.#maximumAgeMs) {
      this.#readAt = now;
      this.#texts = this.#read();
      this.#texts.catch(() => this.forget());
    }
    return inlineView(await this.#texts, view, new Map());
  }

  /** A query in which views with parameters stand as texts; their arguments have to have types, as `{name:Type}` has. */
  async inline(query: string): Promise<string> {
    await this.textOf('');
    return inlineCalls((await this.#texts) ?? new Map(), query);
  }

  /** Reads the texts again when they are needed next. */
  forget(): void {
    this.#texts = undefined;
  }

  async #read(): Promise<ViewTexts> {
    const rows = await selectRows<{ name: string; as_select: string }>(
      this.#client,
      `select name, as_select from system.tables
       where database = currentDatabase() and engine = 'View' and match(as_select, '\\\\{\\\\w+:')`,
    );
    return new Map(rows.map(({ name, as_select }) => [name, as_select]));
  }
}

/** @param given what stands for a parameter, as SQL; others stay parameters */
function inlineView(views: ViewTexts, name: string, given: ReadonlyMap<string, string>): string | undefined {
  const text = views.get(name);
  if (text === undefined) return undefined;
  return inlineCalls(
    views,
    text.replace(
      /\{(\w+):[^{}]*\}/g,
      (placeholder, parameter: string) => given.get(parameter) ?? placeholder,
    ),
  );
}

function inlineCalls(views: ViewTexts, text: string): string {
  let inlined = '';
  let from = 0;
  for (const call of text.matchAll(/\b(?:FROM|JOIN) (?:\w+\.)?(\w+)\(/gi)) {
    const [opening, name = ''] = call;
    if (call.index < from || !views.has(name)) continue;
    const begin = call.index + opening.length;
    const { end, pieces } = splitCall(text, begin);
    const subquery = inlineView(views, name, new Map(pieces.map(readArgument)));
    const alias = text.startsWith(' AS ', end) ? '' : ` AS ${name}`;
    inlined += `${text.slice(from, call.index)}${opening.slice(0, opening.indexOf(' ') + 1)}(${subquery})${alias}`;
    from = end;
  }
  return inlined + text.slice(from);
}

/** The arguments of a call whose opening parenthesis ends at `begin`, and where the call ends. */
function splitCall(text: string, begin: number): { end: number; pieces: string[] } {
  const pieces: string[] = [];
  let depth = 0;
  let from = begin;
  for (let at = begin; at < text.length; at += 1) {
    const character = text[at] ?? '';
    if (character === "'" || character === '`' || character === '"') {
      at = endOfQuoted(text, at);
    } else if (depth === 0 && (character === ',' || character === ')')) {
      pieces.push(text.slice(from, at));
      if (character === ')') return { end: at + 1, pieces };
      from = at + 1;
    } else if ('([{'.includes(character)) depth += 1;
    else if (')]}'.includes(character)) depth -= 1;
  }
  throw new Error('a call in the text of a view does not end');
}

function endOfQuoted(text: string, begin: number): number {
  for (let at = begin + 1; at < text.length; at += 1) {
    if (text[at] === '\\') at += 1;
    else if (text[at] === text[begin]) return at;
  }
  return text.length;
}

function readArgument(piece: string): [string, string] {
  const [, name = '', value = ''] = /^\s*(\w+) = ([\s\S]*)$/.exec(piece) ?? [];
  if (name === '') throw new Error(`${piece} is no argument of a view`);
  const text = value.trim();
  // Parentheses cost as much to parse as what stands in them.
  return [name, /^(\{\w+:[^{}]*\}|'\w*')$/.test(text) ? text : `(${text})`];
}
