import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { splitStatements } from './statements.ts';

/** One statement of a migration. */
export interface Statement {
  /** Position in its file, from 1. */
  readonly number: number;
  readonly text: string;
  readonly sha256: string;
}

/** A numbered file of SQL. */
export interface MigrationFile {
  /** `0001_facts`, or `server-only/0001_roles`. */
  readonly name: string;
  readonly sha256: string;
  readonly statements: readonly Statement[];
}

const fileName = /^(\d{4})_[a-z0-9_]+\.sql$/;

/**
 * Reads the migrations of a directory in the order of their numbers. A directory that is missing holds none.
 *
 * @param prefix put before each name, so that two directories do not collide
 * @throws when a file is not called `NNNN_name.sql`, or two share a number
 */
export async function readMigrations(directory: string, prefix = ''): Promise<MigrationFile[]> {
  const files: MigrationFile[] = [];
  const seen = new Map<string, string>();
  for (const file of await sqlFiles(directory)) {
    const number = fileName.exec(file)?.[1];
    if (number === undefined) throw new SyntaxError(`${join(directory, file)} is not called NNNN_name.sql`);
    const other = seen.get(number);
    if (other !== undefined)
      throw new SyntaxError(`${other} and ${file} in ${directory} share the number ${number}`);
    seen.set(number, file);
    const text = (await readFile(join(directory, file), 'utf8')).replaceAll('\r\n', '\n');
    files.push({
      name: prefix + file.slice(0, -'.sql'.length),
      sha256: sha256(text),
      statements: splitStatements(text).map((statement, index) => ({
        number: index + 1,
        text: statement,
        sha256: sha256(statement),
      })),
    });
  }
  return files;
}

async function sqlFiles(directory: string): Promise<string[]> {
  try {
    return (await readdir(directory)).filter((file) => file.endsWith('.sql')).sort();
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
    throw error;
  }
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
