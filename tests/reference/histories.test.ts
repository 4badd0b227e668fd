import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compareFacts } from './fact.ts';
import {
  deploymentList,
  doraSummary,
  doraTimeseries,
  leadTimeStages,
  readHistory,
  scenarioArbitrary,
} from './index.ts';

const runs = { numRuns: 150 };

describe('the reference over generated histories', () => {
  it('gives the same answers in any order of arrival and with repetitions', () => {
    fc.assert(
      fc.property(scenarioArbitrary({ ambiguous: true, conflicts: true }), ({ facts, queries }) => {
        const inOrder = [...facts].sort(compareFacts);
        const twice = [...facts, ...facts].reverse();
        for (const query of queries) {
          const answer = doraSummary(facts, query);
          expect(doraSummary(inOrder, query)).toEqual(answer);
          expect(doraSummary(twice, query)).toEqual(answer);
          expect(deploymentList(twice, query)).toEqual(deploymentList(facts, query));
          expect(leadTimeStages(twice, query)).toEqual(leadTimeStages(facts, query));
        }
      }),
      runs,
    );
  });

  it('adds up: the buckets of a range hold what its summary holds', () => {
    const added = [
      'deployments',
      'attempts',
      'rollbacks',
      'changes',
      'lead_time_changes',
      'failed_deployments',
      'recovered_deployments',
      'unrecovered_deployments',
      'rework_deployments',
      'deployment_days',
      'days',
      'incidents_opened',
      'incidents_restored',
    ] as const;
    fc.assert(
      fc.property(scenarioArbitrary(), ({ facts, queries }) => {
        for (const query of queries) {
          const summary = doraSummary(facts, query);
          const series = doraTimeseries(facts, query);
          for (const column of added) {
            expect([column, series.reduce((sum, row) => sum + row[column], 0)]).toEqual([
              column,
              summary[column],
            ]);
          }
          expect(series.at(-1)?.incidents_open).toBe(summary.incidents_open);
          for (const [index, row] of series.entries()) {
            expect(row.bucket_end).toBe(series[index + 1]?.bucket_start ?? row.bucket_end);
          }
        }
      }),
      runs,
    );
  });

  it('keeps the invariants of the page', () => {
    fc.assert(
      fc.property(scenarioArbitrary({ ambiguous: true }), ({ facts, queries }) => {
        for (const query of queries) {
          const row = doraSummary(facts, query);
          expect(row.deployments).toBeLessThanOrEqual(row.attempts);
          expect(row.lead_time_changes).toBeLessThanOrEqual(row.changes);
          expect(row.recovered_deployments + row.unrecovered_deployments).toBe(row.failed_deployments);
          expect(row.failed_deployments).toBeLessThanOrEqual(row.deployments);
        }
        const blamed = readHistory(facts).deployments.flatMap((one) =>
          one.incidents
            .filter((incident) => incident.linkedBy === 'attribution')
            .map((incident) => incident.incident.id),
        );
        expect(new Set(blamed).size).toBe(blamed.length);
      }),
      runs,
    );
  });

  it('meets every rule often enough to mean something', () => {
    const met = new Map<string, number>();
    const count = (what: string, times: number) => met.set(what, (met.get(what) ?? 0) + times);
    for (const { facts, queries } of fc.sample(scenarioArbitrary(), { numRuns: 300, seed: 1 })) {
      const history = readHistory(facts);
      for (const one of history.deployments) {
        for (const reason of one.reasons) count(reason.rule, 1);
        count('detected', one.detected ? 1 : 0);
        count('reverted', one.reverted ? 1 : 0);
        count('recovered', one.recoveryMs !== null ? 1 : 0);
        count('carried', one.carried.size);
      }
      for (const query of queries) {
        const row = doraSummary(facts, query);
        count('deployments asked', row.deployments);
        count('lead times asked', row.lead_time_changes);
        count('incidents asked', row.incidents_restored);
      }
    }
    for (const what of [
      'review',
      'aborted',
      'incident',
      'rollback',
      'hotfix',
      'attribution',
      'detected',
      'reverted',
      'recovered',
      'carried',
      'deployments asked',
      'lead times asked',
      'incidents asked',
    ]) {
      expect([what, (met.get(what) ?? 0) >= 30]).toEqual([what, true]);
    }
  });
});
