import { readFile } from 'node:fs/promises';
import { type MappingOptions, parseMapping } from '@evenkeel/sources';

/** A mapping file that cannot be used; the message names the file and the field. */
export class MappingFileError extends Error {
  override readonly name = 'MappingFileError';
  /** `invalid_configuration` in `docs/errors.md`. */
  readonly exitCode = 64;
}

/**
 * Reads the rules of an installation for producers that do not say which service or environment they deploy.
 *
 * @param path of a JSON file; undefined: no rules
 * @throws {MappingFileError}
 */
export async function readMappingFile(path: string | undefined): Promise<MappingOptions> {
  if (path === undefined) return {};
  const parsed = parseMapping(await readJson(path));
  if (parsed.outcome === 'ok') return parsed.options;
  const reasons = parsed.errors.map(({ field, message }) => `${field} ${message}`).join('; ');
  throw new MappingFileError(`EVENKEEL_MAPPING_FILE=${path}: ${reasons}`);
}

async function readJson(path: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(path, 'utf8'));
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new MappingFileError(`EVENKEEL_MAPPING_FILE=${path}: ${reason}`, { cause: error });
  }
}
