import { counts, type Decision, leavesOut } from './explain-rows.ts';
import { clockStart, type Restoration } from './recovery.ts';
import type { JudgedFinished, Unit } from './rollouts.ts';

/** How it was restored, in words where a golden case says them. */
const words: Partial<Record<Restoration['rule'], string>> = {
  incident: 'all its incidents are restored',
  hotfix: 'a later deployment fixes it',
};

/** Failed deployment to restored, of one not restored to now, seconds. */
export function waitedSeconds({ deployment, recoveryMs }: JudgedFinished, now: number): number {
  return (recoveryMs ?? Math.max(0, now - clockStart(deployment))) / 1000;
}

/** When what failed was restored; a rollout when all its members were, by the one that waited longest. */
export function recoveryDecision(unit: Unit, now: number): Decision {
  const isWaiting = (one: JudgedFinished) => Number(one.recoveryMs === null);
  const [longest] = unit.members
    .filter((one) => one.failed)
    .sort((a, b) => isWaiting(b) - isWaiting(a) || waitedSeconds(b, now) - waitedSeconds(a, now));
  if (!longest?.restoration) throw new Error('what recovers has failed');
  const { rule, by } = longest.restoration;
  const about = { value_seconds: waitedSeconds(longest, now), evidence: by.join(', ') };
  if (rule === 'not_restored') {
    return leavesOut(rule, { ...about, reason: 'not restored yet; it shows as unrecovered' });
  }
  return counts(rule, { ...about, reason: words[rule] ?? null });
}
