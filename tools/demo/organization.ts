/** How a team works; every number is about a service of it. */
export interface Character {
  /** Deployments a working day, or per release day. */
  readonly deploymentsPerDay: number;
  /** Only on this weekday (1 Monday … 5 Friday) of every second week: a release train. */
  readonly releaseDay?: number;
  /** Changes that a deployment carries. */
  readonly batch: { readonly median: number; readonly spread: number };
  /** Hours: writing until the pull request is opened, waiting for a review, review until merged, merged until the deployment starts. */
  readonly hours: {
    readonly coding: number;
    readonly pickup: number;
    readonly review: number;
    readonly queue: number;
  };
  /** Probability that a deployment breaks something for users. */
  readonly failure: number;
  /** Share of failures that somebody declares an incident for. */
  readonly declared: number;
  /** Share of failures that are rolled back; the rest is fixed forward by a hotfix. */
  readonly rolledBack: number;
  /** Minutes from breaking until users are well again. */
  readonly restoreMinutes: number;
  readonly strategy: 'all_at_once' | 'rolling' | 'canary' | 'blue_green';
  /** Share of deployments that change next to nothing. */
  readonly trivial: number;
}

/** A service of the organization. */
export interface DemoService {
  readonly name: string;
  readonly team: string;
  readonly environments: readonly [string, ...string[]];
  /** Events an hour at the busiest time. */
  readonly traffic: number;
  readonly objective: number;
  /** Share of events that fail without any deployment's fault. */
  readonly background: number;
  /** Its character through the year: each part begins at its share of the year, 0 to 1. */
  readonly chapters: readonly [Chapter, ...Chapter[]];
}

/** A part of the year in which a service's character holds. */
interface Chapter {
  readonly from: number;
  readonly character: Character;
}

const steady: Character = {
  deploymentsPerDay: 1.2,
  batch: { median: 2, spread: 0.6 },
  hours: { coding: 7, pickup: 3, review: 4, queue: 1.5 },
  failure: 0.08,
  declared: 0.85,
  rolledBack: 0.6,
  restoreMinutes: 70,
  strategy: 'rolling',
  trivial: 0.05,
};

/** The story's frame: payments makes rolling back automatic in summer and gets faster afterwards. */
const cautious: Character = {
  ...steady,
  deploymentsPerDay: 0.5,
  batch: { median: 5, spread: 0.5 },
  hours: { coding: 9, pickup: 5, review: 8, queue: 16 },
  failure: 0.14,
  rolledBack: 0.5,
  restoreMinutes: 150,
  strategy: 'all_at_once',
};
const productized: Character = {
  ...steady,
  deploymentsPerDay: 2.2,
  batch: { median: 2, spread: 0.5 },
  hours: { coding: 7, pickup: 3, review: 4, queue: 1 },
  failure: 0.09,
  rolledBack: 0.95,
  restoreMinutes: 11,
  strategy: 'canary',
};
const fast: Character = {
  ...steady,
  deploymentsPerDay: 4,
  batch: { median: 1.3, spread: 0.4 },
  hours: { coding: 3, pickup: 1, review: 1.5, queue: 0.3 },
  failure: 0.04,
  rolledBack: 0.85,
  restoreMinutes: 18,
  strategy: 'canary',
};
/** Releases every second Thursday, and repairs on Friday. */
const batching: Character = {
  ...steady,
  deploymentsPerDay: 1,
  releaseDay: 4,
  batch: { median: 22, spread: 0.4 },
  hours: { coding: 20, pickup: 9, review: 12, queue: 120 },
  failure: 0.34,
  rolledBack: 0.25,
  restoreMinutes: 260,
  strategy: 'all_at_once',
};
/** Looks fast: much of what it deploys changes nothing, and little of what breaks is declared. */
const gaming: Character = {
  ...steady,
  deploymentsPerDay: 6,
  batch: { median: 1, spread: 0.1 },
  hours: { coding: 0.6, pickup: 0.3, review: 0.2, queue: 0.2 },
  failure: 0.08,
  declared: 0.12,
  rolledBack: 0.4,
  restoreMinutes: 190,
  trivial: 0.7,
};
/** Good work that waits two days for a review. */
const waiting: Character = {
  ...steady,
  deploymentsPerDay: 0.6,
  batch: { median: 3, spread: 0.5 },
  hours: { coding: 10, pickup: 46, review: 9, queue: 4 },
  failure: 0.06,
};

const always = (character: Character): readonly [Chapter] => [{ from: 0, character }];
const service = (
  team: string,
  name: string,
  chapters: readonly [Chapter, ...Chapter[]],
  more: Partial<DemoService> = {},
): DemoService => ({
  name,
  team,
  environments: ['production'],
  traffic: 20_000,
  objective: 0.995,
  background: 0.0012,
  chapters,
  ...more,
});

/** When payments made rolling back automatic, as a share of the year. */
const turningPoint = 0.58;
const improving: readonly [Chapter, Chapter] = [
  { from: 0, character: cautious },
  { from: turningPoint, character: productized },
];

/** Every service, its team and how it works. */
export const organization: readonly DemoService[] = [
  service('payments', 'checkout', improving, { traffic: 40_000, objective: 0.999, background: 0.0003 }),
  service('payments', 'ledger', improving, { objective: 0.999, background: 0.0002 }),
  service('payments', 'payouts', improving, { traffic: 3_000 }),
  service('storefront', 'web', always(fast), { environments: ['prod-eu', 'prod-us'], traffic: 90_000 }),
  service('storefront', 'catalog', always(fast), { traffic: 60_000 }),
  service('storefront', 'search', always(fast), { traffic: 50_000, background: 0.002 }),
  service('storefront', 'cart', always({ ...fast, deploymentsPerDay: 2.5 }), { traffic: 30_000 }),
  service('fulfilment', 'warehouse', always(batching), { traffic: 8_000, objective: 0.99 }),
  service('fulfilment', 'shipping', always(batching), { traffic: 9_000, objective: 0.99 }),
  service('fulfilment', 'returns', always(batching), { traffic: 2_000, objective: 0.99 }),
  service('growth', 'landing-pages', always(gaming), { traffic: 25_000 }),
  service('growth', 'newsletters', always(gaming), { traffic: 5_000 }),
  service('growth', 'experiments', always({ ...gaming, deploymentsPerDay: 4 }), { traffic: 12_000 }),
  service('platform', 'gateway', always(steady), {
    environments: ['prod-eu', 'prod-us'],
    traffic: 150_000,
    objective: 0.999,
    background: 0.0004,
  }),
  service('platform', 'identity', always({ ...steady, deploymentsPerDay: 0.8 }), {
    traffic: 70_000,
    objective: 0.999,
    background: 0.0003,
  }),
  service('platform', 'feature-flags', always(steady), { traffic: 80_000 }),
  service('data', 'reports', always(waiting), { traffic: 1_500, objective: 0.99 }),
  service('data', 'recommendations', always(waiting), { traffic: 35_000 }),
];

/** A dependency that fails by itself, several times within three weeks: it takes other services along. */
export const outageWave = {
  /** Share of the year at which it begins, and how long it goes on. */
  from: 0.86,
  until: 0.92,
  service: 'identity',
  takesAlong: ['checkout', 'web', 'cart'],
  outages: 7,
} as const;
