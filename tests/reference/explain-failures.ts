import { counts, type Decision, type ExplainedRow } from './explain-rows.ts';
import { compareReasons, type Reason, type Rule } from './failures.ts';
import type { JudgedFinished } from './rollouts.ts';

/** The first rule that matches decides; in words where a page or a golden case says them. */
const rules: ReadonlyMap<Rule, string | null> = new Map([
  ['review', null],
  ['aborted', null],
  ['incident', 'an incident names it'],
  ['rollback', 'a rollback targets it'],
  ['hotfix', 'a later deployment fixes it'],
  ['attribution', 'an incident opened within the attribution window'],
]);

function pointsAt(reason: Reason): string {
  return reason.incidentId ?? reason.rollbackId ?? reason.hotfixId ?? reason.reviewId ?? '';
}

/** The match that decides: of the first rule that has one the first by time and id. */
function deciding(reasons: readonly Reason[]): Reason | undefined {
  const rule = [...rules.keys()].find((one) => reasons.some((reason) => reason.rule === one));
  return [...reasons].sort(compareReasons).find((reason) => reason.rule === rule);
}

/** The matches that this rate looks at. */
function admitted(one: JudgedFinished, linkedOnly: boolean): Reason[] {
  return one.reasons.filter((reason) => reason.linked || !linkedOnly);
}

/** Whether a deployment, or a rollout by any of its members, is in the rate, and why. */
export function failureDecision(members: readonly JudgedFinished[], linkedOnly: boolean): Decision {
  const failed = members.filter((one) => one.failed);
  const match = deciding(failed.flatMap((one) => admitted(one, linkedOnly)));
  if (match) {
    const reason = rules.get(match.rule) ?? null;
    return counts(match.rule, { numerator: true, evidence: pointsAt(match), reason });
  }
  if (failed.length > 0) {
    return counts('only_inferred', { reason: 'it failed, but nobody named it, so it is not in this rate' });
  }
  const evidence = members.find((one) => one.clearedBy !== null)?.clearedBy;
  if (evidence) return counts('cleared', { evidence, reason: 'people judged that it did not fail' });
  return counts('not_failed', { reason: 'no rule of failure matches' });
}

/** Every match of every rule beside the deployment's own row. */
export function failureRows(own: ExplainedRow, one: JudgedFinished, linkedOnly: boolean): ExplainedRow[] {
  const decides = deciding(admitted(one, linkedOnly));
  return one.reasons.map((match) => {
    let reason = match === decides ? 'matches, and decides' : 'matches, too';
    if (linkedOnly && !match.linked) reason = 'matches; nobody named it, so it is not in this rate';
    if (one.clearedBy !== null) reason = 'matches; a judgement that it did not fail decides';
    return {
      ...own,
      subject: 'failure_reason',
      counted: false,
      numerator: false,
      value_seconds: null,
      rule: match.rule,
      reason,
      evidence: pointsAt(match),
    };
  });
}
