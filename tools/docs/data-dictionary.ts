import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { openEmbedded } from '@evenkeel/embedded';
import { migrate, selectRows } from '@evenkeel/store';
import { readViewComments, type ViewComment } from './view-comments.ts';

interface Column {
  readonly name: string;
  readonly type: string;
  readonly comment: string;
}

interface Relation {
  readonly name: string;
  readonly engine: string;
  readonly comment: string;
  readonly columns: readonly Column[];
  readonly parameters: ViewComment['parameters'];
}

const migrations = fileURLToPath(new URL('../../sql/migrations', import.meta.url));

/** Values that let a parameterised view be described. */
const samples: Readonly<Record<string, string>> = {
  scope: "'tier:production'",
  tz: "'UTC'",
  interval: "'day'",
  metric: "'deployments'",
};

/**
 * The data dictionary: every table and view of the real schema with its comments.
 *
 * @throws Error naming the table, view or column that has no comment, or a comment that has no column
 */
export async function dataDictionary(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'evenkeel-dictionary-'));
  const embedded = openEmbedded({ path, database: 'evenkeel' });
  try {
    const client = embedded.client();
    await migrate(client, { directory: migrations, database: 'evenkeel', alone: true });
    const select = <Row>(query: string) => selectRows<Row>(client, query);
    return render(await readRelations(select, await readComments()));
  } finally {
    await embedded.close();
    await rm(path, { recursive: true, force: true });
  }
}

async function readComments(): Promise<Map<string, ViewComment>> {
  const files = (await readdir(migrations)).filter((file) => file.endsWith('.sql')).sort();
  const texts = await Promise.all(files.map((file) => readFile(join(migrations, file), 'utf8')));
  return new Map(texts.flatMap(readViewComments).map((comment) => [comment.name, comment]));
}

type Select = <Row>(query: string) => Promise<Row[]>;

async function readRelations(
  select: Select,
  comments: ReadonlyMap<string, ViewComment>,
): Promise<Relation[]> {
  const tables = await select<{ name: string; engine: string; comment: string; target: string }>(
    `select name, engine, comment, extract(create_table_query, ' TO evenkeel\\\\.(\\\\w+)') as target from system.tables
     where database = 'evenkeel' and name not like '.%' and name not like 'migration_lock%' order by name`,
  );
  const relations: Relation[] = [];
  for (const { name, engine, comment, target } of tables) {
    if (engine === 'View') relations.push(await describeView(select, name, comments.get(name)));
    else {
      // A view that writes into a table of its own name's kind has that table's columns.
      const columns = target === '' ? await columnsOf(select, name) : [];
      relations.push(checked({ name, engine, comment, columns, parameters: [] }));
    }
  }
  return relations;
}

function columnsOf(select: Select, table: string): Promise<Column[]> {
  return select<Column>(
    `select name, type, comment from system.columns where database = 'evenkeel' and table = '${table}' order by position`,
  );
}

async function describeView(
  select: Select,
  name: string,
  comment: ViewComment | undefined,
): Promise<Relation> {
  if (comment === undefined) throw new Error(`view ${name} has no comment "-- ${name}: …" above it`);
  const given = comment.parameters
    .map((parameter) => `${parameter.name} = ${sampleOf(parameter)}`)
    .join(', ');
  const call = comment.parameters.length === 0 ? name : `${name}(${given})`;
  const described = await select<{ name: string; type: string }>(
    `select name, type from (describe (select * from ${call}))`,
  ).catch(() => select<{ name: string; type: string }>(`describe (select * from ${call})`));
  const texts = new Map(comment.columns.map((column) => [column.name, column.text]));
  const columns = described.map((column) => ({
    name: column.name,
    type: column.type,
    comment: texts.get(column.name) ?? '',
  }));
  const unknown = comment.columns.find((column) => !columns.some(({ name: known }) => known === column.name));
  if (unknown !== undefined)
    throw new Error(`${name}: the comment names ${unknown.name}, which is no column of it`);
  return checked({ name, engine: 'View', comment: comment.text, columns, parameters: comment.parameters });
}

function sampleOf({ name, type }: { name: string; type: string }): string {
  if (type.startsWith('Array')) return '[]';
  if (type.startsWith('DateTime'))
    return name === 'until' ? "'2026-01-02 00:00:00'" : "'2026-01-01 00:00:00'";
  return samples[name] ?? "''";
}

function checked(relation: Relation): Relation {
  if (relation.comment === '') throw new Error(`${relation.name} has no comment`);
  const bare = relation.columns.find(({ comment }) => comment === '');
  if (bare !== undefined) throw new Error(`${relation.name}.${bare.name} has no comment`);
  return relation;
}

const groups: readonly { title: string; text: string; has: (relation: Relation) => boolean }[] = [
  {
    title: 'Views with parameters',
    text: 'What the API reads, one view an endpoint. Call one as `select * from name(parameter = value, …)`.',
    has: ({ parameters }) => parameters.length > 0,
  },
  {
    title: 'Views',
    text: 'Entities and states: one row a thing, merged from its facts.',
    has: ({ engine, parameters }) => engine === 'View' && parameters.length === 0,
  },
  {
    title: 'Facts',
    text: 'Append-only rows that somebody reported. The same fact delivered twice is one row after merging.',
    has: ({ name }) => name.endsWith('_facts') && !name.startsWith('mark_'),
  },
  {
    title: 'Results and bookkeeping',
    text: 'What the recompute writes and remembers; read them through the views.',
    has: ({ engine }) => engine.endsWith('MergeTree'),
  },
  {
    title: 'Materialized views',
    text: 'The incremental ones mark what a fact touches; the refreshable ones are the steps of the recompute.',
    has: () => true,
  },
];

function render(relations: readonly Relation[]): string {
  const lines = [
    '# Data dictionary',
    '',
    'Every table, view and column of the database `evenkeel`. Generated from the comments in `sql/migrations` by `npm run docs`.',
    'Instants are UTC with milliseconds; units stand in names or descriptions.',
    '',
  ];
  const left = new Set(relations);
  for (const { title, text, has } of groups) {
    lines.push(`## ${title}`, '', text, '');
    for (const relation of [...left].filter(has)) {
      left.delete(relation);
      lines.push(...renderRelation(relation));
    }
  }
  return `${lines.join('\n').trimEnd()}\n`;
}

function renderRelation({ name, comment, columns, parameters }: Relation): string[] {
  const lines = [`### ${name}`, '', `${comment}.`.replace(/\.\.$/, '.'), ''];
  if (parameters.length > 0) {
    lines.push('| parameter | type | meaning |', '| --- | --- | --- |');
    for (const parameter of parameters)
      lines.push(row([code(parameter.name), code(parameter.type), parameter.text]));
    lines.push('');
  }
  if (columns.length > 0) {
    lines.push('| column | type | meaning |', '| --- | --- | --- |');
    for (const column of columns) lines.push(row([code(column.name), code(column.type), column.comment]));
    lines.push('');
  }
  return lines;
}

const code = (text: string) => `\`${text}\``;
const row = (cells: readonly string[]) =>
  `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
