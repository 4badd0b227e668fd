import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A Git repository made on the fly. */
export interface GitFixture {
  directory: string;
  /** SHAs, oldest first. */
  commits: string[];
  run(...args: string[]): string;
  remove(): void;
}

const FIRST_COMMIT_S = Date.UTC(2026, 0, 1) / 1000;

/** Makes `count` commits an hour apart, from 2026-01-01T00:00:00Z on; commit n writes n lines into `file`. */
export function makeRepository(count: number): GitFixture {
  const directory = mkdtempSync(join(tmpdir(), 'evenkeel-git-'));
  const run = (...args: string[]) => git(directory, args);
  run('init', '--quiet', '--initial-branch=main');
  const commits: string[] = [];
  for (let n = 1; n <= count; n++) {
    writeFileSync(join(directory, 'file'), `${n}\n`.repeat(n));
    run('add', 'file');
    git(directory, ['commit', '--quiet', '-m', `commit ${n}`], FIRST_COMMIT_S + (n - 1) * 3600);
    commits.push(run('rev-parse', 'HEAD'));
  }
  return { directory, commits, run, remove: () => rmSync(directory, { recursive: true, force: true }) };
}

function git(directory: string, args: readonly string[], atSeconds = FIRST_COMMIT_S): string {
  const date = `${atSeconds} +0000`;
  const env = {
    PATH: process.env['PATH'],
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_AUTHOR_NAME: 'Test',
    GIT_AUTHOR_EMAIL: 'test@example.com',
    GIT_COMMITTER_NAME: 'Test',
    GIT_COMMITTER_EMAIL: 'test@example.com',
    GIT_AUTHOR_DATE: date,
    GIT_COMMITTER_DATE: date,
  };
  return execFileSync('git', ['-C', directory, ...args], {
    env,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
  }).trim();
}
