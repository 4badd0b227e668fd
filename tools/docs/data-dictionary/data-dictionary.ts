import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { openEmbedded } from '@evenkeel/embedded';
import { migrate, selectRows } from '@evenkeel/store';
import { groupRelations } from './groups.ts';
import { type Created, readHeaderComments } from './header-comments.ts';
import { renderDataDictionary } from './page.ts';
import { describeSchema } from './relations.ts';

const migrations = fileURLToPath(new URL('../../../sql/migrations', import.meta.url));

/**
 * The page about every table, view and column, from the schema that the migrations make and the comments in them.
 *
 * @throws Error that lists whatever has no comment, and every comment about something that is not there
 */
export async function dataDictionary(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'evenkeel-dictionary-'));
  const embedded = openEmbedded({ path, database: 'evenkeel' });
  try {
    const client = embedded.client();
    await migrate(client, { directory: migrations, database: 'evenkeel', alone: true });
    const described = await describeSchema((query) => selectRows(client, query), await readCreated());
    const { groups, problems } = groupRelations(described.relations);
    failOn([...described.problems, ...problems]);
    return renderDataDictionary(groups);
  } finally {
    await embedded.close();
    await rm(path, { recursive: true, force: true });
  }
}

async function readCreated(): Promise<Created[]> {
  const files = (await readdir(migrations)).filter((file) => file.endsWith('.sql')).toSorted();
  const texts = await Promise.all(files.map((file) => readFile(join(migrations, file), 'utf8')));
  return texts.flatMap(readHeaderComments);
}

function failOn(problems: readonly string[]): void {
  if (problems.length === 0) return;
  throw new Error(
    `The data dictionary has gaps; mend the comments in sql/migrations:\n  ${problems.join('\n  ')}`,
  );
}
