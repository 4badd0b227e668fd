import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { openEmbedded } from '@evenkeel/embedded';
import { migrate, selectRows } from '@evenkeel/store';
import { expect, test } from 'vitest';
import { dataDictionary } from './data-dictionary.ts';
import { examples } from './examples.ts';

test('the real schema is documented whole', { timeout: 120_000 }, async () => {
  const page = await dataDictionary();
  expect(page).toContain('### dora_summary');
  expect(page).toContain('| `lead_time_p50_seconds` |');
});

test('every example is a query that runs', { timeout: 120_000 }, async () => {
  const path = await mkdtemp(join(tmpdir(), 'examples-'));
  const embedded = openEmbedded({ path, database: 'evenkeel' });
  try {
    const client = embedded.client();
    const directory = fileURLToPath(new URL('../../../sql/migrations', import.meta.url));
    await migrate(client, { directory, database: 'evenkeel', alone: true });
    for (const query of Object.values(examples)) await selectRows(client, query);
  } finally {
    await embedded.close();
    await rm(path, { recursive: true });
  }
});
