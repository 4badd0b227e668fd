import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { MOST_CHANGES, readChanges } from './changes.ts';

test('a long history is cut at its newest commits, and that is said', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'evenkeel-long-'));
  const count = MOST_CHANGES + 5;
  const commits = Array.from({ length: count }, (_, n) =>
    [`commit refs/heads/main`, `committer T <t@example.com> ${1767225600 + n} +0000`, 'data 1', 'x', ''].join(
      '\n',
    ),
  );
  execFileSync('git', ['init', '--quiet', '--initial-branch=main', directory]);
  execFileSync('git', ['-C', directory, 'fast-import', '--quiet'], { input: commits.join('\n') });
  const read = await readChanges({ directory, env: process.env }, 'main~1003', 'main');
  const all = await readChanges({ directory, env: process.env }, 'main~999', 'main');
  rmSync(directory, { recursive: true });
  expect(read.changes).toHaveLength(MOST_CHANGES);
  expect(read.changes[0]?.committedAt).toBe('2026-01-01T00:16:44+00:00');
  expect(read.warning).toContain('only the newest 1000 commits are reported');
  expect(all.changes).toHaveLength(999);
  expect(all.warning).toBeUndefined();
});
