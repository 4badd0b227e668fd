import { execFileSync } from 'node:child_process';
import { tmpdir } from 'node:os';
import { expect, test } from 'vitest';
import { cleanEnv, evenkeel } from './testing/evenkeel.ts';

const env = cleanEnv('http://127.0.0.1:1', { OTEL_SDK_DISABLED: 'true' });

/** A Node older than the project's on this machine, if there is one outside `node_modules`. */
const olderNode = findOlderNode();

test('--version and help', async () => {
  expect(await evenkeel(['--version'], { env })).toEqual({ code: 0, stdout: '0.1.0\n', stderr: '' });
  const help = await evenkeel(['--help'], { env });
  expect(help.code).toBe(0);
  for (const name of [
    'deploy',
    'rollback',
    'incident',
    'slo',
    'service',
    'explain',
    'doctor',
    'start',
    'migrate',
  ]) {
    expect(help.stdout).toContain(`  ${name} `);
    const about = await evenkeel([name, '--help'], { env });
    expect(about).toMatchObject({ code: 0, stderr: '' });
    expect(about.stdout).toContain(`Usage: evenkeel ${name}`);
  }
  expect(await evenkeel([], { env })).toMatchObject({ code: 2, stdout: '' });
});

test('migrate names the server it cannot reach, not the password', async () => {
  const url = 'http://u:passw0rd@127.0.0.1:1';
  const end = await evenkeel(['migrate'], {
    env: { ...env, CLICKHOUSE_URL: url, CLICKHOUSE_PASSWORD: 's3cret' },
  });
  expect(end.code).toBe(1);
  expect(end.stderr).toContain('evenkeel migrate: http://127.0.0.1:1, database evenkeel: ');
  expect(end.stderr).not.toMatch(/passw0rd|s3cret/);
});

test.skipIf(olderNode === undefined)(
  'under an older Node it runs on the one that npm ci installed',
  async () => {
    const args = ['deploy', '--service', 's', '--', 'sh', '-c', 'echo ran; exit 9'];
    const end = await evenkeel(args, { env, cwd: tmpdir(), node: olderNode ?? '' });
    expect(end).toEqual({ code: 9, stdout: 'ran\n', stderr: '' });
  },
);

function findOlderNode(): string | undefined {
  try {
    const nodes = execFileSync('which', ['-a', 'node'], { encoding: 'utf8' }).split('\n');
    return nodes.find((node) => {
      if (node === '') return false;
      return (
        Number.parseInt(execFileSync(node, ['-p', 'process.versions.node'], { encoding: 'utf8' }), 10) < 24
      );
    });
  } catch {
    return;
  }
}
