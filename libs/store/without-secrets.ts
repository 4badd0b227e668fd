/** Names of fields whose values are nobody's business, as they stand in JSON. */
const secretField =
  /("(?:[^"\\]|\\.)*(?:passw(?:or)?d|secret|token|authorization|api[_-]?key|cookie|credential|private[_-]?key)(?:[^"\\]|\\.)*"\s*:\s*)"(?:[^"\\]|\\.)*"/gi;
/** OTLP/JSON's way to write the same: `{"key": "…", "value": {"stringValue": "…"}}`. */
const secretPair =
  /("key"\s*:\s*"(?:[^"\\]|\\.)*(?:passw(?:or)?d|secret|token|authorization|api[_-]?key|cookie|credential|private[_-]?key)(?:[^"\\]|\\.)*"\s*,\s*"value"\s*:\s*\{\s*"stringValue"\s*:\s*)"(?:[^"\\]|\\.)*"/gi;
const userinfo = /(\b[a-z][a-z0-9+.-]*:\/\/)[^/\s"@]+@/gi;

/**
 * A rejected message without what looks like a secret: values of fields named so, and user and password in addresses.
 * The rest stays as it came, so that it can be replayed.
 */
export function withoutSecrets(payload: string): string {
  return payload
    .replace(secretPair, '$1"[hidden]"')
    .replace(secretField, '$1"[hidden]"')
    .replace(userinfo, '$1');
}
