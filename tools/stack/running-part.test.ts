import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Part } from './part.ts';
import { type Death, type RunningPart, superviseParts } from './running-part.ts';
import { lockStack } from './stack-lock.ts';

let directory: string;
const opened: RunningPart[] = [];
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'evenkeel-part-'));
});
afterEach(async () => {
  for (const part of opened.splice(0)) await part.kill();
  rmSync(directory, { recursive: true });
});

/** A part that runs a script; it takes work once it has made the file `up`. */
function part(script: string): Part {
  return {
    name: 'api',
    program: { command: process.execPath, args: ['-e', script], environment: {}, directory },
    check: async () => void readFileSync(join(directory, 'up')),
    startMs: 10_000,
    stopMs: 300,
  };
}
const up = `require('fs').writeFileSync('up', '');`;

async function start(script: string, deaths: Death[] = []): Promise<RunningPart> {
  const supervise = superviseParts({
    logDirectory: directory,
    onDeath: (death) => deaths.push(death),
    signal: new AbortController().signal,
  });
  const running = await supervise(part(script));
  opened.push(running);
  return running;
}

const isAlive = (pid: number) => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};
async function until(what: string, isSo: () => boolean): Promise<void> {
  for (const deadline = Date.now() + 15_000; Date.now() < deadline; await sleep(20)) if (isSo()) return;
  throw new Error(`never: ${what}`);
}

test('a part that ends while it starts is told with its last lines', async () => {
  await expect(start(`console.error('no such topic'); process.exit(3)`)).rejects.toThrow(
    /api ended while it started \(exit code 3\)[\s\S]*no such topic/,
  );
});

test('a part that dies later is told; one that is stopped or killed on purpose is not', async () => {
  const deaths: Death[] = [];
  const running = await start(`${up} console.log('working'); setTimeout(() => {}, 60_000)`, deaths);
  process.kill(running.pid, 'SIGKILL');
  await until('told', () => deaths.length === 1);
  expect(deaths[0]).toEqual({ part: 'api', exit: 'SIGKILL', lastLines: 'working' });
  await running.start();
  await running.stop();
  await running.start();
  await running.kill();
  expect(deaths).toHaveLength(1);
});

test('a part that does not end when asked to is ended', async () => {
  const running = await start(`${up} process.on('SIGTERM', () => {}); setInterval(() => {}, 1_000)`);
  await running.stop();
  expect(isAlive(running.pid)).toBe(false);
});

test('when the runner is killed, its parts end too, and the next run waits for them', async () => {
  const module = (name: string) => JSON.stringify(fileURLToPath(new URL(name, import.meta.url)));
  const runner = spawn(process.execPath, [
    '--input-type=module',
    '-e',
    `import { startProcess } from ${module('./process/native-process.ts')};
     import { lockStack } from ${module('./stack-lock.ts')};
     const directory = ${JSON.stringify(directory)};
     const lock = await lockStack(directory, () => {});
     const child = await startProcess({ command: process.execPath, args: ['-e', "process.on('SIGTERM', () => setTimeout(() => process.exit(), 1000)); setInterval(() => {}, 1000)"],
       environment: {}, directory, logFile: directory + '/child.log' });
     lock.record({ api: child.pid });
     console.log(child.pid);
     setInterval(() => {}, 1_000);`,
  ]);
  const [line]: Buffer[] = await once(runner.stdout, 'data');
  const pid = Number(line);
  await expect(lockStack(directory, () => undefined)).rejects.toThrow(
    new RegExp(`already running in .* \\(process ${runner.pid}\\)`),
  );
  runner.kill('SIGKILL');
  await once(runner, 'exit');
  const lines: string[] = [];
  const lock = await lockStack(directory, (text) => lines.push(text));
  expect(lines).toEqual([`the last run was killed; waiting for what it left to end: api (process ${pid})`]);
  expect(isAlive(pid)).toBe(false);
  lock.release();
  expect(existsSync(join(directory, 'processes.json'))).toBe(false);
});

test('a lock is not fooled by a broken record', async () => {
  writeFileSync(join(directory, 'processes.json'), 'half a rec');
  (await lockStack(directory, () => undefined)).release();
});
