import { hourMs, minuteMs } from './calendar.ts';
import type { Draw } from './draw.ts';
import { type Deployment, type Fact, type Happenings, iso } from './happenings.ts';
import type { Character, DemoService } from './organization.ts';

/** A deployment that broke something, and what it broke. */
interface Broken {
  readonly service: DemoService;
  readonly character: Character;
  readonly deployment: Deployment;
  readonly previousVersion: string;
  /** Version that a fix forward brings. */
  readonly nextVersion: string;
}

/** Users are hurt, somebody notices, perhaps declares an incident, and it is rolled back or fixed forward. */
export function breakAndRestore(
  draw: Draw,
  broken: Broken,
  happenings: Happenings,
): { version: string; until: number } {
  const { service, character, deployment } = broken;
  const hurtFrom = deployment.finishedAt + draw.between(0, 12) * minuteMs;
  const restoredAt = hurtFrom + draw.around(character.restoreMinutes, 0.45) * minuteMs;
  const environments = service.environments.length;
  happenings.damages.push({
    service: service.name,
    from: hurtFrom,
    until: restoredAt,
    share: Math.min(0.9, draw.around(0.08, 0.9)) / environments,
  });
  const incident = draw.chance(character.declared) ? `demo:${deployment.id}` : undefined;
  if (incident !== undefined) declare(draw, broken, { incident, hurtFrom, restoredAt }, happenings.facts);
  else if (service.team === 'growth' && draw.chance(0.3))
    excuse(draw, broken, { hurtFrom, restoredAt }, happenings.facts);

  const rolledBack = draw.chance(character.rolledBack);
  const took = draw.between(2, 6) * minuteMs;
  const common = {
    service: deployment.service,
    environment: deployment.environment,
    startedAt: restoredAt - took,
    finishedAt: restoredAt,
    outcome: 'succeeded' as const,
    changes: [],
  };
  if (rolledBack) {
    happenings.deployments.push({
      ...common,
      id: `${deployment.id}-rollback`,
      action: 'rollback',
      version: broken.previousVersion,
      rollsBackToVersion: broken.previousVersion,
      strategy: 'all_at_once',
      automatic: character.restoreMinutes < 15,
    });
    return { version: broken.previousVersion, until: restoredAt };
  }
  const named = draw.share();
  happenings.deployments.push({
    ...common,
    id: `${deployment.id}-hotfix`,
    action: 'hotfix',
    version: broken.nextVersion,
    strategy: character.strategy,
    ...(incident !== undefined && named < 0.6 ? { fixesIncident: incident } : {}),
    ...(incident === undefined && named < 0.3 ? { fixesDeployment: deployment.id } : {}),
  });
  return { version: broken.nextVersion, until: restoredAt };
}

function declare(
  draw: Draw,
  { service, deployment }: Broken,
  { incident, hurtFrom, restoredAt }: { incident: string; hurtFrom: number; restoredAt: number },
  facts: Fact[],
): void {
  const noticedAfter = draw.chance(0.75) ? draw.between(1, 8) : draw.between(15, 50);
  const openedAt = Math.min(hurtFrom + noticedAfter * minuteMs, restoredAt - minuteMs);
  const severity = draw.one(['sev1', 'sev2', 'sev2', 'sev3', 'sev3', 'sev3']);
  const told = (transition: string, at: number, more: object = {}): void => {
    facts.push({
      kind: 'incident',
      incident_id: incident,
      transition,
      service: service.name,
      environment: deployment.environment,
      occurred_at: iso(at),
      event_id: `${incident} ${transition}`,
      ...more,
    });
  };
  told('opened', openedAt, {
    severity,
    title: `${service.name}: errors after ${deployment.version}`,
    detected_by: noticedAfter < 10 ? 'monitoring' : draw.one(['people', 'customer']),
    ...(draw.chance(0.45) ? { deployment_id: deployment.id } : {}),
  });
  told('acknowledged', openedAt + draw.between(1, 9) * minuteMs);
  // A team that is measured by its severities lowers them.
  if (service.team === 'growth' && draw.chance(0.6))
    told('updated', openedAt + hourMs / 3, { severity: 'sev4' });
  told('mitigated', restoredAt);
  told('resolved', restoredAt + draw.between(0.3, 6) * hourMs);
  if (draw.chance(0.55)) {
    facts.push({
      kind: 'review',
      review_id: `${incident} review`,
      subject: 'incident',
      incident_id: incident,
      verdict: 'reviewed',
      by: service.team,
      occurred_at: iso(restoredAt + draw.between(1, 9) * 24 * hourMs),
    });
  }
}

/** Badness that nobody declared is explained away afterwards. */
function excuse(
  draw: Draw,
  { service, deployment }: Broken,
  { hurtFrom, restoredAt }: { hurtFrom: number; restoredAt: number },
  facts: Fact[],
): void {
  facts.push({
    kind: 'correction',
    correction_id: `${deployment.id} correction`,
    slo_id: `${service.name}-availability`,
    starts_at: iso(hurtFrom - 5 * minuteMs),
    ends_at: iso(restoredAt + 5 * minuteMs),
    category: 'maintenance',
    reason: 'planned maintenance',
    by: service.team,
    occurred_at: iso(restoredAt + draw.between(2, 9) * 24 * hourMs),
  });
}
