import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { pagesOutOfStep, writePages } from './generate.ts';

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'pages-'));
});
afterEach(() => rm(directory, { recursive: true }));

const pages = {
  one: { file: 'one.md', generate: async () => 'one\n' },
  two: { file: 'deep/two.md', generate: async () => 'two\n' },
};

test('names what is missing, writes it, and is then in step', async () => {
  expect(await pagesOutOfStep(pages, directory)).toEqual(['one (one.md)', 'two (deep/two.md)']);
  expect(await writePages(pages, directory)).toEqual(['one (one.md)', 'two (deep/two.md)']);
  expect(await readFile(join(directory, 'deep/two.md'), 'utf8')).toBe('two\n');
  expect(await pagesOutOfStep(pages, directory)).toEqual([]);
  expect(await writePages(pages, directory)).toEqual([]);
});

test('names and rewrites the one page that was edited by hand', async () => {
  await writePages(pages, directory);
  await writeFile(join(directory, 'one.md'), 'edited\n');
  expect(await pagesOutOfStep(pages, directory)).toEqual(['one (one.md)']);
  expect(await writePages(pages, directory)).toEqual(['one (one.md)']);
  expect(await readFile(join(directory, 'one.md'), 'utf8')).toBe('one\n');
});
