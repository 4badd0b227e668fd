import { type Document, isAlias, isMap, isScalar, isSeq, type LineCounter, type Node } from 'yaml';
import { type Findings, type Place, type ProblemCode, placeText } from './problems.ts';

/** What all values of one document share. */
interface Origin {
  file: string;
  document: Document.Parsed;
  lines: LineCounter;
  findings: Findings;
}

/**
 * A value of a YAML document that knows where it stands, so that whatever is wrong with it can be told with its line. It
 * may be absent; then it stands where its parent does.
 */
export class Located {
  /** For example `spec.objectives[0].target`. */
  readonly path: string;
  readonly #origin: Origin;
  readonly #node: Node | undefined;
  readonly #offset: number;

  constructor(origin: Origin, node: unknown, path: string, offset: number) {
    const resolved = isAlias(node) ? node.resolve(origin.document) : node;
    const absent =
      resolved === null || resolved === undefined || (isScalar(resolved) && resolved.value === null);
    this.path = path;
    this.#origin = origin;
    this.#node = absent ? undefined : (resolved as Node);
    // An alias is wrong where it is used, not where its anchor is.
    this.#offset = offsetOf(node) ?? offset;
  }

  /** Whether there is a value other than null. */
  get present(): boolean {
    return this.#node !== undefined;
  }

  get isMap(): boolean {
    return isMap(this.#node);
  }

  get isList(): boolean {
    return isSeq(this.#node);
  }

  get place(): Place {
    const { line, col } = this.#origin.lines.linePos(this.#offset);
    return { file: this.#origin.file, line, column: col };
  }

  /** Says what is wrong here; of several things the first. */
  problem(code: ProblemCode, message: string): undefined {
    const { problems } = this.#origin.findings;
    const { file, line, column } = this.place;
    const said = problems.some(
      (other) =>
        other.field === this.path && other.file === file && other.line === line && other.column === column,
    );
    if (!said) problems.push({ file, line, column, code, field: this.path, message });
  }

  /** Says what deserves attention here. */
  note(message: string): void {
    this.#origin.findings.notes.push(`${placeText(this.place)}: ${message}`);
  }

  /** The field of a map; an absent one when this is no map or has no such field. */
  field(name: string): Located {
    const node = isMap(this.#node) ? this.#node.get(name, true) : undefined;
    return new Located(this.#origin, node, this.path === '' ? name : `${this.path}.${name}`, this.#offset);
  }

  /** Says so when the field is missing; gives it all the same. */
  required(name: string): Located {
    const field = this.field(name);
    if (!field.present) field.problem('missing_field', 'is required');
    return field;
  }

  /** The names of a map, in order. */
  names(): string[] {
    return this.#pairs().map(({ name }) => name);
  }

  /** Names every field of the map that is not one of these; says so when this is no map. */
  onlyFields(known: readonly string[], of: string): void {
    if (this.present && !this.isMap) this.problem('invalid_value', 'must be a map of fields');
    for (const { name, offset } of this.#pairs()) {
      if (known.includes(name)) continue;
      const path = this.path === '' ? name : `${this.path}.${name}`;
      new Located(this.#origin, undefined, path, offset).problem(
        'unknown_field',
        `is not a field of ${of}; there are ${known.join(', ')}`,
      );
    }
  }

  /** The elements of a list; none when it is absent. */
  list(): Located[] {
    if (!this.present) return [];
    if (!isSeq(this.#node)) {
      this.problem('invalid_value', 'must be a list');
      return [];
    }
    return this.#node.items.map(
      (item, index) => new Located(this.#origin, item, `${this.path}[${index}]`, this.#offset),
    );
  }

  text(): string | undefined {
    const value = this.#scalar();
    if (value === undefined) return this.#wrong('text');
    return typeof value === 'string' ? value : this.#wrong('text; quote it');
  }

  number(): number | undefined {
    const value = this.#scalar();
    return typeof value === 'number' ? value : this.#wrong('a number');
  }

  flag(): boolean | undefined {
    const value = this.#scalar();
    return typeof value === 'boolean' ? value : this.#wrong('true or false');
  }

  /** One of a few words. */
  oneOf<const Word extends string>(words: readonly Word[]): Word | undefined {
    const value = this.#scalar();
    const found = words.find((word) => word === value);
    return found ?? this.#wrong(`one of ${words.join(', ')}`);
  }

  /** A scalar as it was written: text of text, numbers and booleans alike. */
  written(): string | undefined {
    const value = this.#scalar();
    if (value === undefined) return this.#wrong('text');
    return isScalar(this.#node) && this.#node.source !== undefined ? this.#node.source : String(value);
  }

  /** The value as plain data; only for what is small. */
  plain(): unknown {
    try {
      return this.#node?.toJS(this.#origin.document, { maxAliasCount: 100 });
    } catch {
      return this.problem('invalid_value', 'must not be made of so many aliases');
    }
  }

  #scalar(): unknown {
    return isScalar(this.#node) ? this.#node.value : undefined;
  }

  /** Nothing is wrong with what is absent. */
  #wrong(wanted: string): undefined {
    if (this.present) this.problem('invalid_value', `must be ${wanted}`);
  }

  #pairs(): { name: string; offset: number }[] {
    if (!isMap(this.#node)) return [];
    return this.#node.items.map(({ key }) => ({
      name: isScalar(key) ? String(key.value) : String(key),
      offset: offsetOf(key) ?? this.#offset,
    }));
  }
}

function offsetOf(node: unknown): number | undefined {
  const range: unknown =
    typeof node === 'object' && node !== null && 'range' in node ? node.range : undefined;
  return Array.isArray(range) && typeof range[0] === 'number' ? range[0] : undefined;
}
