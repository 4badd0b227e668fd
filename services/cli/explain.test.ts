import { tmpdir } from 'node:os';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { runCli } from './cli.ts';
import { type EmbeddedSystem, startEmbedded } from './testing/embedded-system.ts';
import { cleanEnv, evenkeel } from './testing/evenkeel.ts';

// Each call is a process, and asks several questions.
vi.setConfig({ testTimeout: 120_000 });

let system: EmbeddedSystem;
beforeAll(async () => {
  system = await startEmbedded();
  const deployment = (id: string, at: string, more: object = {}) => ({
    kind: 'deployment',
    service: 'checkout',
    environment: 'production',
    deployment_id: id,
    phase: 'finished',
    outcome: 'succeeded',
    occurred_at: at,
    ...more,
  });
  await system.post(
    deployment('d1', '2026-03-02T10:00:00Z', { version: '1' }),
    deployment('d2', '2026-03-03T10:00:00Z', { version: '2' }),
    deployment('r1', '2026-03-03T12:00:00Z', {
      action: 'rollback',
      rolls_back_deployment: 'd2',
      version: '1',
    }),
    deployment('d3', '2026-03-04T10:00:00Z', { version: '3' }),
    deployment('s1', '2026-03-04T10:00:00Z', { service: 'search' }),
  );
  const range = 'service=checkout&from=2026-03-02&to=2026-03-09';
  await vi.waitFor(
    async () => {
      const { deployments } = await system.read<{ deployments: number }>(`/v1/dora/summary?${range}`);
      expect(deployments).toBe(3);
    },
    { timeout: 60_000, interval: 200 },
  );
});
afterAll(() => system.close());

const explain = (args: readonly string[], more: Record<string, string> = {}) =>
  evenkeel(['explain', ...args], {
    env: cleanEnv('http://127.0.0.1:1', { EVENKEEL_API_URL: system.api, ...more }),
    cwd: tmpdir(),
  });
const range = ['--service', 'checkout', '--from', '2026-03-02', '--to', '2026-03-09'];

test('prints the number, what is counted, and what is left out and why', async () => {
  const { code, stdout, stderr } = await explain(['change_fail_rate', ...range, '--tz', 'Europe/Berlin']);
  expect([code, stderr]).toEqual([0, '']);
  const lines = stdout.split('\n').map((line) => line.replaceAll(/ {2,}/g, '  '));
  expect(lines).toEqual([
    'change_fail_rate of checkout, tier production, 2026-03-02 00:00:00 – 2026-03-09 00:00:00 (Europe/Berlin)',
    '',
    '  change_fail_rate  33.33 %',
    '  failed_deployments  1',
    '',
    'Counted, and in the numerator: 1',
    '  AT  SUBJECT  SERVICE  ENVIRONMENT  ID  WHY  RULE  EVIDENCE',
    expect.stringMatching(
      /^ {2}2026-03-03 11:00:00 {2}deployment {2}checkout {2}production {2}d2 {2}.* {2}rollback {2}r1$/,
    ),
    '',
    'Counted, and not in the numerator: 2',
    '  AT  SUBJECT  SERVICE  ENVIRONMENT  ID  WHY  RULE',
    expect.stringMatching(/ d1 .* not_failed$/),
    expect.stringMatching(/ d3 .* not_failed$/),
    '',
    'Why they failed: every match of every rule: 1',
    '  AT  SERVICE  ENVIRONMENT  ID  WHY  RULE  EVIDENCE',
    expect.stringMatching(/ d2 .* rollback {2}r1$/),
    '',
    'Left out: 1',
    '  a rollback is no deployment: 1',
    '  AT  SUBJECT  SERVICE  ENVIRONMENT  ID  RULE  EVIDENCE',
    expect.stringMatching(/ r1 {2}is_rollback {2}d2$/),
    '',
  ]);
});

test('rows and numbers are those of the API, for every metric', async () => {
  const whole = await explain([]);
  expect(whole.code).toBe(2);
  const [, list = ''] = /say which metric: (.*)/.exec(whole.stderr) ?? [];
  const metrics = list.split(', ');
  expect(metrics).toContain('time_to_restore');
  for (const metric of metrics) {
    const { code, stdout } = await explain([metric, ...range, '--json']);
    expect(code, metric).toBe(0);
    const printed = JSON.parse(stdout);
    const query = 'service=checkout&from=2026-03-02&to=2026-03-09';
    expect(printed.rows, metric).toEqual(await system.read(`/v1/explain/${metric}?${query}`));
    if (metric === 'lead_time_stages')
      expect(printed.number).toEqual(await system.read(`/v1/dora/lead-time/stages?${query}`));
    else {
      expect(Object.keys(printed.number), metric).not.toEqual([]);
      expect(await system.read(`/v1/dora/summary?${query}`)).toMatchObject(printed.number);
    }
  }
});

test('a terminal gets its width and marked headings; NO_COLOR unmarks them', async () => {
  const inTerminal = async (more: Record<string, string>) => {
    const lines: string[] = [];
    await runCli(['explain', 'change_fail_rate', ...range], '0', {
      env: { EVENKEEL_API_URL: system.api, ...more },
      directory: tmpdir(),
      print: (line) => lines.push(line),
      warn: (line) => lines.push(line),
      now: () => new Date(),
      terminal: { columns: 72 },
    });
    return lines;
  };
  const lines = await inTerminal({});
  expect(lines).toContain('\u001b[1mLeft out: 1\u001b[22m');
  expect(lines.slice(1).filter((line) => [...line].length > 72)).toEqual([]);
  expect(lines.some((line) => line.includes('…'))).toBe(true);
  expect((await inTerminal({ NO_COLOR: '1' })).join('\n')).not.toContain('\u001b');
});

test.each([
  [['nonsense'], 1, /HTTP 400 invalid_parameter: metric: must be one of .* \[api_refused\]/],
  [['deployments', '--from', 'soon'], 1, /HTTP 400 invalid_parameter: from: .* \[api_refused\]/],
  [
    ['deployments', '--tier', 'a', '--environment', 'b'],
    1,
    /tier: must not be given together with environment/,
  ],
  [['deployments', 'more'], 2, /unexpected "more"/],
  [['deployments', '--colour'], 2, /Unknown option '--colour'/],
])('%j ends with %i', async (args, code, message) => {
  const end = await explain(args);
  expect(end.code).toBe(code);
  expect(end.stdout).toBe('');
  expect(end.stderr).toMatch(message);
});
