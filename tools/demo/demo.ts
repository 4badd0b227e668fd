import { slos, tellDefinitions } from './definitions.ts';
import type { Deployment, Fact, Happenings } from './happenings.ts';
import { organization } from './organization.ts';
import { tellOutages } from './outages.ts';
import { type Stretch, tellServiceYear } from './service-year.ts';
import { tellSlis, windowsOf } from './slis.ts';

/** Everything that the organization tells, ready to be sent. */
export interface Demo {
  /** Deployments and rollbacks, by start. */
  readonly deployments: readonly Deployment[];
  /** Settings and definitions, incidents, reviews, corrections. */
  readonly facts: readonly Fact[];
  /** SLI windows, made while they are read: there are too many to keep. */
  slis(): Generator<Fact>;
  readonly sliWindows: number;
}

/** The same stretch and seed tell the same, to the byte. */
export function tellDemo(stretch: Stretch): Demo {
  const happenings: Happenings = { deployments: [], facts: tellDefinitions(stretch.from), damages: [] };
  for (const service of organization) tellServiceYear(service, stretch, happenings);
  tellOutages(stretch, happenings);
  // What people do days later may lie behind the end: it has not happened yet.
  const facts = happenings.facts.filter(({ occurred_at }) => Date.parse(occurred_at) < stretch.until);
  return {
    deployments: happenings.deployments.sort((a, b) => a.startedAt - b.startedAt || (a.id < b.id ? -1 : 1)),
    facts,
    *slis() {
      for (const slo of slos) yield* tellSlis(slo, stretch, happenings.damages);
    },
    sliWindows: slos.length * windowsOf(stretch),
  };
}
