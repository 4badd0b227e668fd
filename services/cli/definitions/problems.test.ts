import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { definitionProblems } from './problems.ts';

test('docs/errors.md has a row for every reason not to apply a definition, and no other', async () => {
  const page = await readFile(new URL('../../../docs/errors.md', import.meta.url), 'utf8');
  const [, rest = ''] = page.split('## Why a definition was not applied');
  const [section = ''] = rest.split('\n## ');
  const rows = [...section.matchAll(/^\| `(\w+)` +\| (.+?) +\|$/gm)].map(([, code, text]) => [code, text]);
  expect(rows).toEqual(Object.entries(definitionProblems));
});
