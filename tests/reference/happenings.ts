import fc from 'fast-check';
import {
  compact,
  deploymentId,
  environment,
  incidentId,
  iso,
  lasting,
  minuteMs,
  type Posted,
  place,
  pullRequest,
  repository,
  service,
  sha,
  sometimes,
  version,
} from './names.ts';

/**
 * Arbitraries of what happens: each gives the facts of one happening. `odd` adds what metrics.md leaves open.
 */
/** The facts of one deployment, rollback or hotfix; several happenings may tell of the same id. */
export function deploymentFacts(at: fc.Arbitrary<number>, odd: boolean): fc.Arbitrary<Posted[]> {
  const rollsBack = fc.record({
    rolls_back_deployment: sometimes(fc.oneof(deploymentId, fc.constant('nobody'))),
    rolls_back_to_version: sometimes(version),
  });
  const fixes = fc.record({
    fixes_deployment: sometimes(deploymentId),
    fixes_incident: sometimes(incidentId),
  });
  const none = fc.constant({});
  const kind = fc.oneof(
    { weight: 6, arbitrary: fc.tuple(fc.constantFrom(undefined, 'deploy'), odd ? rollsBack : none, none) },
    { weight: 1, arbitrary: fc.tuple(fc.constant('deploy'), none, fixes) },
    { weight: 2, arbitrary: fc.tuple(fc.constant('rollback'), fc.oneof(rollsBack, none), none) },
    { weight: 2, arbitrary: fc.tuple(fc.constant('hotfix'), none, fc.oneof(fixes, none)) },
  );
  return fc
    .record({
      deployed: fc.tuple(place, deploymentId).map(([where, id]) => ({ ...where, deployment_id: id })),
      start: at,
      tells: fc.record({ start: fc.boolean(), queued: sometimes(fc.constant(true)) }),
      advances: fc.array(lasting, { maxLength: 2 }),
      duration: sometimes(lasting, 9),
      outcome: fc.constantFrom('succeeded', 'succeeded', 'succeeded', 'succeeded', 'failed', 'cancelled'),
      kind,
      version: sometimes(version, 9),
      artifact_digest: sometimes(fc.constantFrom('x', 'y')),
      strategy: sometimes(fc.constantFrom('all_at_once', 'canary', 'rolling', 'ring', 'blue_green')),
      rollout_id: sometimes(fc.constantFrom('r1', 'r2')),
      commit: sometimes(
        fc.record({
          repository: sometimes(repository, 8),
          commit: sha,
          commit_at: sometimes(at.map(iso), 8),
        }),
      ),
    })
    .map((one) => {
      const [action, rolls, fix] = one.kind;
      const fact = (phase: string, time: number, more: Posted = {}) =>
        compact({ kind: 'deployment', ...one.deployed, phase, occurred_at: iso(time), ...more });
      const about = {
        action,
        ...rolls,
        ...fix,
        version: one.version,
        artifact_digest: one.artifact_digest,
        strategy: one.strategy,
        rollout_id: one.rollout_id,
        ...one.commit,
      };
      const facts: Posted[] = [];
      if (one.tells.queued) facts.push(fact('queued', one.start - 10 * minuteMs, about));
      if (one.tells.start || one.duration === undefined) facts.push(fact('started', one.start, about));
      for (const after of one.advances) facts.push(fact('advanced', one.start + Math.trunc(after / 2)));
      if (one.duration !== undefined) {
        facts.push(fact('finished', one.start + one.duration, { ...about, outcome: one.outcome }));
      }
      return facts;
    });
}

/** Something about one commit or pull request, perhaps with the deployment that carried it. */
export function changeFacts(at: fc.Arbitrary<number>): fc.Arbitrary<Posted[]> {
  const times = fc.record({
    committed_at: sometimes(at.map(iso), 6),
    opened_at: sometimes(at.map(iso)),
    first_review_at: sometimes(at.map(iso)),
    approved_at: sometimes(at.map(iso)),
    merged_at: sometimes(at.map(iso)),
  });
  const link = fc.tuple(place, deploymentId).map(([where, id]) => ({ ...where, deployment_id: id }));
  const commit = fc.record({
    change_id: sha,
    pull_request: sometimes(pullRequest),
    merge_commit: sometimes(fc.boolean()),
  });
  const subject = fc.oneof(
    { weight: 4, arbitrary: commit },
    { weight: 1, arbitrary: pullRequest.map((pull_request) => ({ pull_request })) },
  );
  return fc.record({ repository, subject, times, link: sometimes(link, 6), at }).map((one) => [
    compact({
      kind: 'change',
      repository: one.repository,
      ...one.subject,
      ...one.times,
      ...one.link,
      occurred_at: iso(one.at),
    }),
  ]);
}

/** A judgement of one deployment. */
export function reviewFacts(at: fc.Arbitrary<number>, odd: boolean): fc.Arbitrary<Posted[]> {
  return fc
    .record({
      review_id: odd ? fc.constantFrom('R1', 'R2') : fc.uuid(),
      verdict: fc.constantFrom('failed', 'failed', 'cleared', 'reviewed'),
      place: odd ? fc.record({ service: sometimes(service), environment: sometimes(environment) }) : place,
      deployment_id: deploymentId,
      at,
    })
    .map((one) => [
      compact({
        kind: 'review',
        review_id: one.review_id,
        subject: 'deployment',
        verdict: one.verdict,
        by: 'sre',
        ...one.place,
        deployment_id: one.deployment_id,
        occurred_at: iso(one.at),
      }),
    ]);
}

/** What a service is from some instant on. */
export function serviceFacts(at: fc.Arbitrary<number>): fc.Arbitrary<Posted[]> {
  const tier = fc.constantFrom('production', 'production', 'staging');
  return fc
    .record({
      service,
      team: sometimes(fc.constantFrom('red', 'blue')),
      tiers: sometimes(fc.dictionary(environment, tier, { minKeys: 1, maxKeys: 3 })),
      attribution_window_seconds: sometimes(fc.constantFrom(600, 3600, 86_400)),
      detect_rollbacks: sometimes(fc.constantFrom(true, false), 2),
      at,
    })
    .map(({ at: time, ...one }) => [compact({ kind: 'service', ...one, occurred_at: iso(time) })]);
}
