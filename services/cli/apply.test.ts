import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { runCli } from './cli.ts';
import { type EmbeddedSystem, startEmbedded } from './testing/embedded-system.ts';
import { cleanEnv, evenkeel } from './testing/evenkeel.ts';
import { startReceiver } from './testing/receiver.ts';

let system: EmbeddedSystem;
const directory = mkdtempSync(join(tmpdir(), 'evenkeel-apply-'));
beforeAll(async () => {
  system = await startEmbedded();
});
afterAll(async () => {
  await system.close();
  rmSync(directory, { recursive: true, force: true });
});

const run = (args: readonly string[], more: Record<string, string> = {}) =>
  evenkeel(args, {
    env: cleanEnv('http://127.0.0.1:1', { EVENKEEL_API_URL: system.api, ...more }),
    cwd: directory,
  });
const write = (name: string, text: string) => writeFileSync(join(directory, name), text);
const slos = () => system.read<Record<string, unknown>[]>('/v1/slos');
const own = (id: string, more = '') =>
  `slo: ${id}\nservice: checkout\nobjective: 99.9%\nwindow: 30d\n${more}`;

// Each call is a process, and each asks for every budget.
vi.setConfig({ testTimeout: 120_000 });

describe('slo apply', () => {
  test('creates, changes, leaves alone and retires', async () => {
    write('a.yaml', `${own('a')}---\n${own('b')}`);
    expect(await run(['slo', 'apply', 'a.yaml', '--dry-run'])).toEqual({
      code: 0,
      stdout: 'created    a\ncreated    b\ndry run: nothing was sent\n',
      stderr: '',
    });
    expect(await slos()).toEqual([]);

    expect(await run(['slo', 'apply', 'a.yaml'])).toEqual({
      code: 0,
      stdout: 'created    a\ncreated    b\n',
      stderr: '',
    });
    expect(await slos()).toMatchObject([
      {
        slo_id: 'a',
        objective: 0.999,
        window: { rolling_days: 30 },
        method: 'occurrences',
        environment: null,
      },
      { slo_id: 'b' },
    ]);

    write('a.yaml', `${own('a', 'title: Checkout\n').replace('30d', '28d')}---\n${own('b')}`);
    expect(await run(['slo', 'apply', 'a.yaml'])).toEqual({
      code: 0,
      stdout: 'changed    a  title none → Checkout, window 30 d → 28 d\nunchanged  b\n',
      stderr: '',
    });
    write('a.yaml', `${own('a').replace('30d', '{ calendar: month, timezone: Europe/Berlin }')}`);
    expect((await run(['slo', 'apply', 'a.yaml'])).stdout).toBe(
      'changed    a  title Checkout → none, window 28 d → month in Europe/Berlin\n',
    );
    expect((await run(['slo', 'apply', 'a.yaml'])).stdout).toBe('unchanged  a\n');

    expect((await run(['slo', 'apply', '--retire', 'b', 'a.yaml'])).stdout).toBe(
      'unchanged  a\nretired    b\n',
    );
    expect(await slos()).toMatchObject([{ slo_id: 'a' }]);
    expect(await run(['slo', 'apply', '--retire', 'b'])).toEqual({
      code: 1,
      stdout: '',
      stderr: 'evenkeel slo apply: no SLO "b" is in force [unknown_id]; nothing was applied\n',
    });
    // Every definition in force, once more, is nothing new: slices, targets and all.
    write(
      'c.yaml',
      own(
        'c',
        'method: timeslices\nslice: 5m\nslice_target: 99%\nno_data: bad\nminimum_events: 10\nenvironment: prod-eu\n',
      ),
    );
    expect((await run(['slo', 'apply', 'c.yaml'])).stdout).toBe('created    c\n');
    expect((await run(['slo', 'apply', 'c.yaml'])).stdout).toBe('unchanged  c\n');
  });

  test('a clock that is behind changes nothing: the clock of the API counts', async () => {
    const applied = async (objective: string, now: Date) => {
      write('skewed.yaml', own('skewed').replace('99.9%', objective));
      return runCli(['slo', 'apply', 'skewed.yaml'], '0', {
        env: { EVENKEEL_API_URL: system.api },
        directory,
        print: () => {},
        warn: () => {},
        now: () => now,
      });
    };
    const hourAgo = new Date(Date.now() - 3_600_000);
    expect([await applied('99%', new Date()), await applied('98%', hourAgo)]).toEqual([0, 0]);
    expect((await slos()).find((row) => row['slo_id'] === 'skewed')).toMatchObject({ objective: 0.98 });
    await run(['slo', 'apply', '--retire', 'skewed']);
  });

  test('one bad file, and nothing of any is applied', async () => {
    const before = await slos();
    write('good.yaml', own('good'));
    write('bad.yaml', `${own('x').replace('99.9%', '1.5')}---\n${own('good')}`);
    expect(await run(['slo', 'apply', 'good.yaml', 'bad.yaml', 'none.yaml', '.'])).toEqual({
      code: 1,
      stdout: '',
      stderr: `none.yaml:1:1: there is no such file [unreadable_file]
.:1:1: is a directory; name its files [unreadable_file]
bad.yaml:3:12: objective: must be less than 1 [invalid_value]
bad.yaml:6:1: "good" is defined in good.yaml:1 already [duplicate_definition]
evenkeel slo apply: 4 problems; nothing was applied
`,
    });
    expect(await slos()).toEqual(before);
  });

  test('warns of a burn alert that cannot fire', async () => {
    write('loose.yaml', own('loose').replace('99.9%', '90%'));
    const end = await run(['slo', 'apply', 'loose.yaml', '--dry-run']);
    expect(end.stderr).toBe(
      'loose.yaml:1:1: warning: loose: the page alert over 1 h and 5 min cannot fire: it asks for a burn rate of 14.4, and with objective 0.9 none is above 10\n',
    );
  });

  test('--check asks nobody', async () => {
    write('ok.yaml', own('ok'));
    const gone = await startReceiver();
    await gone.close();
    const nowhere = { EVENKEEL_API_URL: gone.url };
    expect(await run(['slo', 'apply', 'ok.yaml', '--check'], nowhere)).toEqual({
      code: 0,
      stdout: '',
      stderr: '',
    });
    expect(await run(['slo', 'apply', 'ok.yaml'], nowhere)).toEqual({
      code: 1,
      stdout: '',
      stderr: `evenkeel slo apply: ${gone.url}/v1/slos: ECONNREFUSED [api_unreachable]; nothing was applied\n`,
    });
  });

  test('where facts are not taken, the other address is named', async () => {
    write('ok.yaml', own('ok'));
    const end = await run(['slo', 'apply', 'ok.yaml'], { EVENKEEL_FACTS_URL: `${system.api}/nowhere` });
    expect(end.code).toBe(1);
    expect(end.stderr).toMatch(/\/nowhere\/v1\/facts answered HTTP 404 not_found: .* \[api_refused\]/);
  });

  test.each([
    [['slo'], 'say apply'],
    [['slo', 'delete'], 'unknown "delete": there is apply'],
    [['slo', 'apply'], 'apply needs a file, or --retire ID'],
    [['slo', 'apply', 'ok.yaml', '--retire', 'ok'], '--retire ok: ok.yaml:1:1 defines it'],
    [['service', 'apply'], 'apply needs a file'],
    [['service', 'apply', 'x', '--retire', 'y'], "Unknown option '--retire'"],
  ])('%j: %s', async (args, message) => {
    const end = await run(args);
    expect(end.code).toBe(2);
    expect(end.stderr).toContain(message);
  });
});

