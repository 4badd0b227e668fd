import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { lock } from '../process/file-lock.ts';

/** Told one line at a time what is going on. */
export type OnProgress = (line: string) => void;

/** Something that is built or fetched once. */
export interface CacheEntry {
  readonly cache: string;
  readonly name: string;
  /** All that decides what comes out; a change of it makes a new entry. */
  readonly content: string;
  /** Makes it inside an empty directory. */
  readonly make: (into: string) => Promise<void>;
  readonly onProgress: OnProgress;
}

/** Where the entry is, or would be. */
export function cachePlace({ cache, name, content }: Pick<CacheEntry, 'cache' | 'name' | 'content'>): string {
  return join(cache, `${name}-${createHash('sha256').update(content).digest('hex').slice(0, 16)}`);
}

/**
 * The directory of a cache entry, made when it is missing. It is made beside its place and renamed when complete, so
 * what was interrupted is never taken for whole; of several processes one makes it and the others wait.
 */
export async function cached(entry: CacheEntry): Promise<string> {
  const place = cachePlace(entry);
  if (existsSync(place)) return place;
  mkdirSync(entry.cache, { recursive: true });
  const release = await lock(join(entry.cache, `${entry.name}.lock`), () =>
    entry.onProgress(`waiting for another process that makes ${entry.name}`),
  );
  try {
    if (existsSync(place)) return place;
    const unfinished = `.${entry.name}-`;
    for (const left of readdirSync(entry.cache).filter((file) => file.startsWith(unfinished)))
      rmSync(join(entry.cache, left), { recursive: true, force: true });
    const draft = mkdtempSync(join(entry.cache, unfinished));
    await entry.make(draft);
    renameSync(draft, place);
    return place;
  } finally {
    release();
  }
}
