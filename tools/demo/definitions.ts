import { type Fact, iso } from './happenings.ts';
import { type DemoService, organization } from './organization.ts';

/** An SLO of the organization, and how its events come to be. */
export interface DemoSlo {
  readonly id: string;
  readonly service: DemoService;
  /** Events' background badness, as a multiple of the service's. */
  readonly sensitivity: number;
  readonly definition: Readonly<Record<string, unknown>>;
}

const rolling = { window: { rolling_days: 28 } };

/** One of availability each, and two of latency that count slices of time. */
export const slos: readonly DemoSlo[] = [
  ...organization.map((service) => ({
    id: `${service.name}-availability`,
    service,
    sensitivity: 1,
    definition: {
      ...rolling,
      title: 'Requests are answered',
      method: 'occurrences',
      objective: service.objective,
    },
  })),
  ...organization
    .filter(({ name }) => name === 'web' || name === 'gateway')
    .map((service) => ({
      id: `${service.name}-latency`,
      service,
      sensitivity: 8,
      definition:
        service.name === 'web'
          ? {
              title: 'Pages are fast',
              window: { calendar: 'month', timezone: 'Europe/Berlin' },
              method: 'timeslices',
              slice_seconds: 300,
              slice_target: 0.98,
              objective: 0.97,
            }
          : {
              title: 'Answers are fast',
              ...rolling,
              method: 'ratio_timeslices',
              slice_seconds: 300,
              objective: 0.99,
            },
    })),
];

/** Settings of every service and definitions of every SLO, in force from the first day. */
export function tellDefinitions(from: number): Fact[] {
  const occurred_at = iso(from);
  return [
    ...organization.map((service) => ({
      kind: 'service',
      service: service.name,
      team: service.team,
      repository: `github.com/harbour/${service.name}`,
      tiers: Object.fromEntries(service.environments.map((environment) => [environment, 'production'])),
      severity_ranks: { sev1: 1, sev2: 2, sev3: 3, sev4: 4 },
      occurred_at,
    })),
    ...slos.map(({ id, service, definition }) => ({
      kind: 'slo',
      slo_id: id,
      service: service.name,
      ...definition,
      occurred_at,
    })),
  ];
}
