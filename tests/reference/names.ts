import fc from 'fast-check';

/** The few names and durations that generated happenings share, so that they meet. */

/** A fact as it is posted. */
export type Posted = Record<string, unknown>;

export const minuteMs = 60_000;
export const iso = (milliseconds: number) => new Date(milliseconds).toISOString();

export const service = fc.constantFrom('checkout', 'checkout', 'checkout', 'search');
export const environment = fc.constantFrom('production', 'eu', 'staging');
/** Most things happen in one place, or too little would meet. */
export const place = fc.oneof(
  { weight: 7, arbitrary: fc.constant({ service: 'checkout', environment: 'production' }) },
  { weight: 3, arbitrary: fc.record({ service, environment }) },
);
export const deploymentId = fc.constantFrom('d1', 'd2', 'd3', 'd4', 'd5', 'd6', 'd7', 'd8', 'd9', 'ｆ', '😀');
export const version = fc.constantFrom('1', '1', '2', '2', '3');
export const incidentId = fc.constantFrom('I1', 'I2', 'I3', 'I4');
export const repository = fc.constantFrom('git.example/o/r', 'git.example/o/q');
export const sha = fc.constantFrom('a', 'b', 'c', 'd', 'e');
export const pullRequest = fc.constantFrom('1', '2');

/** A value in `inTen` of ten cases, absent otherwise. */
export function sometimes<T>(arbitrary: fc.Arbitrary<T>, inTen = 3): fc.Arbitrary<T | undefined> {
  return fc.oneof({ weight: inTen, arbitrary }, { weight: 10 - inTen, arbitrary: fc.constant(undefined) });
}

/** Without fields that are absent. */
export function compact(fact: Posted): Posted {
  return Object.fromEntries(Object.entries(fact).filter(([, value]) => value !== undefined));
}

/** Milliseconds: mostly forward, sometimes none, sometimes backward (skewed clocks). */
export const lasting = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom(10, 15, 30, 60, 240).map((minutes) => minutes * minuteMs) },
  { weight: 2, arbitrary: fc.constantFrom(0, 1) },
  { weight: 1, arbitrary: fc.constantFrom(-1, -30 * minuteMs) },
);
