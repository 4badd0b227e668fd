import { type Deployment, deploymentKey, isFinished } from './deployments.ts';
import {
  compareIds,
  greatest,
  groupBy,
  instant,
  keyOf,
  knownInstants,
  lastKnown,
  least,
  type RawFact,
} from './fact.ts';

/** A change: a commit, or a pull request none of whose commits is known. Instants are epoch milliseconds. */
export interface Change {
  key: string;
  repository: string;
  changeId: string | null;
  pullRequest: string | null;
  mergeCommit: boolean;
  committedAt: number | null;
  openedAt: number | null;
  firstReviewAt: number | null;
  approvedAt: number | null;
  mergedAt: number | null;
}

/** How a change is shown: repository@commit, of a pull request none of whose commits is known repository#number. */
export function nameOf({ repository, changeId, pullRequest }: Change): string {
  return changeId === null ? `${repository}#${pullRequest}` : `${repository}@${changeId}`;
}

const commitKey = (repository: string, changeId: string) => keyOf('commit', repository, changeId);
const pullRequestKey = (repository: string, pullRequest: string) => keyOf('pull', repository, pullRequest);

function merge(key: string, facts: readonly RawFact[]): Change {
  return {
    key,
    repository: facts[0]?.repository ?? '',
    changeId: facts[0]?.change_id ?? null,
    pullRequest: lastKnown(facts, 'pull_request'),
    mergeCommit: lastKnown(facts, 'merge_commit') ?? false,
    committedAt: least(knownInstants(facts, 'committed_at')),
    openedAt: least(knownInstants(facts, 'opened_at')),
    firstReviewAt: least(knownInstants(facts, 'first_review_at')),
    approvedAt: least(knownInstants(facts, 'approved_at')),
    mergedAt: greatest(knownInstants(facts, 'merged_at')),
  };
}

/** What a change lacks comes from its pull request. */
function fill(change: Change, pull: Change | undefined): Change {
  return {
    ...change,
    committedAt: change.committedAt ?? pull?.committedAt ?? null,
    openedAt: change.openedAt ?? pull?.openedAt ?? null,
    firstReviewAt: change.firstReviewAt ?? pull?.firstReviewAt ?? null,
    approvedAt: change.approvedAt ?? pull?.approvedAt ?? null,
    mergedAt: change.mergedAt ?? pull?.mergedAt ?? null,
  };
}

/** All changes, and which of them a producer named for which deployment. */
export class ChangeBook {
  readonly #changes = new Map<string, Change>();
  /** Deployment key → keys of the changes named for it. */
  readonly #named = new Map<string, Set<string>>();
  /** Deployment key → the change that its own `commit` stands for. */
  readonly #ownCommit = new Map<string, string>();

