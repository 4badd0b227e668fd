import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { EvenkeelError, errorCatalogue, exitCatalogue } from './errors.ts';

const page = await readFile(new URL('../../docs/errors.md', import.meta.url), 'utf8');

test('docs/errors.md has a row for every code, and no other', () => {
  const expected = [
    ...Object.entries(errorCatalogue).map(
      ([code, { status, title, retriable }]) =>
        `| \`${code}\` | ${status} | ${title} | ${retriable ? 'yes' : 'no'} |`,
    ),
    ...Object.entries(exitCatalogue).map(
      ([code, { exitCode, title }]) => `| \`${code}\` | ${exitCode} | ${title} |`,
    ),
  ];
  const rows = page
    .split('\n')
    .map((line) => line.replaceAll(/ +/g, ' '))
    .filter((line) => /^\| `\w+` \| \d/.test(line));
  expect(rows).toEqual(expected);
});

test('a problem carries code, status and fields', () => {
  const error = new EvenkeelError('invalid_parameter', 'from is not a date', {
    errors: [{ field: 'from', message: 'not a date' }],
  });
  expect(error.toProblem()).toEqual({
    type: 'urn:evenkeel:error:invalid_parameter',
    title: 'A parameter is unknown or has an invalid value',
    status: 400,
    detail: 'from is not a date',
    code: 'invalid_parameter',
    errors: [{ field: 'from', message: 'not a date' }],
  });
});
