import type { Engine } from '../engine.ts';
import { EngineError } from '../engine-error.ts';

/** Classes of chdb's classifier: see NativeClassification. */
const READS = 0;
const DID_NOT_PARSE = 4;

/** Table functions that make rows out of nothing or out of tables an analyst sees anyway. */
const HARMLESS_TABLE_FUNCTIONS = new Set([
  'numbers',
  'numbers_mt',
  'zeros',
  'zeros_mt',
  'primes',
  'generateseries',
  'generate_series',
  'view',
  'merge',
]);

const TABLE_FUNCTIONS = `select name from system.table_functions format TabSeparated`;
/** What may stand between the name of a function and its parenthesis. */
const GAP = '(?:\\s|/\\*[\\s\\S]*?\\*/|--[^\\n]*\\n|#[^\\n]*\\n)*';

/**
 * Decides whether an analyst may run a text, before it runs.
 *
 * The engine itself keeps an analyst from writing (`readonly = 2`), from sources (grants) and from lifting limits
 * (constraints). This guard closes what is left in an embedded ClickHouse:
 *
 * - ClickHouse's parser says what the text is. Only one statement that reads passes, so no SET, KILL, SYSTEM, USE,
 *   temporary table or second statement, and no INTO OUTFILE: the embedded client would write that file.
 * - The scalar function `file()` reads any file in an embedded engine and asks for no right. So the word does not
 *   pass, wherever it stands (a lambda's name, APPLY, an expression in a column's default inside a string). Only in the
 *   plain texts of a plain query, where nothing can be mistaken for a text that is none, it is what it seems.
 * - Table functions that take a structure accept expressions in strings, which could be put together to hide a
 *   word. Only harmless ones pass; views are no table functions.
 *
 * It errs on the side of refusing: a value that holds one of these words can be given as a bound parameter.
 */
export class ReadOnlyGuard {
  readonly #engine: Engine;
  #refusedFunction: Promise<RegExp> | undefined;

  constructor(engine: Engine) {
    this.#engine = engine;
  }

  /** @throws EngineError READONLY, ACCESS_DENIED or SYNTAX_ERROR */
  async check(sql: string, params: Readonly<Record<string, string>>): Promise<void> {
    const { statementCount, queryClass } = await this.#engine.classify(sql);
    if (statementCount > 1) throw multiStatement();
    if (queryClass === DID_NOT_PARSE || statementCount === 0) throw await this.#syntaxError(sql);
    if (queryClass !== READS) {
      throw new EngineError('Code: 164. DB::Exception: Cannot execute query in readonly mode. (READONLY)');
    }
    const text = withoutEscapes(sql);
    if (/\bfile\b/i.test(withoutPlainTexts(sql)) || (text !== sql && /\bfile\b/i.test(text)))
      throw denied('the word `file`', 'the function file() reads files');
    const identifiers = /:\s*Identifier\s*\}/i.test(text);
    if (identifiers && Object.values(params).some((value) => /\bfile\b/i.test(withoutEscapes(value)))) {
      throw denied('the identifier `file`', 'the function file() reads files');
    }
    this.#refusedFunction ??= this.#compileRefusedFunctions();
    const found = (await this.#refusedFunction).exec(text)?.[1];
    if (found !== undefined) throw denied(`\`${found}(\``, 'this table function is not open to readers');
  }

  async #compileRefusedFunctions(): Promise<RegExp> {
    const { bytes } = await this.#engine.run({ sql: TABLE_FUNCTIONS, access: 'reader' });
    const names = bytes
      .toString()
      .split('\n')
      .filter((name) => /^\w+$/.test(name) && !HARMLESS_TABLE_FUNCTIONS.has(name.toLowerCase()));
    return new RegExp(`\\b(${names.join('|')})\\b["\`]?${GAP}\\(`, 'i');
  }

  /** The parser's message; `formatQuery` parses a text without running it. */
  async #syntaxError(sql: string): Promise<EngineError> {
    const parsing = this.#engine.run({
      sql: 'select formatQuery({q:String}) format Null',
      access: 'reader',
      params: { q: sql.replaceAll('\\', '\\\\').replaceAll('\t', '\\t').replaceAll('\n', '\\n') },
    });
    const error = await parsing.then(
      () => undefined,
      (failure: unknown) => (failure instanceof EngineError && failure.code === 62 ? failure : undefined),
    );
    return error ?? new EngineError('Code: 62. DB::Exception: Not one statement that reads. (SYNTAX_ERROR)');
  }
}

/**
 * Leaves the texts in single quotes out, where a quote can be nothing but the start or the end of one: in printable
 * ASCII without a comment, an escape, a heredoc or another kind of quote. Any other query comes back as it is.
 */
function withoutPlainTexts(sql: string): string {
  const plain = /^[\t\r\n -~]*$/.test(sql) && !/--|\/\*|[#$"`\\]/.test(sql);
  return plain ? sql.replace(/'[^']*'/g, "''") : sql;
}

/** ClickHouse's HTTP interface takes one statement a request. */
export function multiStatement(): EngineError {
  return new EngineError(
    'Code: 62. DB::Exception: Syntax error (Multi-statements are not allowed). (SYNTAX_ERROR)',
  );
}

function denied(what: string, why: string): EngineError {
  return new EngineError(
    `Code: 497. DB::Exception: A read-only query may not contain ${what} (${why}). Inside a text, bind it as a parameter: {name:String}. (ACCESS_DENIED)`,
  );
}

/** ClickHouse reads `f\x69le`, quoted, as file, and drops `\N`. */
function withoutEscapes(text: string): string {
  return text
    .replace(/\\x([0-9a-f]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
    .replace(/\\N/g, '')
    .replaceAll('\\', '');
}