  constructor(facts: readonly RawFact[], deployments: readonly Deployment[]) {
    const own = facts.filter((fact) => fact.kind === 'change');
    const commits = groupBy(
      own.filter((fact) => fact.change_id !== undefined),
      (fact) => commitKey(fact.repository ?? '', fact.change_id ?? ''),
    );
    const pulls = groupBy(
      own.filter((fact) => fact.change_id === undefined),
      (fact) => pullRequestKey(fact.repository ?? '', fact.pull_request ?? ''),
    );
    const pullRequests = new Map([...pulls].map(([key, group]) => [key, merge(key, group)]));
    const merged = [...commits].map(([key, group]) => merge(key, group));
    const ofPull = groupBy(
      merged.filter((change) => change.pullRequest !== null),
      (change) => pullRequestKey(change.repository, change.pullRequest ?? ''),
    );

    this.#nameByLinks(own, ofPull);
    const fromDeployments = this.#nameByOwnCommit(deployments);
    // Whatever report of a deployment tells a commit together with its time tells that time.
    for (const { kind, repository = '', commit, commit_at: at } of facts) {
      if (kind !== 'deployment' || commit === undefined || at === undefined) continue;
      const key = commitKey(repository, commit);
      if (!commits.has(key) && !fromDeployments.has(key)) continue;
      fromDeployments.set(key, [...(fromDeployments.get(key) ?? []), instant(at)]);
    }
    for (const change of merged) {
      const told = least(fromDeployments.get(change.key) ?? []);
      const pull = pullRequests.get(pullRequestKey(change.repository, change.pullRequest ?? ''));
      this.#changes.set(
        change.key,
        fill({ ...change, committedAt: least([change.committedAt, told]) }, pull),
      );
    }
    for (const [key, pull] of pullRequests) if (!ofPull.has(key)) this.#changes.set(key, pull);
    for (const [key, told] of fromDeployments) {
      if (this.#changes.has(key)) continue;
      const [, repository = '', changeId = ''] = JSON.parse(key) as string[];
      const blank = { ...merge(key, []), repository, changeId };
      this.#changes.set(key, { ...blank, committedAt: least(told) });
    }
    // A merge commit stands for its pull request: the work began with the first of its commits.
    for (const [, members] of ofPull) {
      const first = least(members.map((member) => this.#changes.get(member.key)?.committedAt ?? null));
      for (const member of members.filter((change) => change.mergeCommit)) {
        const filled = this.#changes.get(member.key);
        if (filled) this.#changes.set(member.key, { ...filled, committedAt: first });
      }
    }
  }

  #nameByLinks(own: readonly RawFact[], ofPull: ReadonlyMap<string, Change[]>): void {
    for (const fact of own) {
      const { service, environment, deployment_id: id, repository = '' } = fact;
      if (service === undefined || environment === undefined || id === undefined) continue;
      const deployment = deploymentKey(service, environment, id);
      const named = this.#named.get(deployment) ?? new Set();
      this.#named.set(deployment, named);
      if (fact.change_id !== undefined) {
        named.add(commitKey(repository, fact.change_id));
        continue;
      }
      const pull = pullRequestKey(repository, fact.pull_request ?? '');
      const commits = ofPull.get(pull);
      if (commits) for (const commit of commits) named.add(commit.key);
      else named.add(pull);
    }
  }

  /** A deployment that names none carries its own commit; gives the commit times told so. */
  #nameByOwnCommit(deployments: readonly Deployment[]): Map<string, number[]> {
    const told = new Map<string, number[]>();
    for (const deployment of deployments) {
      if (this.#named.has(deployment.key)) continue;
      if (deployment.commit === null || deployment.commitAt === null) continue;
      const key = commitKey(deployment.repository ?? '', deployment.commit);
      this.#ownCommit.set(deployment.key, key);
      told.set(key, [...(told.get(key) ?? []), deployment.commitAt]);
    }
    return told;
  }

  /** Keys of the changes that a deployment carries; `there` are all deployments of its place. */
  carriedKeys(deployment: Deployment, there: readonly Deployment[]): Set<string> {
    const keys = new Set(this.#named.get(deployment.key));
    const ownCommit = this.#ownCommit.get(deployment.key);
    if (ownCommit !== undefined) keys.add(ownCommit);
    if (deployment.version === null) return keys;
    for (const earlier of there) {
      const before = earlier.startedAt - deployment.startedAt || compareIds(earlier.id, deployment.id);
      const failedAttempt =
        earlier.action !== 'rollback' && isFinished(earlier) && earlier.outcome !== 'succeeded';
      if (before >= 0 || !failedAttempt || earlier.version !== deployment.version) continue;
      for (const key of this.#named.get(earlier.key) ?? []) keys.add(key);
    }
    return keys;
  }

  /** The change of a key. */
  get(key: string): Change {
    const change = this.#changes.get(key);
    if (!change) throw new Error(`no such change: ${key}`);
    return change;
  }

  /** Without merge commits that are carried together with commits of their pull request. */
  countedOf(keys: ReadonlySet<string>): Change[] {
    const changes = [...keys].map((key) => this.get(key));
    return changes.filter(
      (change) =>
        !change.mergeCommit ||
        change.pullRequest === null ||
        !changes.some(
          (other) =>
            !other.mergeCommit &&
            other.repository === change.repository &&
            other.pullRequest === change.pullRequest,
        ),
    );
  }
}
