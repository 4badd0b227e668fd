import { tmpdir } from 'node:os';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { cleanEnv, evenkeel, startEvenkeel } from './testing/evenkeel.ts';
import { type Receiver, startReceiver } from './testing/receiver.ts';

let receiver: Receiver;
beforeEach(async () => {
  receiver = await startReceiver();
});
afterEach(() => receiver.close());

const outside = tmpdir();
const deploy = (...args: string[]) =>
  evenkeel(['deploy', '--service', 'checkout', ...args], { env: cleanEnv(receiver.url), cwd: outside });

describe('deploy -- CMD', () => {
  test('reports a command that succeeds, and lets its output through', async () => {
    const end = await deploy(
      '--version',
      '1.0',
      '--attribute',
      'team=shop',
      '--',
      'sh',
      '-c',
      'echo out; echo err >&2',
    );
    expect(end).toEqual({ code: 0, stdout: 'out\n', stderr: 'err\n' });
    expect(receiver.spans).toHaveLength(1);
    const [span] = receiver.spans;
    expect(span?.attributes).toMatchObject({
      'evenkeel.service': 'checkout',
      'deployment.environment.name': 'production',
      'service.version': '1.0',
      'deployment.status': 'succeeded',
      'evenkeel.deployment.action': 'deploy',
      'evenkeel.attribute.team': 'shop',
    });
    expect(span?.attributes).not.toHaveProperty('evenkeel.deployment.phase');
    expect(span?.attributes['deployment.id']).toMatch(/^[0-9a-f-]{36}$/);
  });

  test('passes the exit code through and reports a failure', async () => {
    const end = await deploy('--', 'sh', '-c', 'exit 7');
    expect(end.code).toBe(7);
    expect(receiver.spans[0]?.attributes).toMatchObject({
      'deployment.status': 'failed',
      'process.exit.code': 7,
      'error.type': 'exit_7',
    });
  });

  test.each([
    ['KILL', 137, 'failed'],
    ['TERM', 143, 'cancelled'],
    ['INT', 130, 'cancelled'],
  ])('a command killed by SIG%s ends with %i and is %s', async (signal, code, status) => {
    const end = await deploy('--', 'sh', '-c', `kill -${signal} $$`);
    expect(end.code).toBe(code);
    expect(receiver.spans[0]?.attributes).toMatchObject({
      'deployment.status': status,
      'error.type': `SIG${signal}`,
    });
  });

  test.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)(
    'forwards %s, and what the command makes of it counts',
    async (signal) => {
      const script = `trap 'echo got ${signal}; exit 5' ${signal.slice(3)}; echo ready; while :; do sleep 0.05; done`;
      const running = startEvenkeel(['deploy', '--service', 'checkout', '--', 'sh', '-c', script], {
        env: cleanEnv(receiver.url),
        cwd: outside,
      });
      await running.printed('ready');
      running.child.kill(signal);
      const end = await running.ended;
      expect(end).toMatchObject({ code: 5, stdout: `ready\ngot ${signal}\n` });
      expect(receiver.spans[0]?.attributes).toMatchObject({ 'deployment.status': 'cancelled' });
    },
  );

  test('a command that is not there ends with 127, one that cannot be run with 126', async () => {
    const missing = await deploy('--', 'no-such-command-here');
    expect(missing.code).toBe(127);
    expect(missing.stderr).toContain('no-such-command-here: command not found');
    expect((await deploy('--', outside)).code).toBe(126);
    expect((await deploy('--', '')).code).toBe(127);
    expect(receiver.spans.map((span) => span.attributes['deployment.status'])).toEqual([
      'failed',
      'failed',
      'failed',
    ]);
  });

  test('the command continues the trace of the span that is reported', async () => {
    const end = await deploy('--', 'sh', '-c', 'echo "$TRACEPARENT $EVENKEEL_DEPLOYMENT_ID"');
    const [span] = receiver.spans;
    expect(end.stdout).toBe(`00-${span?.traceId}-${span?.spanId}-01 ${span?.attributes['deployment.id']}\n`);
  });

  test('TRACEPARENT is continued, sampled or not', async () => {
    const traceId = '0af7651916cd43dd8448eb211c80319c';
    const env = cleanEnv(receiver.url, {
      TRACEPARENT: `00-${traceId}-b7ad6b7169203331-00`,
      OTEL_TRACES_SAMPLER: 'always_off',
    });
    const end = await evenkeel(['deploy', '--service', 's', '--', 'sh', '-c', 'echo $TRACEPARENT'], {
      env,
      cwd: outside,
    });
    expect(receiver.spans[0]).toMatchObject({ traceId, parentSpanId: 'b7ad6b7169203331' });
    expect(end.stdout).toBe(`00-${traceId}-${receiver.spans[0]?.spanId}-01\n`);
  });

  test('what is wrong with the command line is said before anything runs', async () => {
    const env = cleanEnv(receiver.url);
    const cases: [string[], string][] = [
      [['deploy', '--', 'echo', 'ran'], '--service is required'],
      [['deploy', '--service', 's', 'echo', 'ran'], 'put "--" before the command: -- echo ran'],
      [['deploy', '--service', 's'], 'give the command to run after "--"'],
      [
        ['deploy', '--service', 's', '--strategy', 'magic', '--', 'echo', 'ran'],
        '--strategy takes all_at_once',
      ],
      [['deploy', '--service', 's', '--servise', 'x', '--', 'echo', 'ran'], "Unknown option '--servise'"],
      [
        ['deploy', '--service', 's', '--attribute', 'novalue', '--', 'echo', 'ran'],
        '--attribute takes key=value',
      ],
      [
        ['deploy', '--service', 's', '--changes-from=--all', '--', 'echo', 'ran'],
        '--changes-from takes a Git revision',
      ],
      [['rollback', '--service', 's', '--hotfix', '--', 'echo', 'ran'], "Unknown option '--hotfix'"],
      [['deploi'], 'unknown command "deploi"'],
    ];
    for (const [args, message] of cases) {
      const end = await evenkeel(args, { env, cwd: outside });
      expect(end).toMatchObject({ code: 2, stdout: '' });
      expect(end.stderr).toContain(message);
    }
    expect(receiver.requests).toEqual([]);
  });

  test('--help after "--" belongs to the command', async () => {
    expect(await deploy('--', 'sh', '-c', 'echo $0', '--help')).toMatchObject({
      code: 0,
      stdout: '--help\n',
    });
    const help = await evenkeel(['deploy', '--help'], { env: cleanEnv(receiver.url) });
    expect(help).toMatchObject({ code: 0, stderr: '' });
    expect(help.stdout).toContain('Usage: evenkeel deploy [options] -- COMMAND');
  });
});

test('rollback says what it takes back and what it goes back to', async () => {
  const args = [
    'rollback',
    '--service',
    's',
    '--to-version',
    '1.0',
    '--of-deployment',
    'd1',
    '--fixes-incident',
    'i1',
    '--',
    'true',
  ];
  expect(await evenkeel(args, { env: cleanEnv(receiver.url), cwd: outside })).toMatchObject({
    code: 0,
    stderr: '',
  });
  expect(receiver.spans[0]?.attributes).toMatchObject({
    'evenkeel.deployment.action': 'rollback',
    'evenkeel.deployment.rolls_back_to_version': '1.0',
    'evenkeel.deployment.rolls_back_deployment': 'd1',
    'evenkeel.deployment.fixes_incident': 'i1',
    'service.version': '1.0',
  });
});

test('a repair of an incident or a deployment is a hotfix', async () => {
  await deploy('--fixes-incident', 'i1', '--', 'true');
  await deploy('--fixes-deployment', 'd1', '--', 'true');
  expect(receiver.spans.map((span) => span.attributes['evenkeel.deployment.action'])).toEqual([
    'hotfix',
    'hotfix',
  ]);
});
