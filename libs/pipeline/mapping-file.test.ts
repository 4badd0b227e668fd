import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readMappingFile } from './mapping-file.ts';

const directory = await mkdtemp(join(tmpdir(), 'evenkeel-mapping-'));
const write = async (name: string, text: string) => {
  await writeFile(join(directory, name), text);
  return join(directory, name);
};

test('no file is no rules', async () => {
  expect(await readMappingFile(undefined)).toEqual({});
});

test('rules are read in order', async () => {
  const file = await write(
    'a.json',
    '{"default_environment":"production","rules":[{"when":{"task":"*"},"service":"x"}]}',
  );
  expect(await readMappingFile(file)).toEqual({
    defaultEnvironment: 'production',
    rules: [{ when: { task: '*' }, service: 'x' }],
  });
});

test.each([
  ['no JSON', '{'],
  ['an unknown field', '{"rule": []}'],
])('%s is refused by the name of the file', async (name, text) => {
  const file = await write(`${name}.json`, text);
  await expect(readMappingFile(file)).rejects.toMatchObject({
    exitCode: 64,
    message: expect.stringContaining(`EVENKEEL_MAPPING_FILE=${file}`),
  });
});

test('a missing file is refused', async () => {
  await expect(readMappingFile(join(directory, 'missing'))).rejects.toMatchObject({ exitCode: 64 });
});
