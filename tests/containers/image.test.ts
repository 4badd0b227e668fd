import { execFile, spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** The rules of `.dockerignore`, of which the last that matches decides; only the forms that stand in it. */
function excluded(path: string, rules: readonly string[]): boolean {
  let out = false;
  for (const rule of rules) {
    const keep = rule.startsWith('!');
    const pattern = keep ? rule.slice(1) : rule;
    const expression = pattern
      .split('/')
      .map((part) =>
        part === '**' ? '(?:.*/)?' : `${part.replaceAll('.', '\\.').replaceAll('*', '[^/]*')}/`,
      )
      .join('');
    if (new RegExp(`^${expression}`).test(`${path}/`)) out = !keep;
  }
  return out;
}

/** What `docker build` would make, without an engine: its files and the very install command of the Dockerfile. */
describe('the image of the services', () => {
  const app = mkdtempSync(join(tmpdir(), 'evenkeel-image-'));
  beforeAll(async () => {
    const rules = readFileSync(join(root, '.dockerignore'), 'utf8')
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith('#'));
    const parents = new Set(['services', 'tools']);
    cpSync(root, app, {
      recursive: true,
      filter(source) {
        const path = relative(root, source);
        return path === '' || parents.has(path) || !excluded(path, rules);
      },
    });
    const install = /^RUN (npm ci(?:.*\\\n)*.*)$/m.exec(readFileSync(join(root, 'Dockerfile'), 'utf8'))?.[1];
    expect(install).toBeDefined();
    await promisify(execFile)('sh', ['-c', install ?? ''], {
      cwd: app,
      env: { ...process.env, npm_config_prefer_offline: 'true' },
    });
  }, 180_000);
  afterAll(() => rmSync(app, { recursive: true, force: true }));

  test('holds what the services are made of, and neither tests nor the embedded ClickHouse', () => {
    const files = readdirSync(app, { recursive: true, encoding: 'utf8' }).filter(
      (file) => !file.includes('node_modules'),
    );
    expect(files).toEqual(
      expect.arrayContaining([
        'services/api/main.ts',
        'tools/topics/main.ts',
        'sql/migrations/0001_facts.sql',
      ]),
    );
    expect(files.filter((file) => /\.test\.ts$|^\.env|^services\/cli|^libs\/embedded/.test(file))).toEqual(
      [],
    );
  });

  test('carries no chdb', () => {
    const modules = readdirSync(join(app, 'node_modules'));
    expect(modules).toEqual(expect.arrayContaining(['@evenkeel', 'fastify', 'kafkajs']));
    expect(modules.filter((name) => /chdb|vitest|typescript/.test(name))).toEqual([]);
    expect(existsSync(join(app, 'node_modules/@evenkeel/embedded'))).toBe(false);
  });

  test.each(['services/api', 'services/normalizer', 'services/webhooks', 'tools/topics'])(
    '%s finds all it imports',
    (service) => {
      const { status, stdout, stderr } = spawnSync(process.execPath, [`${service}/main.ts`], {
        cwd: app,
        env: {},
        encoding: 'utf8',
      });
      // It got as far as reading its settings, of which there are none.
      expect(status, stdout + stderr).toBe(64);
      expect(stdout + stderr).toMatch(/KAFKA_BROKERS|CLICKHOUSE_URL/);
    },
  );
});
