import { createHash } from 'node:crypto';
import { z } from 'zod';

/** What a list of a range carries from page to page. */
export const selectionSchema = z.strictObject({
  services: z.array(z.string()),
  team: z.string(),
  place: z.strictObject({ kind: z.enum(['tier', 'environment']), name: z.string() }),
  from: z.number().int(),
  to: z.number().int(),
  tz: z.string(),
  /** Of lists that can be asked for some SLOs. */
  slos: z.array(z.string()).optional(),
});

/** Where a list goes on: which list, what was asked of it, and the key of the last row that was sent. */
export interface Cursor<Asked> {
  readonly list: string;
  readonly asked: Asked;
  readonly after: readonly string[];
}

/** Write a cursor as text that fits into a URL. */
export function encodeCursor(cursor: Cursor<object>): string {
  const body = Buffer.from(JSON.stringify(cursor)).toString('base64url');
  return `${body}.${checksum(body)}`;
}

/** Read a cursor of this list; undefined when it is not one. */
export function decodeCursor<Asked>(
  text: string,
  list: string,
  askedSchema: z.ZodType<Asked>,
): Cursor<Asked> | undefined {
  const [body, sum, ...rest] = text.split('.');
  if (body === undefined || sum !== checksum(body) || rest.length > 0) return undefined;
  const payload = z.strictObject({
    list: z.literal(list),
    asked: askedSchema,
    after: z.array(z.string()).min(1),
  });
  const parsed = payload.safeParse(readJson(Buffer.from(body, 'base64url').toString()));
  return parsed.success ? { list, asked: parsed.data.asked, after: parsed.data.after } : undefined;
}

function readJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/**
 * Catches cursors that were cut or edited. It is no signature, and none is needed: whoever may read the list may ask
 * for any part of it, and what the cursor says is checked and bound like any other parameter.
 */
function checksum(body: string): string {
  return createHash('sha256').update('evenkeel cursor\0').update(body).digest('base64url').slice(0, 11);
}
