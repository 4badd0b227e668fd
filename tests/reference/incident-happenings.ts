import fc from 'fast-check';
import {
  compact,
  deploymentId,
  environment,
  incidentId,
  iso,
  lasting,
  type Posted,
  place,
  service,
  sometimes,
} from './names.ts';

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

/** An incident that names nothing and only opens, perhaps ends: what attribution is for. */
export function plainIncidentFacts(at: fc.Arbitrary<number>): fc.Arbitrary<Posted[]> {
  const id = fc.constantFrom('P1', 'P2', 'P3');
  return fc.record({ id, at, place, ends: sometimes(lasting, 5) }).map((one) => {
    const about = { kind: 'incident', incident_id: one.id };
    const opened = { ...about, ...one.place, transition: 'opened', occurred_at: iso(one.at) };
    if (one.ends === undefined) return [opened];
    return [opened, { ...about, transition: 'resolved', occurred_at: iso(one.at + one.ends) }];
  });
}
