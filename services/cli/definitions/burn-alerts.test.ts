import { afterAll, beforeAll, expect, test } from 'vitest';
import { type EmbeddedSystem, startEmbedded } from '../testing/embedded-system.ts';
import { alertsThatCannotFire } from './burn-alerts.ts';

let system: EmbeddedSystem;
beforeAll(async () => {
  system = await startEmbedded();
});
afterAll(() => system.close());

test('says of the same alerts that they cannot fire as the API does', async () => {
  // 28 days: the factors are 13.44, 5.6, 2.8, 1 (of 0.933); 7 days: 13.44, 3.5, 1.4, 1 (of 0.98).
  const objectives = [0.5, 0.72, 0.925595238095238, 0.99];
  const slos = [7, 13.5, 28].flatMap((rolling_days) =>
    objectives.map((objective) => ({
      kind: 'slo' as const,
      occurred_at: '2026-01-01T00:00:00Z',
      slo_id: `${rolling_days}-${objective}`,
      service: 's',
      objective,
      window: { rolling_days },
      method: 'occurrences' as const,
    })),
  );
  await system.post(...slos);
  let silent = 0;
  for (const slo of slos) {
    const rows = await system.read<{ long_window_seconds: number; state: string }[]>(
      `/v1/slos/${slo.slo_id}/burn`,
    );
    const expected = rows
      .filter(({ state }) => state === 'cannot_fire')
      .map((row) => row.long_window_seconds);
    expect(
      alertsThatCannotFire(slo).map(({ longSeconds }) => longSeconds),
      slo.slo_id,
    ).toEqual(expected);
    silent += expected.length;
  }
  expect(silent).toBeGreaterThan(8);
});
