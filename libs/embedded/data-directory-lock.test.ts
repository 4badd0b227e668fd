import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { DataDirectoryHeldError, openEmbedded } from './index.ts';

describe('the lock on a data directory', () => {
  let directory: string;
  const children: ChildProcess[] = [];

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'evenkeel-lock-'));
  });
  afterEach(async () => {
    for (const child of children.splice(0)) {
      if (child.exitCode === null && child.signalCode === null) {
        child.kill('SIGKILL');
        await once(child, 'exit');
      }
    }
    rmSync(directory, { recursive: true });
  });

  const start = (mode = 'hold') => {
    const fixture = fileURLToPath(new URL('./fixtures/holder.ts', import.meta.url));
    const child = spawn(process.execPath, [fixture, directory, mode], { stdio: ['pipe', 'pipe', 'inherit'] });
    children.push(child);
    return { child, lines: createInterface(child.stdout)[Symbol.asyncIterator]() };
  };
  const next = async (lines: AsyncIterator<string>): Promise<string> => (await lines.next()).value;

  test('says who holds it', async () => {
    const { child, lines } = start();
    expect(await next(lines)).toBe('open');
    const open = () => openEmbedded({ path: directory });
    expect(open).toThrow(DataDirectoryHeldError);
    expect(open).toThrow(
      new RegExp(
        `in use by process ${child.pid} on ${hostname()} since 20.+Z, reachable at http://127.0.0.1:8080`,
      ),
    );
  });

  test('is free again after a clean end and after kill -9', async () => {
    const clean = start();
    expect(await next(clean.lines)).toBe('open');
    clean.child.stdin?.end();
    expect(await once(clean.child, 'exit')).toEqual([0, null]);
    const killed = start();
    expect(await next(killed.lines)).toBe('open');
    killed.child.kill('SIGKILL');
    await once(killed.child, 'exit');
    await openEmbedded({ path: directory }).close();
  });

  test('lets one of several starters win', async () => {
    const starters = [start(), start(), start()];
    const words = await Promise.all(starters.map(({ lines }) => next(lines)));
    const winner = starters[words.indexOf('open')]?.child.pid;
    expect(words.filter((word) => word === 'open')).toHaveLength(1);
    expect(words.filter((word) => word.includes(`in use by process ${winner} `))).toHaveLength(2);
  });

  test('holds against a second opening in the same process', async () => {
    const embedded = openEmbedded({ path: directory });
    expect(() => openEmbedded({ path: directory })).toThrow(`in use by process ${process.pid}`);
    await embedded.close();
  });

  test('kill -9 keeps what was acknowledged', async () => {
    for (const stopAfter of [3, 25, 60]) {
      const { child, lines } = start('insert');
      let acknowledged = 0;
      while (acknowledged < stopAfter) acknowledged = Number(await next(lines));
      child.kill('SIGKILL');
      await once(child, 'exit');
      const embedded = openEmbedded({ path: directory });
      const result = await embedded.reader().query({
        query: 'select uniqExact(n)::UInt32 as kept from evenkeel.kept where n <= {acknowledged:UInt32}',
        query_params: { acknowledged },
        format: 'JSONEachRow',
      });
      expect(await result.json()).toEqual([{ kept: acknowledged }]);
      await embedded.client().command({ query: 'truncate table evenkeel.kept' });
      await embedded.close();
    }
  });
});
