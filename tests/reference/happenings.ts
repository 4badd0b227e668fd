import fc from 'fast-check';

/**
 * Arbitraries of what happens: each gives the facts of one happening, about so few names that happenings meet.
 * `odd` adds what metrics.md leaves open.
 */
type Posted = Record<string, unknown>;

const minuteMs = 60_000;
const iso = (milliseconds: number) => new Date(milliseconds).toISOString();

const service = fc.constantFrom('checkout', 'checkout', 'checkout', 'search');
const environment = fc.constantFrom('production', 'eu', 'staging');
/** Most things happen in one place, or too little would meet. */
const place = fc.oneof(
  { weight: 7, arbitrary: fc.constant({ service: 'checkout', environment: 'production' }) },
  { weight: 3, arbitrary: fc.record({ service, environment }) },
);
const deploymentId = fc.constantFrom('d1', 'd2', 'd3', 'd4', 'd5', 'd6', 'd7', 'd8', 'd9', 'ｆ', '😀');
const version = fc.constantFrom('1', '1', '2', '2', '3');
const incidentId = fc.constantFrom('I1', 'I2', 'I3', 'I4');
const repository = fc.constantFrom('git.example/o/r', 'git.example/o/q');
const sha = fc.constantFrom('a', 'b', 'c', 'd', 'e');
const pullRequest = fc.constantFrom('1', '2');

/** A value in `inTen` of ten cases, absent otherwise. */
function sometimes<T>(arbitrary: fc.Arbitrary<T>, inTen = 3): fc.Arbitrary<T | undefined> {
  return fc.oneof({ weight: inTen, arbitrary }, { weight: 10 - inTen, arbitrary: fc.constant(undefined) });
}

/** Without fields that are absent. */
function compact(fact: Posted): Posted {
  return Object.fromEntries(Object.entries(fact).filter(([, value]) => value !== undefined));
}

/** Milliseconds: mostly forward, sometimes none, sometimes backward (skewed clocks). */
const lasting = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom(10, 15, 30, 60, 240).map((minutes) => minutes * minuteMs) },
  { weight: 2, arbitrary: fc.constantFrom(0, 1) },
  { weight: 1, arbitrary: fc.constantFrom(-1, -30 * minuteMs) },
);

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

/** Some transitions of one incident, in any order of time. */
export function incidentFacts(at: fc.Arbitrary<number>, odd: boolean): fc.Arbitrary<Posted[]> {
  const about = fc.oneof(
    { weight: 7, arbitrary: place },
    {
      weight: 3,
      arbitrary: fc.record({ service: sometimes(service, 7), environment: sometimes(environment, 5) }),
    },
  );
  const later = fc.record({
    transition: fc.constantFrom(
      'acknowledged',
      'mitigated',
      'mitigated',
      'resolved',
      'resolved',
      'reopened',
      'updated',
      'updated',
      'cancelled',
    ),
    after: lasting,
    moves: sometimes(service, 1),
    deployment_id: sometimes(deploymentId, 1),
  });
  const link = fc.record({
    transition: fc.constantFrom('linked', 'linked', 'unlinked'),
    after: lasting,
    place: odd ? fc.record({ service: sometimes(service), environment: sometimes(environment) }) : place,
    deployment_id: deploymentId,
  });
  return fc
    .record({
      incident_id: incidentId,
      opened: at,
      place: about,
      names: sometimes(deploymentId, 2),
      opened_at: sometimes(lasting),
      tellsOpening: fc.oneof({ weight: 5, arbitrary: fc.constant(true) }, fc.constant(false)),
      later: fc.array(later, { maxLength: 5 }),
      links: fc.oneof(
        { weight: 6, arbitrary: fc.constant([]) },
        { weight: 4, arbitrary: fc.array(link, { minLength: 1, maxLength: 3 }) },
      ),
    })
    .map((one) => {
      const fact = (transition: string, time: number, more: Posted) =>
        compact({
          kind: 'incident',
          incident_id: one.incident_id,
          transition,
          occurred_at: iso(time),
          ...more,
        });
      // A name needs a place to be sure of what is meant.
      const placed = one.place.service !== undefined && one.place.environment !== undefined;
      const names = placed || odd ? one.names : undefined;
      const facts: Posted[] = [];
      if (one.tellsOpening || one.later.length + one.links.length === 0) {
        facts.push(
          fact('opened', one.opened, {
            ...one.place,
            deployment_id: names,
            opened_at: one.opened_at === undefined ? undefined : iso(one.opened - one.opened_at),
          }),
        );
      }
      let time = one.opened;
      for (const step of one.later) {
        time += step.after;
        const where = step.deployment_id === undefined || odd ? { service: step.moves } : one.place;
        facts.push(
          fact(step.transition, time, {
            ...where,
            deployment_id: placed || odd ? step.deployment_id : undefined,
          }),
        );
      }
      time = one.opened;
      for (const step of one.links) {
        time += step.after;
        facts.push(fact(step.transition, time, { ...step.place, deployment_id: step.deployment_id }));
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
