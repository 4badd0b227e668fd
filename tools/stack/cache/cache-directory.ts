import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';

/** Variables that say where things are; `process.env` is read by whoever starts the stack. */
export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Where what was downloaded or built is kept, outside the checkout: `EVENKEEL_CACHE_DIR`, else `evenkeel` under the
 * XDG cache directory (a relative `XDG_CACHE_HOME` is invalid by that specification and counts as unset).
 */
export function cacheDirectory(environment: Environment): string {
  const own = environment['EVENKEEL_CACHE_DIR'];
  if (own) return own;
  const xdg = environment['XDG_CACHE_HOME'];
  return join(xdg && isAbsolute(xdg) ? xdg : join(environment['HOME'] || homedir(), '.cache'), 'evenkeel');
}
