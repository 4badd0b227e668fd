import { createHash } from 'node:crypto';
import { hourMs, minuteMs } from './calendar.ts';
import type { Draw } from './draw.ts';
import type { Change } from './happenings.ts';
import type { Character } from './organization.ts';

/** The pull requests that a deployment carries, one or two commits each, told backwards from its start. */
export function drawChanges(
  draw: Draw,
  character: Character,
  deployment: { readonly id: string; readonly startedAt: number; readonly firstPullRequest: number },
): Change[] {
  const trivial = draw.chance(character.trivial);
  const requests = trivial
    ? 1
    : Math.max(1, Math.round(draw.around(character.batch.median, character.batch.spread)));
  return Array.from({ length: requests }, (_, request): Change[] => {
    const took = (hours: number) => draw.around(hours, 0.7) * hourMs;
    const mergedAt = deployment.startedAt - took(character.hours.queue) - minuteMs;
    const firstReviewAt = mergedAt - took(character.hours.review);
    const openedAt = firstReviewAt - took(character.hours.pickup);
    const lastCommitAt = openedAt - draw.between(2, 15) * minuteMs;
    const commits = trivial ? 1 : draw.whole(1, 2);
    return Array.from({ length: commits }, (_unused, commit) => ({
      changeId: createHash('sha1').update(`${deployment.id} ${request} ${commit}`).digest('hex'),
      pullRequest: String(deployment.firstPullRequest + request),
      committedAt: commit === 0 ? openedAt - took(character.hours.coding) : lastCommitAt,
      openedAt,
      firstReviewAt,
      mergedAt,
      linesChanged: trivial ? draw.whole(1, 4) : Math.max(1, Math.round(draw.around(60, 1))),
    }));
  }).flat();
}
