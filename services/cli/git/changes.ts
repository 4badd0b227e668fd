import type { ChangeReport } from '@evenkeel/emitter';
import { type Checkout, git } from './git.ts';

/** The most changes one report carries; more make a request that receivers may refuse. */
export const MOST_CHANGES = 1000;

/** The commits of `from..commit`, newest first, and what there is to say to people about them. */
export interface Changes {
  changes: ChangeReport[];
  warning?: string;
}

/** Reads the commits that came since a revision. Whatever fails becomes a warning: no deployment fails for it. */
export async function readChanges(checkout: Checkout, from: string, commit: string): Promise<Changes> {
  const range = ['-n', String(MOST_CHANGES + 1), '--end-of-options', `${from}..${commit}`, '--'];
  const [list, sizes] = await Promise.all([
    git(checkout, ['log', '--format=%H %cI', ...range]),
    git(checkout, ['log', '--format=%H', '--shortstat', ...range]),
  ]);
  if (list.outcome === 'failed') {
    return { changes: [], warning: await explain(checkout, from, list.reason) };
  }
  // Sizes cost a diff per commit; in a large history they may come too late, and the commits count without them.
  const sizeOf = sizes.outcome === 'ok' ? parseSizes(sizes.output) : new Map<string, Size>();
  const commits = list.output.split('\n').filter((line) => line !== '');
  const changes = commits.slice(0, MOST_CHANGES).map((line): ChangeReport => {
    const [changeId = '', committedAt = ''] = line.split(' ');
    return { changeId, committedAt, ...sizeOf.get(changeId) };
  });
  if (commits.length <= MOST_CHANGES) return { changes };
  return { changes, warning: `--changes-from ${from}: only the newest ${MOST_CHANGES} commits are reported` };
}

interface Size {
  linesChanged: number;
  filesChanged: number;
}

/** Reads `git log --format=%H --shortstat`: a SHA, and for commits with a diff a line such as ` 2 files changed, 3 insertions(+)`. */
function parseSizes(output: string): Map<string, Size> {
  const sizes = new Map<string, Size>();
  let commit = '';
  for (const line of output.split('\n')) {
    if (/^[0-9a-f]{40,64}$/.test(line)) commit = line;
    const files = /^ (\d+) files? changed/.exec(line)?.[1];
    if (files === undefined) continue;
    const count = (what: RegExp) => Number(what.exec(line)?.[1] ?? 0);
    sizes.set(commit, {
      linesChanged: count(/(\d+) insertions?/) + count(/(\d+) deletions?/),
      filesChanged: Number(files),
    });
  }
  return sizes;
}

async function explain(checkout: Checkout, from: string, reason: string): Promise<string> {
  const shallow = await git(checkout, ['rev-parse', '--is-shallow-repository']);
  const cause =
    shallow.outcome === 'ok' && shallow.output.trim() === 'true'
      ? `this clone is shallow and does not reach that revision; fetch more history first (git fetch --unshallow, "fetch-depth: 0" in actions/checkout, "GIT_DEPTH: 0" in GitLab CI)`
      : reason;
  return `--changes-from ${from}: the commits are not reported: ${cause}`;
}
