import { execFile, execFileSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { builtCompose, composeBinary, hasTool } from '@evenkeel/stack';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { images } from './images.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** How to call Docker Compose: that of this machine, else the one that was built, else, in CI, one that is built now. */
async function findCompose(): Promise<readonly string[] | undefined> {
  try {
    execFileSync('docker', ['compose', 'version'], { stdio: 'ignore' });
    return ['docker', 'compose'];
  } catch {
    const built = builtCompose(process.env);
    if (built !== undefined) return [built];
    if (process.env['CI'] !== 'true' || !hasTool('go', process.env)) return undefined;
    return [await composeBinary(process.env, (line) => console.warn(line))];
  }
}

const service = z.object({
  image: z.string(),
  restart: z.string().optional(),
  user: z.string().optional(),
  healthcheck: z.object({ test: z.array(z.string()) }).optional(),
  ports: z.array(z.object({ host_ip: z.string().optional(), target: z.number() })).default([]),
  command: z.array(z.string()).nullish(),
  deploy: z.object({ resources: z.object({ limits: z.object({ memory: z.string() }) }) }),
});
const configuration = z.object({ services: z.record(z.string(), service) });

describe('the compose files', () => {
  const directory = mkdtempSync(join(tmpdir(), 'evenkeel-compose-'));
  const secrets = { CLICKHOUSE_PASSWORD: 'p', EVENKEEL_TOKENS: 'abcdefgh:read', OTLP_BEARER_TOKEN: 't' };
  let command: readonly string[] | undefined;

  beforeAll(async () => {
    command = await findCompose();
    if (command === undefined) {
      console.warn('SKIPPED: there is no `docker compose`, and none was built (CI=true and Go build one)');
    }
    // Away from the checkout, so that a developer's own .env decides nothing here.
    for (const file of ['docker-compose.yml', 'docker-compose.require-token.yaml'])
      copyFileSync(join(root, file), join(directory, file));
  }, 600_000);
  afterAll(() => rmSync(directory, { recursive: true }));

  async function config(environment: Record<string, string>, files = ['docker-compose.yml']) {
    const [program = '', ...args] = command ?? [];
    const { stdout } = await promisify(execFile)(
      program,
      [...args, ...files.flatMap((file) => ['-f', file]), 'config', '--format', 'json'],
      { cwd: directory, env: { PATH: process.env['PATH'] ?? '', HOME: directory, ...environment } },
    );
    return Object.entries(configuration.parse(JSON.parse(stdout)).services);
  }

  test('are valid, with the images of the tests', async ({ skip }) => {
    skip(command === undefined);
    const services = await config(secrets);
    const foreign = new Set(
      services.map(([, { image }]) => image).filter((image) => image !== 'evenkeel:local'),
    );
    expect(foreign).toEqual(new Set([images.kafka, images.clickhouse, images.collector]));
    expect(services.map(([name]) => name)).toEqual(
      expect.arrayContaining(['kafka', 'topics', 'clickhouse', 'collector', 'normalizer', 'webhooks', 'api']),
    );
  });

  test('publish nothing beyond loopback', async ({ skip }) => {
    skip(command === undefined);
    const ports = (await config(secrets)).flatMap(([, { ports }]) => ports);
    expect(ports.map(({ target }) => target).sort()).toEqual([4317, 4318, 8080, 8081, 8123]);
    expect(new Set(ports.map(({ host_ip }) => host_ip))).toEqual(new Set(['127.0.0.1']));
  });

  test('limit every service, and check the health of each that goes on', async ({ skip }) => {
    skip(command === undefined);
    const services = await config(secrets);
    for (const [name, { deploy }] of services)
      expect(Number(deploy.resources.limits.memory), name).toBeGreaterThan(0);
    const unchecked = services.filter(([, { restart, healthcheck }]) => restart !== 'no' && !healthcheck);
    // Its image has nothing to check with; `collector-health` does it.
    expect(unchecked.map(([name]) => name)).toEqual(['collector']);
  });

  test('do not start without secrets, and say which', async ({ skip }) => {
    skip(command === undefined);
    const { CLICKHOUSE_PASSWORD: _, ...without } = secrets;
    await expect(config(without)).rejects.toThrow(/CLICKHOUSE_PASSWORD.*\.env\.example/);
    await expect(config({ CLICKHOUSE_PASSWORD: 'p' })).rejects.toThrow(/EVENKEEL_TOKENS.*\.env\.example/);
    const example = readFileSync(join(root, '.env.example'), 'utf8');
    for (const name of Object.keys(secrets)) expect(example).toMatch(new RegExp(`^${name}=$`, 'm'));
  });

  test('ask senders for a token when told to', async ({ skip }) => {
    skip(command === undefined);
    const files = ['docker-compose.yml', 'docker-compose.require-token.yaml'];
    const services = Object.fromEntries(await config(secrets, files));
    expect(services['collector']?.command).toContain('/etc/evenkeel/otel-collector.require-token.yaml');
    await expect(config({ ...secrets, OTLP_BEARER_TOKEN: '' }, files)).rejects.toThrow(/OTLP_BEARER_TOKEN/);
  });
});
