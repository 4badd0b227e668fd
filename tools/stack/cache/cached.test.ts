import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { cacheDirectory } from './cache-directory.ts';
import { type CacheEntry, cached, cachePlace } from './cached.ts';

let cache: string;
beforeEach(() => {
  cache = mkdtempSync(join(tmpdir(), 'evenkeel-cache-'));
});
afterEach(() => rmSync(cache, { recursive: true }));

const entry = (make: CacheEntry['make'], content = 'one'): CacheEntry => ({
  cache,
  name: 'thing',
  content,
  make,
  onProgress: () => undefined,
});
const write = async (into: string) => writeFileSync(join(into, 'file'), 'whole');

test('what was made once is not made again, until its content changes', async () => {
  let made = 0;
  const make = async (into: string) => {
    made += 1;
    await write(into);
  };
  const first = await cached(entry(make));
  expect(await cached(entry(make))).toBe(first);
  expect(made).toBe(1);
  expect(await cached(entry(make, 'two'))).not.toBe(first);
  expect(made).toBe(2);
});

test('what failed halfway leaves nothing that looks whole, and nothing at all after the next try', async () => {
  const half = async (into: string) => {
    await write(into);
    throw new Error('the network went away');
  };
  await expect(cached(entry(half))).rejects.toThrow('the network went away');
  expect(existsSync(cachePlace(entry(half)))).toBe(false);
  const place = await cached(entry(write));
  expect(readFileSync(join(place, 'file'), 'utf8')).toBe('whole');
  expect(readdirSync(cache).filter((name) => name.startsWith('.'))).toEqual([]);
});

test('of several that need it at once, one makes it', async () => {
  let made = 0;
  const lines: string[] = [];
  const slow: CacheEntry = {
    ...entry(async (into) => {
      made += 1;
      await sleep(100);
      await write(into);
    }),
    onProgress: (line) => lines.push(line),
  };
  const places = await Promise.all([cached(slow), cached(slow), cached(slow)]);
  expect(new Set(places).size).toBe(1);
  expect(made).toBe(1);
  expect(lines).toContain('waiting for another process that makes thing');
});

test('the cache is outside the checkout, where the environment says', () => {
  expect(cacheDirectory({ EVENKEEL_CACHE_DIR: '/a', XDG_CACHE_HOME: '/b', HOME: '/c' })).toBe('/a');
  expect(cacheDirectory({ XDG_CACHE_HOME: '/b', HOME: '/c' })).toBe('/b/evenkeel');
  expect(cacheDirectory({ XDG_CACHE_HOME: 'b', HOME: '/c' })).toBe('/c/.cache/evenkeel');
});