test('service apply creates, changes and leaves alone; what a file leaves out stays', async () => {
  write('s.yaml', 'service: checkout\nteam: shop\nattribution_window: 4h\ntiers: { eu: production }\n');
  expect((await run(['service', 'apply', 's.yaml'])).stdout).toBe('created    checkout\n');
  expect((await run(['service', 'apply', 's.yaml'])).stdout).toBe('unchanged  checkout\n');
  write('s.yaml', 'service: checkout\nteam: payments\n---\nservice: search\n');
  expect(await run(['service', 'apply', 's.yaml'])).toEqual({
    code: 0,
    stdout: 'changed    checkout  team shop → payments\ncreated    search\n',
    stderr: '',
  });
  expect(await system.read('/v1/services')).toMatchObject([
    { service: 'checkout', team: 'payments', tiers: { eu: 'production' } },
    { service: 'search', team: null },
  ]);
  write('none.yaml', 'apiVersion: backstage.io/v1alpha1\nkind: Group\n');
  expect((await run(['service', 'apply', 'none.yaml'])).stdout).toBe('nothing to apply\n');
});

test('a token is sent, and its value is never shown', async () => {
  const guarded = await startEmbedded({ EVENKEEL_TOKENS: 'writer-token:read+write,reader-token:read' });
  try {
    write('ok.yaml', own('ok'));
    const as = (token: string) =>
      run(['slo', 'apply', 'ok.yaml'], { EVENKEEL_API_URL: guarded.api, EVENKEEL_TOKEN: token });
    for (const token of ['', 'wrong-token', 'reader-token']) {
      const end = await as(token);
      expect([end.code, end.stdout]).toEqual([1, '']);
      expect(end.stderr).toMatch(token === 'reader-token' ? /HTTP 403 forbidden/ : /HTTP 401 unauthorized/);
      expect(end.stderr).not.toMatch(/\w+-token/);
    }
    expect((await as('writer-token')).stdout).toBe('created    ok\n');
  } finally {
    await guarded.close();
  }
});
