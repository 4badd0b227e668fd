import { expect, it } from 'vitest';
import { attribution, deploymentCosts } from './costs.ts';
import { received } from './received.ts';
import { round9 } from './slo-spending.ts';

/** Cases small enough to be worked out on paper: an SLO of 99 % over 28 days, whose budget is 403.2 minutes. */
const slo = {
  kind: 'slo',
  slo_id: 's',
  service: 'checkout',
  objective: 0.99,
  window: { rolling_days: 28 },
  method: 'occurrences',
  occurred_at: '2026-03-01T00:00:00Z',
};

/** A deployment whose interval is [10:00, 14:30). */
const deployed = (environment: string, version?: string) =>
  ['started 10:00', 'finished 10:30'].map((told) => ({
    kind: 'deployment',
    service: 'checkout',
    environment,
    deployment_id: 'd',
    ...(version === undefined ? {} : { version }),
    phase: told.slice(0, -6),
    ...(told.startsWith('finished') ? { outcome: 'succeeded' } : {}),
    occurred_at: `2026-03-02T${told.slice(-5)}:00Z`,
  }));

const events = (time: string, total: number, bad: number, version?: string) => ({
  kind: 'sli',
  slo_id: 's',
  window_start: `2026-03-02T${time}:00Z`,
  window_end: `2026-03-02T${time.slice(0, 4)}9:00Z`,
  total,
  good: total - bad,
  ...(version === undefined ? {} : { version }),
  occurred_at: '2026-03-02T20:00:00Z',
});

const tiers = {
  kind: 'service',
  service: 'checkout',
  tiers: { eu: 'production', us: 'production' },
  occurred_at: '2026-03-01T00:00:00Z',
};

const d = { service: 'checkout', environment: 'production', deployment_id: 'd' };
const day = {
  services: [],
  team: '',
  scope: 'tier:production',
  slo_ids: [],
  since: '2026-03-02T00:00:00Z',
  until: '2026-03-03T00:00:00Z',
};
const costs = (...facts: object[]) => facts.map((fact) => received({ ...fact }));

it('takes the excess over the usual bad fraction as the share of the budget', () => {
  // 10 of 1000 are usual; 50 of 1000 came: 40 above, and 2·√(10 × 2) = 8.94 would be chance.
  // 40 / 2000 / 0.01 = 2 budgets.
  const facts = costs(slo, ...deployed('production'), events('09:00', 1000, 10), events('11:00', 1000, 50));
  const [row] = deploymentCosts(facts, d);
  expect(row).toMatchObject({ bad: 50, expected_bad: 10, excess: 40, kind: 'attributed' });
  expect(row?.share).toBeCloseTo(2, 9);
  expect(row?.budget_minutes).toBeCloseTo(806.4, 6);
});

it('takes nothing for what chance explains: above 2·√(expected × 2), not at it', () => {
  // 100 of 400 before, 128 of 400 after: √(100 × 2) × 2 = 28.28. Expected 50 of 400 twice: 2·√(50 × 2) = 20.
  const excessOf = (total: number, before: number, after: number) =>
    deploymentCosts(
      costs(slo, ...deployed('production'), events('09:00', total, before), events('11:00', total, after)),
      d,
    )[0]?.excess;
  expect([excessOf(400, 100, 128), excessOf(400, 100, 129)]).toEqual([0, 29]);
  expect([excessOf(400, 50, 70), excessOf(400, 50, 71)]).toEqual([0, 21]);
});

it('expects the budget where nothing was before, or only an incident', () => {
  // 0.01 × 400 = 4 expected, 2·√4 = 4 by chance, without a factor: 8 is chance, 9 is not.
  const incident = (transition: string, time: string) => ({
    kind: 'incident',
    incident_id: 'i',
    service: 'checkout',
    transition,
    occurred_at: `2026-03-02T${time}:00Z`,
  });
  const during = [incident('opened', '09:00'), incident('resolved', '09:30'), events('09:00', 10, 10)];
  const excessOf = (bad: number, more: object[]) =>
    deploymentCosts(costs(slo, ...deployed('production'), events('11:00', 400, bad), ...more), d).map(
      ({ excess }) => round9(excess ?? Number.NaN),
    );
  expect([excessOf(8, []), excessOf(9, [])]).toEqual([[0], [5]]);
  expect([excessOf(8, during), excessOf(9, during)]).toEqual([[0], [5]]);
});

it('leaves to nobody what may be of two environments, unless a label tells', () => {
  const both = [slo, tiers, ...deployed('eu', '2'), ...deployed('us', '3'), events('09:00', 1000, 10)];
  const unlabelled = attribution(costs(...both, events('11:00', 1000, 50), events('08:00', 1, 1)), day);
  expect(unlabelled).toMatchObject([
    { kind: 'ambiguous', bad: 50, excess: 50 - (1000 * 11) / 1001 },
    { environment: 'eu', bad: 0, excess: 0 },
    { environment: 'us', bad: 0, excess: 0 },
    { kind: 'background', bad: 11, excess: expect.closeTo(11 + (1000 * 11) / 1001, 9) },
  ]);
  const labelled = [events('11:00', 1000, 50, '3'), events('11:00', 1000, 7, '1')];
  expect(attribution(costs(...both, ...labelled), day)).toMatchObject([
    { kind: 'ambiguous', bad: 0 },
    { environment: 'eu', bad: 0, excess: 0 },
    { environment: 'us', bad: 50, excess: 40 },
    { kind: 'background', bad: 17, excess: 27 },
  ]);
});
