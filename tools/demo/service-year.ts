import { dayMs, evenWeek, hourMs, kindOfDay, minuteMs } from './calendar.ts';
import { drawChanges } from './changes.ts';
import { type Draw, drawFor } from './draw.ts';
import { breakAndRestore } from './failure.ts';
import type { Deployment, Happenings } from './happenings.ts';
import type { Character, DemoService } from './organization.ts';

/** A year, or another stretch of whole days; milliseconds since 1970. */
export interface Stretch {
  readonly from: number;
  readonly until: number;
  readonly seed: number;
}

/** Everything that happens to one service, from its own doing. */
export function tellServiceYear(service: DemoService, stretch: Stretch, happenings: Happenings): void {
  const draw = drawFor(`${stretch.seed} ${service.name}`);
  let release = 0;
  let pullRequest = 1;
  let version = '1.0.0';
  let busyUntil = 0;
  for (let day = stretch.from; day < stretch.until; day += dayMs) {
    const character = characterAt(service, (day - stretch.from) / (stretch.until - stretch.from));
    for (const startedAt of startsOf(draw, character, day)) {
      if (startedAt < busyUntil || startedAt > stretch.until - 8 * hourMs) continue;
      release += 1;
      const id = `demo-${stretch.seed}-${service.name}-${release}`;
      const changes = drawChanges(draw, character, { id, startedAt, firstPullRequest: pullRequest });
      pullRequest += changes.length;
      const next = `1.${release}.0`;
      const broken = draw.chance(character.failure * Math.min(2, 0.8 + 0.02 * changes.length));
      const rollout = rollOut(draw, { service, character, id, version: next, startedAt, changes, broken });
      happenings.deployments.push(...rollout);
      const last = rollout.at(-1);
      if (last === undefined || last.outcome === 'failed') continue;
      busyUntil = last.finishedAt + 20 * minuteMs;
      if (!broken) {
        version = next;
        continue;
      }
      const after = breakAndRestore(
        draw,
        { service, character, deployment: last, previousVersion: version, nextVersion: `1.${release}.1` },
        happenings,
      );
      version = after.version;
      busyUntil = after.until + 30 * minuteMs;
    }
  }
}

function characterAt(service: DemoService, share: number): Character {
  return (service.chapters.findLast(({ from }) => from <= share) ?? service.chapters[0]).character;
}

/** When deployments start on a day, in order. */
function startsOf(draw: Draw, character: Character, day: number): number[] {
  const kind = kindOfDay(day);
  const working = { 'working day': 1, freeze: 0.15, weekend: 0.04, holiday: 0.02 }[kind];
  const releases =
    character.releaseDay === undefined ||
    (new Date(day).getUTCDay() === character.releaseDay && evenWeek(day));
  if (!releases) return [];
  const times =
    character.releaseDay === undefined
      ? draw.times(character.deploymentsPerDay * working)
      : Math.round(working);
  return Array.from({ length: times }, () => day + draw.between(7.5, 16.5) * hourMs).sort((a, b) => a - b);
}

/** One release to each environment, after an attempt that may fail before users have it; a broken one stops after the first. */
function rollOut(
  draw: Draw,
  release: {
    service: DemoService;
    character: Character;
    id: string;
    version: string;
    startedAt: number;
    changes: Deployment['changes'];
    broken: boolean;
  },
): Deployment[] {
  const { service, character, id, version, changes, broken } = release;
  const several = service.environments.length > 1;
  const attempt = (environment: string, startedAt: number, suffix: string, reached: boolean): Deployment => {
    const took = draw.around(character.strategy === 'canary' ? 14 : 7, 0.4) * minuteMs;
    return {
      id: `${id}${suffix}`,
      service: service.name,
      environment,
      action: 'deploy',
      version,
      startedAt,
      finishedAt: startedAt + took,
      outcome: reached ? 'succeeded' : 'failed',
      strategy: character.strategy,
      changes,
      ...(reached && character.strategy === 'canary' ? { advancedAt: startedAt + took * 0.3 } : {}),
      ...(several ? { rolloutId: id } : {}),
    };
  };
  const made: Deployment[] = [];
  let startedAt = release.startedAt;
  const [first] = service.environments;
  if (draw.chance(0.04)) {
    const failed = attempt(first, startedAt, '-first-try', false);
    made.push(failed);
    startedAt = failed.finishedAt + draw.between(10, 40) * minuteMs;
  }
  for (const environment of broken ? [first] : service.environments) {
    const deployment = attempt(environment, startedAt, several ? `-${environment}` : '', true);
    made.push(deployment);
    startedAt = deployment.finishedAt + draw.between(15, 45) * minuteMs;
  }
  return made;
}
