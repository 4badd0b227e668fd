import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** What goes into the bundle, beside the packages that `npm ci` installs together with it. */
const SOURCES = [
  '.',
  'api',
  'ci',
  'definitions',
  'explanation',
  'git',
  '../../libs/emitter',
  '../../libs/events',
  '../../libs/events/kinds',
];

/** The file to run: the bundle where there is one that is newer than every source, else the sources themselves. */
export function entryFile(here) {
  const bundledAt = modifiedAt(join(here, 'dist', 'main.js'));
  return bundledAt !== undefined && newestSource(here) <= bundledAt ? './dist/main.js' : './main.ts';
}

function newestSource(here) {
  const files = SOURCES.flatMap((folder) => {
    const directory = join(here, folder);
    return readdirSync(directory).map((name) => join(directory, name));
  });
  return Math.max(...files.filter((file) => file.endsWith('.ts')).map((file) => modifiedAt(file) ?? 0));
}

function modifiedAt(file) {
  return statSync(file, { throwIfNoEntry: false })?.mtimeMs;
}
