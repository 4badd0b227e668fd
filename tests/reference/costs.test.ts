import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { costScenarioArbitrary } from './cost-histories.ts';
import { type CostInterval, costIntervals } from './cost-intervals.ts';
import { definitionAt, piecesOf, readCostSlos } from './cost-slos.ts';
import { allCosts, attribution, deploymentCosts } from './costs.ts';
import { distinctFacts, instant } from './fact.ts';
import { type History, readHistory } from './history.ts';
import { isCorrected } from './sli-evidence.ts';

const runs = { numRuns: 100 };
const everywhere = { services: [], team: '', scope: 'tier:production', slo_ids: [] };
const sum = (values: readonly number[]) => values.reduce((all, value) => all + value, 0);

describe('what deployments cost, over generated histories', () => {
  it('attributes, calls ambiguous or leaves in the background every bad event, once', () => {
    fc.assert(
      fc.property(costScenarioArbitrary(), ({ facts, questions }) => {
        const slos = readCostSlos(distinctFacts(facts)).filter((slo) =>
          new Set(slo.definitions.map(({ environment }) => environment)).has(null),
        );
        for (const { since, until } of questions) {
          const rows = attribution(facts, { ...everywhere, since, until });
          for (const slo of slos) {
            const within = piecesOf(slo, definitionAt(slo, instant(until))).filter(
              ({ start }) => start >= instant(since) && start < instant(until),
            );
            const own = rows.filter((row) => row.slo_id === slo.id);
            const background = own.filter((row) => row.kind === 'background');
            expect(own.filter((row) => row.kind === 'ambiguous').length).toBe(background.length);
            if (background.length === 0) continue; // retired before the range
            const bad = sum(within.map((piece) => piece.bad));
            expect(sum(own.map((row) => row.bad))).toBeCloseTo(bad, 9);
            expect(sum(own.map((row) => row.excess ?? 0))).toBeCloseTo(bad, 9);
            expect(background[0]?.excess).toBeGreaterThanOrEqual(background[0]?.bad ?? 0);
          }
        }
      }),
      runs,
    );
  });

  it('never attributes more than there was, and nothing twice at one place', () => {
    fc.assert(
      fc.property(costScenarioArbitrary(), ({ facts }) => {
        const intervals = costIntervals(readHistory(facts));
        const costs = allCosts(facts);
        for (const interval of intervals) {
          const others = intervals.filter((other) => other.deployment.place === interval.deployment.place);
          for (const other of others) {
            const apart = other === interval || other.end <= interval.start || other.start >= interval.end;
            expect(apart || other.start === other.end || interval.start === interval.end).toBe(true);
          }
          for (const row of costs.get(interval.deployment.key) ?? []) {
            expect(row.excess).toBeGreaterThanOrEqual(0);
            expect(row.excess).toBeLessThanOrEqual(row.bad);
          }
        }
      }),
      runs,
    );
  });

  it('gives the same answers in any order of arrival and with repetitions', () => {
    fc.assert(
      fc.property(costScenarioArbitrary(), ({ facts, questions }) => {
        const twice = [...facts, ...facts].reverse();
        for (const question of questions) {
          expect(attribution(twice, question)).toEqual(attribution(facts, question));
        }
        const asked = { service: 'checkout', environment: 'eu', deployment_id: 'd1' };
        expect(deploymentCosts(twice, asked)).toEqual(deploymentCosts(facts, asked));
      }),
      { numRuns: 30 },
    );
  });
});

/** By which of its rules an interval ends. */
function endOf({ deployment, end }: CostInterval, history: History): string {
  const windowMs = history.settings.attributionWindowMs(deployment.service, deployment.finishedAt);
  if (end === deployment.finishedAt + windowMs) return 'ends with the window';
  const judged = history.deployments.find((one) => one.deployment.key === deployment.key);
  const undone = history.deployments.some(
    (one) => one.deployment.id === judged?.rolledBackBy && one.deployment.finishedAt === end,
  );
  return undone ? 'ends with a rollback' : 'ends with the next';
}

it('meets every rule of costs often enough to mean something', () => {
  const met = new Map<string, number>();
  const count = (what: string, happened: boolean) => met.set(what, (met.get(what) ?? 0) + Number(happened));
  for (const { facts, questions } of fc.sample(costScenarioArbitrary(), { numRuns: 250, seed: 1 })) {
    const history = readHistory(facts);
    const slos = readCostSlos(distinctFacts(facts));
    const costs = allCosts(facts);
    for (const interval of costIntervals(history)) {
      const { deployment, start, end, incidents } = interval;
      count(endOf(interval, history), start < end);
      count('empty', start === end);
      count(
        'begins with an advance',
        deployment.advancedAt !== null && deployment.advancedAt > deployment.startedAt,
      );
      const rows = costs.get(interval.deployment.key) ?? [];
      count('several SLOs', rows.length > 1);
      for (const row of rows) {
        const slo = slos.find(({ id }) => id === row.slo_id);
        if (!slo) continue;
        const definition = definitionAt(slo, end);
        const spent = (row.excess ?? 0) > 0;
        const before = slo.evidence.windows.filter(
          (one) => one.start < start && one.start >= 2 * start - end,
        );
        const noisy = (row.expected_bad ?? 0) > 1;
        count('spent', spent);
        count('spent over a noisy baseline', spent && noisy);
        count('below the threshold', row.bad > (row.expected_bad ?? 0) && !spent);
        count(
          'below the threshold of a noisy baseline',
          row.bad > (row.expected_bad ?? 0) && !spent && noisy,
        );
        count('without a baseline', before.length === 0 && row.bad > 0);
        count('without events', row.share === null);
        count('spent in slices', spent && definition.sliceMs !== null);
        count('spent of a calendar window', spent && definition.rollingMs === null);
        count(
          'incident in the baseline',
          before.some((one) => incidents.some(({ from, to }) => one.start >= from && one.start < to)),
        );
        count(
          'corrected',
          slo.evidence.windows.some(
            (one) => one.start >= start && one.start < end && isCorrected(slo.evidence, one.start),
          ),
        );
        count(
          'labelled',
          slo.evidence.windows.some(
            (one) =>
              one.start >= start &&
              one.start < end &&
              one.version !== null &&
              one.version === deployment.version,
          ),
        );
        count(
          'labelled otherwise',
          slo.evidence.windows.some(
            (one) =>
              one.start >= start &&
              one.start < end &&
              one.version !== null &&
              one.version !== deployment.version,
          ),
        );
      }
    }
    for (const question of questions) {
      for (const row of attribution(facts, question)) {
        count(row.kind, row.bad > 0);
        count(`${row.kind} excess`, (row.excess ?? 0) > 0);
      }
    }
  }
  const rare = [...met].filter(([, times]) => times < 8);
  expect(rare).toEqual([]);
});
