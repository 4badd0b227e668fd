import type { Group } from './groups.ts';
import type { Relation } from './relations.ts';

/** The page, from the chapters. */
export function renderDataDictionary(groups: readonly Group[]): string {
  const lines = [
    '# Data dictionary',
    '',
    'Every table, view and column of the database `evenkeel`. Generated from the comments in `sql/migrations` by `npm run docs`, and checked',
    'against the schema that they make. Instants are UTC with milliseconds; units stand in names or descriptions.',
    '',
    ...groups.map(({ title }) => `- [${title}](#${anchor(title)})`),
    '',
  ];
  for (const { title, text, relations } of groups) {
    lines.push(`## ${title}`, '', text, '');
    for (const { relation, example } of relations) {
      // A view that only writes into a table has that table's columns: one line says it all.
      if (relation.writesTo !== '') continue;
      lines.push(...renderRelation(relation), ...(example === undefined ? [] : renderSql(example)));
    }
    lines.push(...renderWriters(relations.map(({ relation }) => relation)));
  }
  return `${lines.join('\n').trimEnd()}\n`;
}

function renderRelation({ name, kind, text, parameters, columns }: Relation): string[] {
  const what = kind === 'view' && parameters.length > 0 ? 'view with parameters' : kind;
  const lines = [`### ${name}`, '', `*${what[0]?.toUpperCase()}${what.slice(1)}.* ${sentence(text)}`, ''];
  if (parameters.some(({ type }) => type !== '')) {
    lines.push('| parameter | type | meaning |', '| --- | --- | --- |');
    for (const parameter of parameters)
      lines.push(row(code(parameter.name), code(parameter.type), parameter.text));
    lines.push('');
  } else if (parameters.length > 0) {
    lines.push('| parameter | meaning |', '| --- | --- |');
    for (const parameter of parameters) lines.push(row(code(parameter.name), parameter.text));
    lines.push('');
  }
  if (columns.length > 0) {
    lines.push('| column | type | meaning |', '| --- | --- | --- |');
    for (const column of columns) lines.push(row(code(column.name), code(column.type), column.text));
    lines.push('');
  }
  return lines;
}

function renderWriters(relations: readonly Relation[]): string[] {
  const writers = relations.filter(({ writesTo }) => writesTo !== '');
  if (writers.length === 0) return [];
  return [
    '### Views that only write',
    '',
    '| materialized view | writes to | does |',
    '| --- | --- | --- |',
    ...writers.map(({ name, writesTo, text }) =>
      row(code(name), `[${writesTo}](#${writesTo})`, sentence(text)),
    ),
    '',
  ];
}

function renderSql(query: string): string[] {
  return ['```sql', query, '```', ''];
}

function sentence(text: string): string {
  const plain = prose(text);
  const first = `${plain[0]?.toUpperCase() ?? ''}${plain.slice(1)}`;
  return first.endsWith('.') ? first : `${first}.`;
}

/** Text in which nothing is taken for a tag. */
function prose(text: string): string {
  return text.replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

function code(text: string): string {
  return `\`${text}\``;
}

function row(...cells: readonly string[]): string {
  const shown = cells.map((cell) => (cell.startsWith('`') || cell.startsWith('[') ? cell : prose(cell)));
  return `| ${shown.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
}

function anchor(title: string): string {
  return title.toLowerCase().replaceAll(' ', '-');
}
