import { execFileSync, spawnSync } from 'node:child_process';
import { chownSync, existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A PostgreSQL of our own, on a socket in a scratch directory. */
export interface Cluster {
  readonly version: string;
  /** Runs statements in one session; the answer as psql prints it, without alignment, cells parted by tabs. */
  run(sql: string): string;
  /** Fills a table from PostgreSQL's text format. */
  copy(table: string, rows: Buffer): void;
  stop(): void;
}

const binaries = process.env['POSTGRES_BIN'] ?? '/usr/lib/postgresql/15/bin';
/** Generous for this size: everything fits into memory, sorts too. */
const settings = {
  shared_buffers: '1GB',
  work_mem: '256MB',
  maintenance_work_mem: '512MB',
  effective_cache_size: '4GB',
  max_wal_size: '4GB',
  fsync: 'off',
  listen_addresses: "''",
  timezone: 'UTC',
};

/**
 * Starts it. PostgreSQL refuses to run as root, so root gives it to the user `postgres` or `nobody`.
 *
 * @throws when Debian's package postgresql-15 is not installed
 */
export function startCluster(): Cluster {
  if (!existsSync(join(binaries, 'initdb'))) {
    throw new Error(`no PostgreSQL in ${binaries}: install postgresql-15, or name another with POSTGRES_BIN`);
  }
  const directory = mkdtempSync(join(tmpdir(), 'evenkeel-postgres-'));
  const identity: { uid?: number; gid?: number } = process.getuid?.() === 0 ? unprivileged() : {};
  const own = (path: string) => {
    if (identity.uid !== undefined && identity.gid !== undefined) chownSync(path, identity.uid, identity.gid);
  };
  own(directory);
  const data = join(directory, 'data');
  const call = (binary: string, args: string[], input?: Buffer | string) => {
    const result = spawnSync(join(binaries, binary), args, {
      ...identity,
      cwd: directory,
      env: { PATH: process.env['PATH'] ?? '', PGHOST: directory, PGDATABASE: 'postgres', PGUSER: 'evenkeel' },
      ...(input === undefined ? {} : { input }),
      encoding: 'utf8',
      maxBuffer: 2 ** 28,
    });
    if (result.status !== 0) throw new Error(`${binary}: ${result.stderr}${result.error ?? ''}`);
    return result.stdout;
  };
  mkdirSync(data);
  own(data);
  call('initdb', ['-D', data, '-U', 'evenkeel', '-A', 'trust', '--no-sync', '-E', 'UTF8', '--no-locale']);
  const flags = Object.entries(settings).map(([name, value]) => `-c ${name}=${value}`);
  const options = [`-k ${directory}`, ...flags].join(' ');
  call('pg_ctl', ['-D', data, '-w', '-l', join(directory, 'log'), '-o', options, 'start']);
  const psql = (args: string[], input: Buffer | string) =>
    call('psql', ['-X', '-q', '-A', '-t', '-F', '\t', '-v', 'ON_ERROR_STOP=1', ...args], input);
  return {
    version: psql([], 'show server_version').trim(),
    run: (sql) => psql([], sql),
    copy(table, rows) {
      psql(['-c', `copy ${table} from stdin`], rows);
    },
    stop() {
      call('pg_ctl', ['-D', data, '-w', '-m', 'fast', 'stop']);
      rmSync(directory, { recursive: true });
    },
  };
}

function unprivileged(): { uid: number; gid: number } {
  for (const user of ['postgres', 'nobody']) {
    try {
      const [uid, gid] = ['-u', '-g'].map((flag) =>
        Number(execFileSync('id', [flag, user], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] })),
      );
      if (uid !== undefined && gid !== undefined) return { uid, gid };
    } catch {
      // No such user here.
    }
  }
  throw new Error('PostgreSQL does not run as root, and there is no user postgres or nobody');
}
