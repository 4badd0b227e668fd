import type { Created, DocumentedParameter, HeaderComment } from './header-comments.ts';

/** Rows of a query over the database that is described. */
export type Select = <Row>(query: string) => Promise<Row[]>;

/** A column as the schema has it, with what is said about it; empty: nothing. */
interface Column {
  readonly name: string;
  readonly type: string;
  readonly text: string;
}

/** A table, view or function of the schema, with what is said about it. */
export interface Relation {
  readonly name: string;
  readonly kind: 'table' | 'view' | 'materialized view' | 'function';
  readonly text: string;
  readonly parameters: readonly DocumentedParameter[];
  readonly columns: readonly Column[];
  /** Table that a materialized view writes into; empty: it holds its rows itself. */
  readonly writesTo: string;
}

/** The schema as it is, and everything in which its documentation differs from it. */
export interface Described {
  readonly relations: readonly Relation[];
  readonly problems: readonly string[];
}

interface SystemTable {
  readonly name: string;
  readonly engine: string;
  readonly comment: string;
  readonly query: string;
}

/** Values with which a view can be described; every other text is empty. */
const samples: Readonly<Record<string, string>> = {
  scope: 'tier:production',
  tz: 'UTC',
  interval: 'day',
  metric: 'deployments',
  until: '2026-01-02 00:00:00',
};

/**
 * Describes the database of the connection: what is in it, not what the files say, so that a comment on something
 * that is not there is found out.
 *
 * @param created what the migrations create, in their order; it is the order of the result, too
 */
export async function describeSchema(select: Select, created: readonly Created[]): Promise<Described> {
  const problems: string[] = [];
  const comments = new Map(created.map((each) => [each.name, each.comment]));
  const position = new Map(created.map((each, index) => [each.name, index]));
  const tables = await select<SystemTable>(
    `select name, engine, comment, create_table_query as query from system.tables
     where database = currentDatabase() and not startsWith(name, '.inner') and not startsWith(name, 'migration_lock_')`,
  );
  const relations: Relation[] = [];
  for (const table of tables) {
    relations.push(
      table.engine === 'View'
        ? await describeView(select, table, comments.get(table.name), problems)
        : await describeTable(select, table),
    );
  }
  const functions = await select<{ name: string; create_query: string }>(
    "select name, create_query from system.functions where origin = 'SQLUserDefined'",
  );
  for (const each of functions) relations.push(describeFunction(each, comments.get(each.name), problems));
  for (const relation of relations) problems.push(...undocumented(relation));
  const last = created.length;
  return {
    relations: relations.toSorted(
      (one, other) => (position.get(one.name) ?? last) - (position.get(other.name) ?? last),
    ),
    problems,
  };
}

async function describeTable(select: Select, table: SystemTable): Promise<Relation> {
  const materialized = table.engine === 'MaterializedView';
  const opening = table.query.slice(0, table.query.indexOf(' ('));
  const writesTo = materialized ? (/ TO (?:\w+\.)?(\w+)/.exec(opening)?.[1] ?? '') : '';
  const columns =
    writesTo === ''
      ? await select<Column>(
          `select name, type, comment as text from system.columns
           where database = currentDatabase() and table = '${table.name}' order by position`,
        )
      : [];
  const kind = materialized ? 'materialized view' : 'table';
  return { name: table.name, kind, text: table.comment, parameters: [], columns, writesTo };
}

async function describeView(
  select: Select,
  { name, query }: SystemTable,
  comment: HeaderComment | undefined,
  problems: string[],
): Promise<Relation> {
  const taken = new Map(
    [...query.matchAll(/\{(\w+):([^}]+)\}/g)].map(([, parameter = '', type = '']) => [parameter, type]),
  );
  const given = [...taken].map(([parameter, type]) => `${parameter} = ${sampleOf(parameter, type)}`);
  const actual = await select<{ name: string; type: string }>(
    `describe table (select * from ${name}${given.length === 0 ? '' : `(${given.join(', ')})`})`,
  );
  const about = checkedName(name, comment, problems);
  checkNames(`view ${name}`, 'parameter', [...taken.keys()], about?.parameters ?? [], problems);
  for (const { name: parameter, type } of about?.parameters ?? []) {
    const is = taken.get(parameter);
    if (is !== undefined && is !== type) {
      problems.push(`view ${name}: parameter ${parameter} is ${is}, its comment says ${type || 'nothing'}`);
    }
  }
  const texts = new Map(about?.columns.map((column) => [column.name, column.text]));
  for (const column of texts.keys()) {
    if (!actual.some((each) => each.name === column)) {
      problems.push(`view ${name}: the comment tells of column ${column}, which the view does not have`);
    }
  }
  return {
    name,
    kind: 'view',
    text: about?.text ?? '',
    parameters: about?.parameters ?? [],
    columns: actual.map((column) => ({ ...column, text: texts.get(column.name) ?? '' })),
    writesTo: '',
  };
}

function describeFunction(
  { name, create_query }: { name: string; create_query: string },
  comment: HeaderComment | undefined,
  problems: string[],
): Relation {
  const taken = /\bAS \(?([\w, ]*)\)? ->/.exec(create_query)?.[1]?.split(', ') ?? [];
  const about = checkedName(name, comment, problems);
  checkNames(`function ${name}`, 'parameter', taken, about?.parameters ?? [], problems);
  const parameters = about?.parameters ?? [];
  return { name, kind: 'function', text: about?.text ?? '', parameters, columns: [], writesTo: '' };
}

/** The comment, unless it speaks of something else. */
function checkedName(
  name: string,
  comment: HeaderComment | undefined,
  problems: string[],
): HeaderComment | undefined {
  if (comment === undefined || comment.name === name) return comment;
  problems.push(`${name}: the comment above it speaks of ${comment.name}`);
  return undefined;
}

function checkNames(
  where: string,
  what: string,
  actual: readonly string[],
  told: readonly { name: string }[],
  problems: string[],
): void {
  for (const name of actual) {
    if (!told.some((each) => each.name === name)) problems.push(`${where}: ${what} ${name} has no comment`);
  }
  for (const { name } of told) {
    if (!actual.includes(name)) {
      problems.push(`${where}: the comment tells of ${what} ${name}, which it does not have`);
    }
  }
}

function undocumented({ kind, name, text, columns }: Relation): string[] {
  const problems = text === '' ? [`${kind} ${name} has no comment`] : [];
  for (const column of columns) {
    if (column.text === '') problems.push(`${kind} ${name}: column ${column.name} has no comment`);
  }
  return problems;
}

function sampleOf(name: string, type: string): string {
  if (type.startsWith('Array')) return '[]';
  if (type.startsWith('DateTime')) return `'${samples[name] ?? '2026-01-01 00:00:00'}'`;
  return type === 'String' ? `'${samples[name] ?? ''}'` : '0';
}
