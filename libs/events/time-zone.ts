import { z } from 'zod';

/** Names of the IANA database; the runtime alone would also take offsets and any letter case, the store does not. */
const NAME = /^[A-Z][A-Za-z0-9_+-]*(?:\/[A-Z][A-Za-z0-9_+-]*)*$/;

/** An IANA time zone, for example `Europe/Berlin` or `UTC`. */
export const timeZone = z.string().refine(isTimeZone, {
  error: 'must be a time zone of the IANA database, for example Europe/Berlin',
});

function isTimeZone(name: string): boolean {
  if (!NAME.test(name)) return false;
  try {
    const resolved = new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone;
    return resolved === name || resolved.toLowerCase() !== name.toLowerCase();
  } catch (error) {
    if (error instanceof RangeError) return false;
    throw error;
  }
}
