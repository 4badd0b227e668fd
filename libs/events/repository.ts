/**
 * One name for a repository however it was written: scheme, user, `.git` and trailing slashes dropped,
 * `git@host:owner/name` as `host/owner/name`, host in lower case. A port stays. Idempotent.
 */
export function normalizeRepository(url: string): string {
  let before = url.trim();
  for (;;) {
    const after = normalizeOnce(before);
    if (after === before) return after;
    before = after;
  }
}

function normalizeOnce(url: string): string {
  const hasScheme = /^[a-z][a-z0-9+.-]*:\/\//i.test(url);
  const rest = url
    .replace(/^[a-z][a-z0-9+.-]*:\/\//i, '')
    .replace(/(?:\/|\.git)+$/i, '')
    .trim();
  const slash = rest.indexOf('/');
  const authority = slash < 0 ? rest : rest.slice(0, slash);
  const path = slash < 0 ? '' : rest.slice(slash);
  const afterUser = authority.slice(authority.lastIndexOf('@') + 1);
  const hasUser = afterUser !== authority;

  // scp form: `git@host:owner/name`. Without a user, digits after the colon are a port.
  const colon = afterUser.indexOf(':');
  const isScp = !hasScheme && colon > 0 && (hasUser || !/^:\d*$/.test(afterUser.slice(colon)));
  if (!isScp) return afterUser.toLowerCase() + path;
  const owner = afterUser.slice(colon + 1);
  const host = afterUser.slice(0, colon).toLowerCase();
  return owner === '' ? host + path : `${host}/${owner}${path}`;
}
