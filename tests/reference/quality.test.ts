import fc from 'fast-check';
import { expect, it } from 'vitest';
import { scenarioArbitrary } from './histories.ts';
import { quality } from './quality.ts';
import { sloScenarioArbitrary } from './slo-histories.ts';

const facts = fc
  .tuple(scenarioArbitrary({ conflicts: true }), sloScenarioArbitrary())
  .map(([history, budgets]) => [...history.facts, ...budgets.facts]);
const always = { services: [], team: '', since: '2000-01-01T00:00:00Z', until: '2100-01-01T00:00:00Z' };

it('finds every flaw often enough to mean something, and its absence, too', () => {
  const flawed = new Map<string, number>();
  const sound = new Map<string, number>();
  for (const told of fc.sample(facts, { numRuns: 150, seed: 1 })) {
    for (const { check, affected, of } of quality(told, always)) {
      flawed.set(check, (flawed.get(check) ?? 0) + affected);
      sound.set(check, (sound.get(check) ?? 0) + of - affected);
    }
  }
  expect([...flawed.keys()].filter((check) => check.startsWith('conflicting')).length).toBeGreaterThan(3);
  for (const [check, times] of flawed) {
    const both = [times >= 5, (sound.get(check) ?? 0) >= 5];
    if (!check.startsWith('conflicting')) expect([check, ...both]).toEqual([check, true, true]);
  }
});

it('says the same in any order of arrival and with repetitions', () => {
  fc.assert(
    fc.property(facts, (told) => {
      expect(quality([...told, ...told].reverse(), always)).toEqual(quality(told, always));
    }),
    { numRuns: 40 },
  );
});
