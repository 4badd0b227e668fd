/** A commit with what its pull request knew; instants in milliseconds since 1970. */
export interface Change {
  readonly changeId: string;
  readonly pullRequest: string;
  readonly committedAt: number;
  readonly openedAt: number;
  readonly firstReviewAt: number;
  readonly mergedAt: number;
  readonly linesChanged: number;
}

/** A deployment or rollback as its pipeline reports it; instants in milliseconds since 1970. */
export interface Deployment {
  readonly id: string;
  readonly service: string;
  readonly environment: string;
  readonly action: 'deploy' | 'rollback' | 'hotfix';
  readonly version: string;
  readonly startedAt: number;
  readonly advancedAt?: number;
  readonly finishedAt: number;
  readonly outcome: 'succeeded' | 'failed';
  readonly strategy: string;
  readonly rolloutId?: string;
  readonly rollsBackToVersion?: string;
  readonly fixesIncident?: string;
  readonly fixesDeployment?: string;
  readonly automatic?: boolean;
  readonly changes: readonly Change[];
}

/** A canonical fact, as `POST /v1/facts` takes it. */
export type Fact = Readonly<Record<string, unknown>> & {
  readonly kind: string;
  readonly occurred_at: string;
};

/** A time in which a share of a service's events was bad. */
export interface Damage {
  readonly service: string;
  readonly from: number;
  readonly until: number;
  /** 0 to 1. */
  readonly share: number;
}

/** What happened to one service, or to several at once. */
export interface Happenings {
  readonly deployments: Deployment[];
  readonly facts: Fact[];
  readonly damages: Damage[];
}

/** An instant as facts have it. */
export function iso(at: number): string {
  return new Date(Math.round(at)).toISOString();
}
