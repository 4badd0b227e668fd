import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { GeneratedPage } from './pages.ts';

/** Names of the pages whose file differs from what the code says now; writes nothing. */
export async function pagesOutOfStep(
  pages: Readonly<Record<string, GeneratedPage>>,
  directory: string,
): Promise<string[]> {
  const names: string[] = [];
  for (const [name, { file, generate }] of Object.entries(pages)) {
    if ((await textOf(join(directory, file))) !== (await generate())) names.push(`${name} (${file})`);
  }
  return names;
}

/** Writes every page that is out of step; gives their names. */
export async function writePages(
  pages: Readonly<Record<string, GeneratedPage>>,
  directory: string,
): Promise<string[]> {
  const names: string[] = [];
  for (const [name, { file, generate }] of Object.entries(pages)) {
    const path = join(directory, file);
    const text = await generate();
    if ((await textOf(path)) === text) continue;
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, text);
    names.push(`${name} (${file})`);
  }
  return names;
}

async function textOf(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}
