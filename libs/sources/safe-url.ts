const MAX_CHARACTERS = 512;

/** Parameters that lead to a page. Any other may be a token. */
const HARMLESS_PARAMETER =
  /^(?:build|run|job|task|stage|pipeline|workflow|project|release|environment|deployment|attempt|check|view|tab|id)_?(?:id|number|run)?$/i;

/**
 * The address of a page without what could be a secret: user and password, and query parameters other than well-known
 * names of things. Undefined when it is no http or https address, or too long to keep.
 */
export function safeUrl(address: string | undefined): string | undefined {
  if (address === undefined || !URL.canParse(address)) return undefined;
  const url = new URL(address);
  if (url.protocol !== 'https:' && url.protocol !== 'http:') return undefined;
  url.username = '';
  url.password = '';
  url.hash = '';
  for (const parameter of [...url.searchParams.keys()]) {
    if (!HARMLESS_PARAMETER.test(parameter)) url.searchParams.delete(parameter);
  }
  if (url.href.length > MAX_CHARACTERS) url.search = '';
  return url.href.length > MAX_CHARACTERS ? undefined : url.href;
}

/** The address of a repository without query and fragment; its user is dropped where facts are normalised. */
export function repositoryAddress(address: string | undefined): string | undefined {
  return address?.replace(/[?#].*$/s, '') || undefined;
}
