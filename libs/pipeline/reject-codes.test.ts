import { readFile } from 'node:fs/promises';
import { mappingRejectCatalogue } from '@evenkeel/sources';
import { expect, test } from 'vitest';
import { rejectCatalogue } from './reject-codes.ts';

test('docs/errors.md has a row for every reason to reject a message, and no other', async () => {
  const page = await readFile(new URL('../../docs/errors.md', import.meta.url), 'utf8');
  const [, section = ''] = page.split('## Why a message was rejected');
  const codes = [...section.matchAll(/^\| `(\w+)` +\| (.+?) +\|$/gm)].map(([, code, text]) => [code, text]);
  const expected = Object.entries({ ...rejectCatalogue, ...mappingRejectCatalogue });
  expect(codes).toEqual(expected);
});
