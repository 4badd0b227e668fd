import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { distinctFacts, instant, iso, type RawFact } from './fact.ts';
import { sloScenarioArbitrary } from './index.ts';
import { received } from './received.ts';
import { readEvidence } from './sli-evidence.ts';
import { sloBudget, sloBudgetHistory } from './slo-budget.ts';
import { sloBurn, sloBurnHistory } from './slo-burn.ts';
import { sloDefinitions, sloInForce } from './slo-definition.ts';
import { periodAt } from './slo-period.ts';
import { sliceSpending, tally } from './slo-spending.ts';

const minuteMs = 60_000;
const dayMs = 86_400_000;
const runs = { numRuns: 60 };

/** The SLO of a question as it is in force, with what is known of it. */
function judged(facts: readonly RawFact[], sloId: string, asked: string) {
  const distinct = distinctFacts(facts);
  const at = Math.floor(instant(asked) / minuteMs) * minuteMs;
  const slo = sloInForce(sloDefinitions(distinct, sloId), at);
  return slo && { slo, at, evidence: readEvidence(distinct, sloId), period: periodAt(slo, at) };
}

const without = (facts: readonly RawFact[], kind: string) => facts.filter((fact) => fact.kind !== kind);

describe('budgets over generated histories', () => {
  it('are the same in any order of arrival and with repetitions', () => {
    fc.assert(
      fc.property(sloScenarioArbitrary(), ({ facts, questions, budgets, burns }) => {
        const twice = [...facts, ...facts].reverse();
        for (const { slo_id, at } of questions) {
          expect(sloBudget(twice, slo_id, at)).toEqual(sloBudget(facts, slo_id, at));
          expect(sloBurn(twice, slo_id, at)).toEqual(sloBurn(facts, slo_id, at));
        }
        expect(sloBudgetHistory(twice, budgets)).toEqual(sloBudgetHistory(facts, budgets));
        expect(sloBurnHistory(twice, burns)).toEqual(sloBurnHistory(facts, burns));
      }),
      { numRuns: 25 },
    );
  });

  it('keep the relations of the page', () => {
    fc.assert(
      fc.property(sloScenarioArbitrary(), ({ facts, questions }) => {
        for (const { slo_id, at } of questions) {
          const row = sloBudget(facts, slo_id, at);
          const asked = judged(facts, slo_id, at);
          expect(row === null).toBe(asked === null);
          if (row === null || asked === null) continue;
          const uncorrected = sloBudget(without(facts, 'correction'), slo_id, at);
          expect(uncorrected?.consumed).toBe(row.raw_consumed);
          expect(uncorrected?.sli).toBe(row.raw_sli);
          expect(uncorrected?.no_data_share).toBe(row.no_data_share);
          if (row.total === 0) expect(row.state).toBe('no_data');
          if (row.state === 'exhausted') expect(row.exhausts_at).toBe(iso(asked.at));
          const { start, end } = asked.period;
          if (row.consumed !== null) {
            expect(row.consumed).toBeGreaterThanOrEqual(-1e-12);
            const length = asked.slo.rollingMs === null ? (asked.at - start) / (end - start) : 1;
            expect((row.consumed_so_far ?? 0) * length).toBeCloseTo(row.consumed, 9);
            expect((row.remaining ?? 0) + row.consumed).toBeCloseTo(1, 9);
          }
          for (const share of [row.sli, row.raw_sli, row.no_data_share]) {
            if (share === null) continue;
            expect(share).toBeGreaterThanOrEqual(-1e-12);
            expect(share).toBeLessThanOrEqual(1 + 1e-12);
          }
        }
      }),
      runs,
    );
  });

  it('burn over L what a rolling budget of L has consumed', () => {
    fc.assert(
      fc.property(sloScenarioArbitrary(), ({ facts, questions }) => {
        for (const { slo_id, at } of questions) {
          for (const alert of sloBurn(facts, slo_id, at)) {
            const rolling_days = (alert.long_window_seconds * 1000) / dayMs;
            const ofLength = facts.map((fact) =>
              fact.kind === 'slo' ? { ...fact, window: { rolling_days } } : fact,
            );
            expect(alert.long_burn_rate).toBe(sloBudget(ofLength, slo_id, at)?.consumed);
          }
        }
      }),
      runs,
    );
  });

  it('count silent slices as a walk through all slices does', () => {
    fc.assert(
      fc.property(sloScenarioArbitrary(), ({ facts, questions }) => {
        for (const { slo_id, at: asked } of questions) {
          const one = judged(facts, slo_id, asked);
          if (one === null || one.slo.sliceMs === null) continue;
          const { slo, evidence, at } = one;
          const walked = [...sliceSpending(slo, evidence, at - 3 * dayMs, at).values()];
          const { bad } = tally(slo, evidence, at - 3 * dayMs, at);
          expect(walked.reduce((all, spent) => all + spent, 0)).toBeCloseTo(bad, 9);
        }
      }),
      runs,
    );
  });

  it('are exhausted when it was foretold, once the windows of the last 24 h were repeated', () => {
    fc.assert(
      fc.property(sloScenarioArbitrary(), ({ facts: all, questions }) => {
        const facts = without(all, 'correction').map((fact) =>
          fact.kind === 'slo'
            ? { ...fact, occurred_at: '2001-01-01T00:00:00.000Z', no_data: 'ignored', slice_seconds: 60 }
            : fact,
        );
        for (const { slo_id, at: asked } of questions) {
          const one = judged(facts, slo_id, asked);
          const foretold = sloBudget(facts, slo_id, asked)?.exhausts_at;
          if (!one || !foretold) continue;
          // A longer slice spends at once what its windows spend one after the other.
          if (one.slo.sliceMs !== null && one.slo.sliceMs > minuteMs) continue;
          if (instant(foretold) <= one.at || instant(foretold) > one.at + 3 * dayMs) continue;
          const past = facts.filter((fact) => !fact.window_start || instant(fact.window_start) < one.at);
          const day = one.evidence.windows.filter(({ start }) => start < one.at && start >= one.at - dayMs);
          const repeated = [dayMs, 2 * dayMs, 3 * dayMs].flatMap((shift) =>
            day.map(({ start, end, good, total }, index) =>
              received({
                kind: 'sli',
                event_id: `again ${shift} ${index}`,
                slo_id,
                series: `again ${index}`,
                good,
                total,
                window_start: iso(start + shift),
                window_end: iso(end + shift),
                occurred_at: iso(end + shift),
              }),
            ),
          );
          const consumed = (minute: number) =>
            sloBudget([...past, ...repeated], slo_id, iso(minute) ?? '')?.consumed ?? 0;
          const last = instant(foretold);
          expect(consumed(last)).toBeGreaterThan(1 - 1e-9);
          if (last - minuteMs > one.at) expect(consumed(last - minuteMs)).toBeLessThan(1);
        }
      }),
      { numRuns: 150 },
    );
  });

  it('have a history whose days and minutes are those that can be asked one by one', () => {
    fc.assert(
      fc.property(sloScenarioArbitrary(), ({ facts, budgets, burns }) => {
        for (const { day_start: _, slo_id, at, ...day } of sloBudgetHistory(facts, budgets)) {
          const asked = sloBudget(facts, slo_id, at ?? '');
          // At a period's very start the history shows the one that has just ended.
          if (asked?.no_data_share !== null) expect(asked).toMatchObject(day);
        }
        for (const episode of sloBurnHistory(facts, burns)) {
          const firing = (at: number) =>
            sloBurn(facts, episode.slo_id, iso(at) ?? '').some(
              (row) => row.firing && row.long_window_seconds === episode.long_window_seconds,
            );
          const fired = instant(episode.fired_at ?? '');
          expect(firing(fired)).toBe(true);
          if (fired > instant(burns.since)) expect(firing(fired - minuteMs)).toBe(false);
          if (episode.resolved_at === null) continue;
          expect(firing(instant(episode.resolved_at))).toBe(false);
          expect(firing(instant(episode.resolved_at) - minuteMs)).toBe(true);
        }
      }),
      { numRuns: 25 },
    );
  });

  it('meet every state and rule often enough to mean something', () => {
    const met = new Map<string, number>();
    const count = (...what: unknown[]) => met.set(what.join(' '), (met.get(what.join(' ')) ?? 0) + 1);
    for (const { facts, questions, burns } of fc.sample(sloScenarioArbitrary(), { numRuns: 300, seed: 1 })) {
      for (const { slo_id, at } of questions) {
        const row = sloBudget(facts, slo_id, at);
        const asked = judged(facts, slo_id, at);
        if (row === null || asked === null) {
          count(facts.some((fact) => fact.kind === 'slo' && fact.slo_id === slo_id) ? 'retired' : 'unknown');
          continue;
        }
        const slices = row.method !== 'occurrences';
        count(slices ? 'slices' : row.method, row.state);
        if (slices && row.state !== 'no_data') count(row.method, asked.slo.sliceMs);
        const { slo, period } = asked;
        if ('calendar' in slo.window && row.consumed !== null) count(slo.window.calendar);
        if ('calendar' in slo.window && (period.end - period.start) % dayMs !== 0) count('clock change');
        if (period.start === asked.at) count('very start');
        if (row.exhausts_at !== null && row.state !== 'exhausted') {
          count(slices ? 'slices' : row.method, slo.rollingMs === null ? 'calendar' : 'rolling', 'foretold');
        }
        if (row.consumed !== null && row.consumed > 1) count('overspent');
        if (row.consumed !== row.raw_consumed) count('corrected', slices ? 'slices' : row.method);
        const { evidence } = asked;
        const told = sloBudget(
          facts.map((fact) => (fact.kind === 'slo' ? { ...fact, no_data: 'ignored' } : fact)),
          slo_id,
          at,
        );
        if (told?.consumed !== row.consumed) count('silence spends');
        if (evidence.windows.some(({ start, end }) => slo.sliceMs && end - start > slo.sliceMs))
          count('long');
        for (const alert of sloBurn(facts, slo_id, at)) count('burn', alert.state);
      }
      for (const episode of sloBurnHistory(facts, burns))
        count(episode.resolved_at ? 'resolved' : 'fires on');
    }
    const rare = [
      ...['ok', 'exhausted', 'no_data', 'insufficient_data'].flatMap((state) => [
        `occurrences ${state}`,
        `slices ${state}`,
      ]),
      ...['ok', 'firing', 'no_data', 'insufficient_data', 'cannot_fire'].map((state) => `burn ${state}`),
      ...['week', 'month', 'quarter', 'year', 'clock change', 'very start', 'retired', 'unknown'],
      ...['occurrences rolling', 'occurrences calendar', 'slices rolling', 'slices calendar'].map(
        (of) => `${of} foretold`,
      ),
      ...['timeslices 60000', 'timeslices 300000', 'ratio_timeslices 60000', 'ratio_timeslices 300000'],
      ...['overspent', 'corrected occurrences', 'corrected slices', 'silence spends', 'long'],
      ...['resolved', 'fires on'],
    ].filter((what) => (met.get(what) ?? 0) < 12);
    expect(rare.map((what) => [what, met.get(what) ?? 0])).toEqual([]);
  }, 120_000);
});
