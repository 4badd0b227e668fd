import type { ChangeReport, DeploymentReport } from '@evenkeel/emitter';
import type { CommandContext } from './command.ts';
import type { DeploymentPlan } from './deployment-flags.ts';
import { type Changes, readChanges } from './git/changes.ts';
import { readCommit, readOrigin } from './git/head.ts';

/** How long a report waits for Git, milliseconds; a report without a commit is better than none. */
const GIT_PATIENCE_MS = 2000;

/** What Git adds to a deployment, and what there is to say to people about it. */
export interface Source {
  report: Partial<Pick<DeploymentReport, 'commit' | 'commitAt' | 'repository'>> & { changes: ChangeReport[] };
  warning?: string;
}

/** Asks Git for what neither the command line nor the CI system said. Never rejects. */
export async function readSource(plan: DeploymentPlan, context: CommandContext): Promise<Source> {
  const { commit, commitAt, repository } = plan.report;
  const checkout = { directory: context.directory, env: context.env };
  const [head, origin] = await Promise.all([
    commit !== undefined && commitAt !== undefined ? undefined : readCommit(checkout, commit),
    repository !== undefined ? undefined : readOrigin(checkout),
  ]);
  const changes = await changesOf(plan.changesFrom, repository ?? origin, () =>
    readChanges(checkout, plan.changesFrom ?? '', commit ?? head?.commit ?? 'HEAD'),
  );
  return {
    report: {
      ...(head === undefined ? {} : { commit: head.commit, commitAt: head.commitAt }),
      ...(origin === undefined ? {} : { repository: origin }),
      changes: changes.changes,
    },
    ...('warning' in changes ? { warning: changes.warning } : {}),
  };
}

async function changesOf(
  from: string | undefined,
  repository: string | undefined,
  read: () => Promise<Changes>,
): Promise<Changes> {
  if (from === undefined) return { changes: [] };
  if (repository !== undefined) return read();
  // A change is known by repository and SHA; without the first it would be refused.
  const warning = `--changes-from ${from}: the commits are not reported: this checkout has no "origin"; name it with --repository`;
  return { changes: [], warning };
}

/** What Git said, or that it took too long: part of the time telemetry may take altogether. */
export async function inTime(source: Promise<Source>): Promise<Source> {
  let timer: NodeJS.Timeout | undefined;
  const tooLate = new Promise<Source>((resolve) => {
    const late = {
      report: { changes: [] },
      warning: 'git took too long; commit and changes are not reported',
    };
    timer = setTimeout(() => resolve(late), GIT_PATIENCE_MS);
  });
  const known = await Promise.race([source, tooLate]);
  clearTimeout(timer);
  return known;
}
