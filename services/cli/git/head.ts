import { type Checkout, git } from './git.ts';
import { withoutUserinfo } from './repository-url.ts';

/** Commit checked out (or the one asked for) with the time it was made, RFC 3339 with zone. */
export async function readCommit(
  checkout: Checkout,
  commit = 'HEAD',
): Promise<{ commit: string; commitAt: string } | undefined> {
  const answer = await git(checkout, ['log', '-1', '--format=%H %cI', '--end-of-options', commit, '--']);
  if (answer.outcome === 'failed') return;
  const [sha, committedAt] = answer.output.trim().split(' ');
  return sha && committedAt ? { commit: sha, commitAt: committedAt } : undefined;
}

/** Address of `origin` without credentials. */
export async function readOrigin(checkout: Checkout): Promise<string | undefined> {
  const answer = await git(checkout, ['remote', 'get-url', 'origin']);
  const url = answer.outcome === 'ok' ? answer.output.trim() : '';
  return url === '' ? undefined : withoutUserinfo(url);
}
