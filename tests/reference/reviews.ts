import type { Deployment } from './deployments.ts';
import { groupBy, instant, keyOf, lastKnown, type RawFact } from './fact.ts';
import { resolve } from './links.ts';

/** A judgement of one deployment by people. `at` is epoch milliseconds. */
export interface Judgement {
  reviewId: string;
  verdict: 'failed' | 'cleared';
  at: number;
}

/** The latest judgement of each deployment, by deployment key. `reviewed` is no judgement. */
export function latestJudgements(
  facts: readonly RawFact[],
  deployments: readonly Deployment[],
): Map<string, Judgement> {
  const own = facts.filter((fact) => fact.kind === 'review');
  const judgements = [...groupBy(own, (fact) => keyOf(fact.review_id ?? ''))].flatMap(([, group]) => {
    const verdict = lastKnown(group, 'verdict');
    const deploymentId = lastKnown(group, 'deployment_id');
    const last = group.findLast((fact) => fact.verdict !== undefined);
    if (lastKnown(group, 'subject') !== 'deployment' || deploymentId === null || !last) return [];
    if (verdict !== 'failed' && verdict !== 'cleared') return [];
    const named = {
      service: lastKnown(group, 'service'),
      environment: lastKnown(group, 'environment'),
      deploymentId,
    };
    const judgement: Judgement = {
      reviewId: last.review_id ?? '',
      verdict,
      at: instant(last.occurred_at),
    };
    return [{ key: resolve(named, deployments), judgement }];
  });
  const latest = new Map<string, Judgement>();
  const byTimeThenId = judgements.sort(
    (a, b) =>
      a.judgement.at - b.judgement.at ||
      Buffer.compare(Buffer.from(a.judgement.reviewId), Buffer.from(b.judgement.reviewId)),
  );
  for (const { key, judgement } of byTimeThenId) latest.set(key, judgement);
  return latest;
}
