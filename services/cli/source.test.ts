import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { cleanEnv, evenkeel } from './testing/evenkeel.ts';
import { type GitFixture, makeRepository } from './testing/git-fixture.ts';
import { type Receiver, startReceiver } from './testing/receiver.ts';

let repository: GitFixture;
beforeAll(() => {
  repository = makeRepository(5);
  repository.run('remote', 'add', 'origin', 'https://bot:t0ken@example.com/o/r.git');
});
afterAll(() => repository.remove());

let receiver: Receiver;
beforeEach(async () => {
  receiver = await startReceiver();
});
afterEach(() => receiver.close());

const deploy = (cwd: string, args: string[], more: Record<string, string> = {}) =>
  evenkeel(['deploy', '--service', 's', ...args, '--', 'true'], { env: cleanEnv(receiver.url, more), cwd });

test('outside CI, commit, its time and the repository come from Git, without credentials', async () => {
  expect(await deploy(repository.directory, [])).toMatchObject({ code: 0, stderr: '' });
  expect(receiver.spans[0]?.attributes).toMatchObject({
    'vcs.ref.head.revision': repository.commits[4],
    'evenkeel.deployment.commit_at': '2026-01-01T04:00:00+00:00',
    'vcs.repository.url.full': 'https://example.com/o/r.git',
  });
  expect(receiver.spans[0]?.events).toEqual([]);
});

test('what CI says goes before Git; the time of its commit is still read', async () => {
  const ci = {
    CIRCLECI: 'true',
    CIRCLE_SHA1: repository.commits[1] ?? '',
    CIRCLE_REPOSITORY_URL: 'git@github.com:o/other.git',
  };
  await deploy(repository.directory, [], ci);
  expect(receiver.spans[0]?.attributes).toMatchObject({
    'vcs.ref.head.revision': repository.commits[1],
    'evenkeel.deployment.commit_at': '2026-01-01T01:00:00+00:00',
    'vcs.repository.url.full': 'git@github.com:o/other.git',
  });
});

test('--changes-from reports the commits since then with their time and size', async () => {
  expect(await deploy(repository.directory, ['--changes-from', 'HEAD~3'])).toMatchObject({
    code: 0,
    stderr: '',
  });
  const changes = receiver.spans[0]?.events ?? [];
  expect(changes.map((change) => change.name)).toEqual([
    'evenkeel.change',
    'evenkeel.change',
    'evenkeel.change',
  ]);
  expect(changes.map((change) => change.attributes['evenkeel.change.change_id'])).toEqual(
    repository.commits.slice(2).reverse(),
  );
  // From four lines to five other ones.
  expect(changes[0]?.attributes).toEqual({
    'evenkeel.change.change_id': repository.commits[4],
    'evenkeel.change.repository': 'https://example.com/o/r.git',
    'evenkeel.change.committed_at': '2026-01-01T04:00:00+00:00',
    'evenkeel.change.lines_changed': 9,
    'evenkeel.change.files_changed': 1,
  });
});

test('a revision that is not there is explained and fails nothing', async () => {
  const end = await deploy(repository.directory, ['--changes-from', 'v0.9']);
  expect(end.code).toBe(0);
  expect(end.stderr).toMatch(/^evenkeel: --changes-from v0\.9: the commits are not reported: .*v0\.9/);
  expect(receiver.spans[0]?.attributes).toMatchObject({ 'deployment.status': 'succeeded' });
});

test('a shallow clone is named as the cause', async () => {
  const clone = mkdtempSync(join(tmpdir(), 'evenkeel-shallow-'));
  repository.run('clone', '--quiet', '--depth', '1', pathToFileURL(repository.directory).href, clone);
  const end = await deploy(clone, ['--changes-from', 'HEAD~3']);
  rmSync(clone, { recursive: true });
  expect(end.code).toBe(0);
  expect(end.stderr).toContain('this clone is shallow');
  expect(end.stderr).toContain('fetch-depth: 0');
  expect(receiver.spans[0]?.attributes['vcs.ref.head.revision']).toBe(repository.commits[4]);
});

test('outside a checkout a deployment is reported without a commit', async () => {
  const end = await deploy(tmpdir(), ['--changes-from', 'HEAD~3']);
  expect(end.code).toBe(0);
  expect(end.stderr).toContain('name it with --repository');
  expect(receiver.spans[0]?.attributes).not.toHaveProperty('vcs.ref.head.revision');
});

test('a Git that hangs delays the report, not for ever, and the deployment is still reported', async () => {
  const slow = mkdtempSync(join(tmpdir(), 'evenkeel-slow-git-'));
  writeFileSync(join(slow, 'git'), '#!/bin/sh\nexec sleep 60\n', { mode: 0o755 });
  const env = { PATH: `${slow}:${process.env['PATH']}` };
  const run = await deploy(repository.directory, ['--changes-from', 'HEAD~1'], env);
  const phase = await evenkeel(['deploy', 'start', '--service', 's'], {
    env: cleanEnv(receiver.url, env),
    cwd: repository.directory,
  });
  rmSync(slow, { recursive: true });
  for (const end of [run, phase]) {
    expect(end.code).toBe(0);
    expect(end.stderr).toContain('git took too long');
  }
  expect(receiver.spans).toHaveLength(2);
}, 20_000);
