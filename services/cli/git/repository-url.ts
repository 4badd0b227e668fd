/** The address without user and password: CI systems and developers put tokens there. `git@host:path` stays as it is. */
export function withoutUserinfo(url: string): string {
  return url.replace(/^([a-z][a-z0-9+.-]*:\/\/)[^/?#]*@/i, '$1');
}
