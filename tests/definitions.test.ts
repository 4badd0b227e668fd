import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';

/** The page of definitions and the golden cases say the same. */
const root = fileURLToPath(new URL('..', import.meta.url));
const page = (name: string) => readFileSync(`${root}docs/${name}`, 'utf8');
const caseDirectory = (name: string) => `${root}sql/tests/${name}`;
const caseName = /`([a-z0-9-]+)`/g;

/** Names of golden cases in square brackets. */
function casesIn(text: string): string[] {
  const brackets = text.matchAll(/\[(`[^\]]*`)\](?!\()/g);
  return [...brackets].flatMap(([, names = '']) =>
    [...names.matchAll(caseName)].map(([, name = '']) => name),
  );
}

test.each(['definitions.md', 'migrating.md'])('every case that %s names is there', (name) => {
  const named = casesIn(page(name));
  expect(named.length).toBeGreaterThan(4);
  expect(named.filter((each) => !existsSync(caseDirectory(each)))).toEqual([]);
});

const sections = page('definitions.md')
  .split(/^## /m)
  .slice(1)
  .map((text) => ({ title: text.split('\n')[0] ?? '', text }));

test.each([
  'Buckets',
  '1. Deployment frequency',
  '2. Change lead time',
  '3. Change fail rate',
  '4. Failed deployment recovery time',
  '5. Deployment rework rate',
  'Incidents',
  'Error budgets',
  'Burn alerts',
  'What a deployment cost',
])('%s has a worked example', (title) => {
  const section = sections.find((each) => each.title === title);
  expect(section?.text).toMatch(/^\*Examples?\*/m);
});

const examples = sections.flatMap(({ title, text }) =>
  text
    .split(/\n\n/)
    .filter((paragraph) => /^\*Examples?\*/.test(paragraph))
    .map((paragraph) => ({ title, paragraph })),
);

/** Every number that a case expects, rates and instants included. */
function expectedNumbers(name: string): number[] {
  const files = readdirSync(caseDirectory(name)).filter((file) => file.endsWith('expected.json'));
  return files.flatMap((file) =>
    [...readFileSync(`${caseDirectory(name)}/${file}`, 'utf8').matchAll(/-?\d+(?:\.\d+)?(?:e-?\d+)?/g)].map(
      Number,
    ),
  );
}

describe.each(examples)('the figures of the example in $title', ({ paragraph }) => {
  const figures = [...paragraph.matchAll(/\*\*([−-]?[\d ]+(?:\.\d+)?)\*\*/g)].map(
    ([, figure = '']) => figure,
  );
  test.each(figures.map((figure) => [figure]))('%s is what the case expects', (figure) => {
    const text = figure.replace('−', '-').replaceAll(' ', '');
    const scale = 10 ** (text.split('.')[1]?.length ?? 0);
    const expected = casesIn(paragraph).flatMap(expectedNumbers);
    expect(expected.map((number) => Math.round(number * scale) / scale)).toContain(Number(text));
  });
  if (figures.length === 0) test('none', () => expect(casesIn(paragraph)).not.toEqual([]));
});
