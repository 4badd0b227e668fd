import fc from 'fast-check';
import { changeFacts, deploymentFacts, reviewFacts, serviceFacts } from './happenings.ts';
import { incidentFacts, plainIncidentFacts } from './incident-happenings.ts';
import type { Params, RawFact } from './index.ts';
import { minuteMs, type Posted } from './names.ts';
import { interestingDays, queriesAround } from './queries.ts';
import { received } from './received.ts';

/** How large and how odd generated histories are. */
interface HistoryOptions {
  /** @default 20 */
  maxDeployments?: number;
  /** @default 5 */
  maxIncidents?: number;
  /** @default 10 */
  maxChanges?: number;
  /** Facts given more than once. @default true */
  repeats?: boolean;
  /** Two contents under one event_id (of one entity). @default false */
  conflicts?: boolean;
  /**
   * What the page leaves open (see AMBIGUITIES.md): links and reviews without a place, a review told twice with
   * different verdicts, deploys that name what they roll back. @default false
   */
  ambiguous?: boolean;
}

/**
 * Instants around a day (epoch milliseconds): on a coarse grid so that many coincide, some a millisecond beside
 * it, and gaps of exactly the attribution window are common.
 */
function instantsAround(day: number): fc.Arbitrary<number> {
  const step = fc.oneof(
    { weight: 6, arbitrary: fc.integer({ min: 0, max: 48 }).map((half) => half * 30 * minuteMs) },
    { weight: 2, arbitrary: fc.integer({ min: 0, max: 9 }).map((four) => four * 240 * minuteMs) },
    { weight: 1, arbitrary: fc.integer({ min: -2880, max: 5760 }).map((minute) => minute * minuteMs) },
  );
  const beside = fc.oneof(
    { weight: 8, arbitrary: fc.constant(0) },
    { weight: 1, arbitrary: fc.constantFrom(-1, 1, 500) },
  );
  return fc.tuple(step, beside).map(([offset, milliseconds]) => day + offset + milliseconds);
}

function factsAround(day: number, options: HistoryOptions): fc.Arbitrary<RawFact[]> {
  const at = instantsAround(day);
  const odd = options.ambiguous ?? false;
  const happenings = fc.tuple(
    fc.array(deploymentFacts(at, odd), {
      minLength: 1,
      maxLength: options.maxDeployments ?? 20,
      size: 'max',
    }),
    fc.array(incidentFacts(at, odd), { maxLength: options.maxIncidents ?? 5, size: 'max' }),
    fc.array(plainIncidentFacts(at), { maxLength: 3, size: 'max' }),
    fc.array(changeFacts(at), { maxLength: options.maxChanges ?? 10, size: 'max' }),
    fc.array(reviewFacts(at, odd), { maxLength: 3, size: 'max' }),
    fc.array(serviceFacts(at), { maxLength: 3 }),
  );
  const repeats = options.repeats === false ? fc.constant([]) : fc.array(fc.nat(), { maxLength: 6 });
  const conflicts = options.conflicts ? fc.array(fc.nat(), { maxLength: 3 }) : fc.constant([]);
  return fc
    .tuple(happenings, repeats, conflicts, fc.infiniteStream(fc.nat()))
    .map(([told, repeated, conflicting, order]) => {
      const posted: Posted[] = told.flat(2);
      const numbered = posted.map((fact, index) => ({ event_id: `e${index}`, ...fact }));
      const twice = repeated.flatMap((pick) => numbered[pick % numbered.length] ?? []);
      // Same id and entity, another time: only one of the two may count.
      const other = conflicting.flatMap((pick) => {
        const fact: Posted | undefined = numbered[pick % numbered.length];
        if (!fact) return [];
        const later = Date.parse(String(fact['occurred_at'])) + (1 + (pick % 5)) * 30 * minuteMs;
        return [{ ...fact, occurred_at: new Date(later).toISOString() }];
      });
      return [...numbered, ...twice, ...other]
        .map((fact) => ({ fact, rank: order.next().value ?? 0 }))
        .sort((a, b) => a.rank - b.rank)
        .map(({ fact }) => received(fact));
    });
}

/** A history and questions about the days around it. */
export function scenarioArbitrary(
  options: HistoryOptions = {},
): fc.Arbitrary<{ facts: RawFact[]; queries: Params[] }> {
  return fc.constantFrom(...interestingDays).chain((day) =>
    fc.record({
      facts: factsAround(day, options),
      queries: fc.array(queriesAround(day), { minLength: 1, maxLength: 4 }),
    }),
  );
}

/** The fact as a producer would post it: what the door adds is taken off again. */
export function posted(fact: RawFact): Posted {
  const { content_sha256: _, ...rest } = fact;
  return rest;
}
