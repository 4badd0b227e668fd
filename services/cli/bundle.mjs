// Packs the CLI and the OpenTelemetry SDK into a few files: read from 600 files, the SDK alone takes longer to load than
// a pipeline should wait. Run by `npm ci` (the root's "prepare"); without its result bin.js runs the sources.
import { rm } from 'node:fs/promises';
import { join } from 'node:path';

const here = import.meta.dirname;

try {
  const { rolldown } = await import('rolldown');
  await rm(join(here, 'dist'), { recursive: true, force: true });
  const bundle = await rolldown({
    input: join(here, 'main.ts'),
    platform: 'node',
    // Only `migrate` needs the store, and its ClickHouse client is large.
    external: ['@evenkeel/store'],
    logLevel: 'warn',
  });
  await bundle.write({ dir: join(here, 'dist'), format: 'esm', minify: true });
} catch (error) {
  // An install without development dependencies, or without scripts' native parts: slower to start, otherwise the same.
  console.warn(`evenkeel: not bundled, the CLI will run from its sources (${error.message.split('\n')[0]})`);
}
