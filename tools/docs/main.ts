import { parseArgs } from 'node:util';
import { pagesOutOfStep, writePages } from './generate.ts';
import { pages } from './pages.ts';

const directory = new URL('../../docs/', import.meta.url).pathname;
const { values } = parseArgs({ options: { check: { type: 'boolean', default: false } } });

if (values.check) {
  const names = await pagesOutOfStep(pages, directory);
  for (const name of names) console.error(`out of step with the code: ${name}; run "npm run docs"`);
  process.exitCode = names.length === 0 ? 0 : 1;
} else {
  for (const name of await writePages(pages, directory)) console.log(`written: ${name}`);
}
