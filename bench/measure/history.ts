/** Shape of {@link history}. */
export interface HistoryOptions {
  readonly service: string;
  readonly deployments: number;
  /** Start of the first deployment. */
  readonly from: Date;
  /** From one deployment to the next, milliseconds. @default 3600000 */
  readonly everyMs?: number;
}

/**
 * Canonical facts of one service that looks like one: each deployment has a commit with its time and carries one more
 * change, every twentieth opens an incident that is resolved, every fiftieth is rolled back by version.
 */
export function* history(options: HistoryOptions): Generator<object> {
  const { service, deployments, from, everyMs = 3_600_000 } = options;
  const at = (number: number, minutes: number) =>
    new Date(from.getTime() + number * everyMs + minutes * 60_000).toISOString();
  const repository = `example.com/acme/${service}`;
  const place = { service, environment: 'production' };
  for (let number = 0; number < deployments; number += 1) {
    const deployment = { ...place, deployment_id: `${service}-${number}` };
    yield {
      kind: 'deployment',
      ...deployment,
      version: `${number}`,
      commit: `${service}-commit-${number}`,
      commit_at: at(number, -90),
      repository,
      phase: 'finished',
      outcome: 'succeeded',
      occurred_at: at(number, 0),
    };
    yield {
      kind: 'change',
      ...deployment,
      repository,
      change_id: `${service}-change-${number}`,
      pull_request: `${number}`,
      committed_at: at(number, -120),
      opened_at: at(number, -110),
      merged_at: at(number, -100),
      occurred_at: at(number, -100),
    };
    if (number % 20 === 7) {
      const incident = { kind: 'incident', incident_id: `${service}:${number}`, ...place };
      yield { ...incident, transition: 'opened', occurred_at: at(number, 5) };
      yield { ...incident, transition: 'resolved', occurred_at: at(number, 25) };
    }
    if (number % 50 === 9) {
      yield {
        kind: 'deployment',
        ...place,
        deployment_id: `${service}-${number}-back`,
        action: 'rollback',
        rolls_back_to_version: `${number - 1}`,
        phase: 'finished',
        outcome: 'succeeded',
        occurred_at: at(number, 20),
      };
    }
  }
}
