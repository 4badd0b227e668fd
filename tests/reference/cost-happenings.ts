import fc from 'fast-check';
import { compact, iso, minuteMs, type Posted, sometimes } from './names.ts';

export const hourMs = 60 * minuteMs;
/** All of it happens within two days from here. */
export const day = Date.parse('2025-06-10T00:00:00Z');

/** A coarse grid, so that starts, ends and SLI windows meet; sometimes a millisecond or seconds beside it. */
export const at = (fromHour: number, toHour: number) =>
  fc
    .tuple(
      fc.oneof(
        { weight: 3, arbitrary: fc.integer({ min: fromHour * 2, max: toHour * 2 }).map((half) => half * 30) },
        {
          weight: 1,
          arbitrary: fc.integer({ min: fromHour * 12, max: toHour * 12 }).map((five) => five * 5),
        },
      ),
      fc.constantFrom(0, 0, 0, 0, 0, 0, -1, 1, 20_000),
    )
    .map(([minutes, beside]) => day + minutes * minuteMs + beside);

export const service = fc.oneof({ weight: 9, arbitrary: fc.constant('checkout') }, fc.constant('search'));
const environment = fc.constantFrom('eu', 'eu', 'eu', 'us', 'us', 'us', 'production', 'staging');
export const version = fc.constantFrom('1', '2', '3');

/** One deployment, rollback or hotfix that began some hours after the SLIs did. */
export const deployment: fc.Arbitrary<Posted[]> = fc
  .record({
    service,
    environment,
    deployment_id: fc.constantFrom('d1', 'd2', 'd3', 'd4', 'd5', 'd6', 'd7', 'd8', '😀', 'ｆ'),
    start: at(2, 8),
    minutes: fc.constantFrom(0, 5, 10, 10, 30, 30, 60, 60, 240),
    advances: fc.array(fc.constantFrom(-5, 0, 5, 5, 10, 20, 60), { maxLength: 2 }),
    about: fc.record({
      action: fc.constantFrom(
        undefined,
        undefined,
        undefined,
        undefined,
        'deploy',
        'hotfix',
        'rollback',
        'rollback',
        'rollback',
      ),
      version: sometimes(version, 9),
      strategy: sometimes(fc.constantFrom('canary', 'rolling', 'all_at_once')),
      rollout_id: sometimes(fc.constantFrom('r1'), 1),
      rolls_back_deployment: fc.constant(undefined),
    }),
    outcome: fc.constantFrom('succeeded', 'succeeded', 'succeeded', 'succeeded', 'failed', 'cancelled'),
    finishes: sometimes(fc.constant(true), 9),
  })
  .map((one) => {
    const fact = (phase: string, time: number, more: Posted = {}) =>
      compact({
        kind: 'deployment',
        service: one.service,
        environment: one.environment,
        deployment_id: one.deployment_id,
        phase,
        occurred_at: iso(time),
        ...more,
      });
    const facts = [fact('started', one.start, one.about)];
    for (const after of one.advances) facts.push(fact('advanced', one.start + after * minuteMs));
    if (one.finishes) {
      facts.push(fact('finished', one.start + one.minutes * minuteMs, { outcome: one.outcome }));
    }
    return facts;
  });

/** An incident at a place (or at none), that ends or does not; some are cancelled. */
export const incident: fc.Arbitrary<Posted[]> = fc
  .record({
    id: fc.constantFrom('I1', 'I2', 'I3', 'I4'),
    service: sometimes(service, 9),
    environment: sometimes(environment, 7),
    opened: at(0, 10),
    lasts: sometimes(fc.constantFrom(10, 30, 60, 60, 120, -30), 9),
    ends: fc.constantFrom('mitigated', 'resolved', 'resolved', 'cancelled'),
  })
  .map((one) => {
    const fact = (transition: string, time: number, more: Posted = {}) =>
      compact({ kind: 'incident', incident_id: one.id, transition, occurred_at: iso(time), ...more });
    const opened = fact('opened', one.opened, { service: one.service, environment: one.environment });
    if (one.lasts === undefined) return [opened];
    return [opened, fact(one.ends, one.opened + one.lasts * minuteMs)];
  });

export const bothInProduction = { eu: 'production', us: 'production' };
export const laterTiers = fc.constantFrom<(Record<string, string> | undefined)[]>(
  bothInProduction,
  { eu: 'production', us: 'staging' },
  undefined,
  undefined,
);

/** What a service is from some instant on: a late one changes windows and tiers of what is already there. */
export function settingOf(
  of: fc.Arbitrary<string>,
  when: fc.Arbitrary<number>,
  tiers: fc.Arbitrary<Record<string, string> | undefined>,
): fc.Arbitrary<Posted[]> {
  return fc
    .record({
      service: of,
      tiers,
      attribution_window_seconds: sometimes(fc.constantFrom(600, 3600, 3600, 7200, 86_400), 6),
      detect_rollbacks: sometimes(fc.constantFrom(false, false, false, true), 8),
      team: sometimes(fc.constantFrom('red', 'blue')),
      when,
    })
    .map(({ when: time, ...one }) => [compact({ kind: 'service', ...one, occurred_at: iso(time) })]);
}
