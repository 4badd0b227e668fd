import { EventEmitter } from 'node:events';
import { expect, test } from 'vitest';
import { runService, type Surroundings } from './service.ts';

class FakeProcess extends EventEmitter implements Surroundings {
  readonly env: Record<string, string>;
  readonly exits: number[] = [];
  constructor(env: Record<string, string>) {
    super();
    this.env = env;
  }
  exit(code: number): void {
    this.exits.push(code);
    this.emit('exited');
  }
}

function run(env: Record<string, string>, open: () => Promise<void>) {
  const surroundings = new FakeProcess(env);
  const lines: string[] = [];
  const started = runService(
    { name: 'evenkeel-test', settings: ['apiPort', 'tokens', 'clickhousePassword'], open },
    surroundings,
    { write: (line) => lines.push(line) },
  );
  return { surroundings, lines, started };
}

test('a wrong setting ends the process before anything is opened, and shows no secret', async () => {
  let opened = false;
  const { surroundings, lines, started } = run(
    { EVENKEEL_API_PORT: 'seventy', EVENKEEL_TOKENS: 'sesame-open:admin', CLICKHOUSE_PASSWORD: 'hunter22' },
    async () => {
      opened = true;
    },
  );
  await started;
  expect(surroundings.exits).toEqual([64]);
  expect(opened).toBe(false);
  expect(lines.join('')).toContain('EVENKEEL_API_PORT=seventy');
  expect(lines.join('')).not.toMatch(/sesame-open|hunter22/);
});

test('a secret in an error of a part is hidden', async () => {
  const { surroundings, lines, started } = run({ CLICKHOUSE_PASSWORD: 'hunter22' }, () =>
    Promise.reject(new Error('http://default:hunter22@clickhouse:8123 refused')),
  );
  await started;
  expect(surroundings.exits).toEqual([1]);
  expect(lines.join('')).toContain('[hidden]');
  expect(lines.join('')).not.toContain('hunter22');
});

test('an error that nobody caught ends the process', async () => {
  const { surroundings, lines, started } = run({}, () => Promise.resolve());
  await started;
  expect(surroundings.exits).toEqual([]);
  const exited = new Promise((resolve) => surroundings.once('exited', resolve));
  surroundings.emit('unhandledRejection', new TypeError('a bug'));
  await exited;
  expect(surroundings.exits).toEqual([1]);
  expect(lines.join('')).toContain('a bug');
});
