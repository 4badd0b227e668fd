/** Bytes as a text column keeps them: as they are when they are UTF-8, else as `base64:…`. */
export function asPayload(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return `base64:${Buffer.from(bytes).toString('base64')}`;
  }
}

/** A decoded span, log record or metric point as JSON: nanoseconds as text, bytes as base64. */
export function itemPayload(item: object): string {
  return JSON.stringify(item, (_key, value: unknown) => {
    if (typeof value === 'bigint') return value.toString();
    if (value instanceof Uint8Array) return Buffer.from(value).toString('base64');
    return value;
  });
}
