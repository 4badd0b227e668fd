import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const ENTRY = join(import.meta.dirname, '..', '..', 'standalone', 'main.ts');

/** The embedded default in a process of its own, as users start it. */
export interface EmbeddedSystem {
  /** Where API and facts are. */
  api: string;
  /** Sends canonical facts; all of them must be taken. */
  post(...facts: object[]): Promise<void>;
  /** The `data` of an answer. */
  read<Data>(path: string): Promise<Data>;
  close(): Promise<void>;
}

/** Starts it on free ports over an empty data directory. */
export async function startEmbedded(more: Record<string, string> = {}): Promise<EmbeddedSystem> {
  const directory = mkdtempSync(join(tmpdir(), 'evenkeel-cli-'));
  const child = spawn(process.execPath, [ENTRY], {
    env: {
      PATH: process.env['PATH'] ?? '',
      HOME: process.env['HOME'] ?? '',
      EVENKEEL_DATA_DIR: directory,
      EVENKEEL_API_PORT: '0',
      EVENKEEL_OTLP_PORT: '0',
      EVENKEEL_CLICKHOUSE_PORT: '0',
      ...more,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const api = await new Promise<string>((resolve, reject) => {
    let text = '';
    const read = (chunk: Buffer) => {
      text += chunk.toString();
      const url = /"endpoint":"api".*?"url":"([^"]+)"/.exec(text)?.[1];
      if (url !== undefined) resolve(url);
    };
    child.stdout.on('data', read);
    child.stderr.on('data', read);
    child.on('exit', (code) => reject(new Error(`ended with ${code}:\n${text}`)));
  });
  return {
    api,
    async post(...facts) {
      const response = await fetch(`${api}/v1/facts`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(facts),
      });
      const answer: unknown = await response.json();
      if (Object(answer).rejected_count !== 0) throw new Error(JSON.stringify(answer));
    },
    async read(path) {
      const response = await fetch(`${api}${path}`);
      return Object(await response.json()).data;
    },
    async close() {
      child.removeAllListeners('exit');
      const ended = once(child, 'exit');
      child.kill('SIGKILL');
      await ended;
      rmSync(directory, { recursive: true, force: true });
    },
  };
}
