import { fileURLToPath } from 'node:url';
import { markAgain, Refresher } from '@evenkeel/store';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { openSqlHarness, type SqlHarness } from '../sql/tests/harness.ts';
import { queryOf } from '../sql/tests/queries.ts';

/** The rules of the recompute: each was learnt from an experiment that failed without it. */
let sql: SqlHarness;
beforeAll(async () => {
  sql = await openSqlHarness();
});
afterAll(() => sql.close());
beforeEach(() => sql.reset());

const deployment = (service: string, id: string, at: string, more: object = {}) => ({
  kind: 'deployment',
  service,
  environment: 'production',
  deployment_id: id,
  phase: 'finished',
  outcome: 'succeeded',
  occurred_at: at,
  ...more,
});

async function deploymentsOf(services: string[] = []): Promise<unknown> {
  const { text, parameters } = queryOf('dora_summary', { services });
  const [row] = await sql.select(text, parameters);
  return row?.['deployments'];
}

const markFile = fileURLToPath(new URL('../sql/on-start/mark-again.sql', import.meta.url));

test('a fact whose mark a crash has swallowed is found on the next start', async () => {
  await sql.post([deployment('checkout', 'd1', '2026-01-01T10:00:00Z')]);
  await sql.refresh();
  await sql.post([
    deployment('checkout', 'd2', '2026-01-01T11:00:00Z'),
    {
      kind: 'incident',
      incident_id: 'i1',
      transition: 'opened',
      service: 'checkout',
      occurred_at: '2026-01-01T11:05:00Z',
    },
    {
      kind: 'change',
      repository: 'example.com/shop',
      change_id: 'c1',
      service: 'checkout',
      environment: 'production',
      deployment_id: 'd2',
      committed_at: '2026-01-01T09:00:00Z',
      occurred_at: '2026-01-01T09:00:00Z',
    },
  ]);
  // What a kill between the facts and their marks and links leaves behind.
  await sql.command(`alter table marks delete where true settings mutations_sync = 2`);
  await sql.command(`alter table change_links delete where true settings mutations_sync = 2`);
  await sql.command(
    `insert into marks (entity, key, subkey, pending) select 'service', service, '', seen from recompute_state`,
  );
  await sql.refresh();
  expect(await deploymentsOf()).toBe(1);
  await markAgain(sql.embedded.client(), markFile);
  await sql.refresh();
  const { text, parameters } = queryOf('dora_summary', {});
  expect(await sql.select(text, parameters)).toMatchObject([
    { deployments: 2, incidents_opened: 1, failed_deployments: 1, changes: 1, lead_time_p50_seconds: 7200 },
  ]);
});

test('a clock that steps back loses nothing', async () => {
  await sql.post([deployment('checkout', 'd1', '2026-01-01T10:00:00Z')]);
  await sql.refresh();
  // As if the last recompute had run under a clock that was far ahead.
  await sql.command(
    `insert into dora_buckets (period, scope, service, team, bucket, revision, seen, turn, recomputed_at)
     select period, '', service, '', bucket, revision + 1, seen, turn, '2100-01-01 00:00:00' from dora_buckets final where scope = ''`,
  );
  await sql.post([deployment('checkout', 'd2', '2026-01-01T11:00:00Z')]);
  await sql.refresh();
  expect(await deploymentsOf()).toBe(2);
});

test('an insert that takes longer than several recomputes is counted when it is done', async () => {
  await sql.post([deployment('checkout', 'd1', '2026-01-01T10:00:00Z')]);
  const columns =
    'service, environment, deployment_id, phase, outcome, occurred_at, observed_at, event_id, content_sha256';
  const slow = sql.embedded.client().command({
    query: `insert into deployment_facts (${columns})
      select 'checkout', 'production', 'slow', 'finished', if(sleepEachRow(2) = 0, 'succeeded', ''), '2026-01-01 12:00:00', '2026-01-01 12:00:00', 'slow', 'ab'
      settings function_sleep_max_microseconds_per_block = 5000000`,
  });
  const refresher = new Refresher(sql.embedded.maintainer());
  await refresher.drain();
  await slow;
  await refresher.drain();
  expect(await deploymentsOf()).toBe(2);
});

test('more dirty services than one recompute takes are all done, longest waiting first', async () => {
  await sql.limit({ services_per_refresh: 3 });
  try {
    const services = Array.from({ length: 10 }, (_, index) => `service-${index}`);
    await sql.post(services.map((service) => deployment(service, 'd1', '2026-01-01T10:00:00Z')));
    await sql.refresh();
    expect(await deploymentsOf()).toBe(10);
    expect(
      await sql.select('select turn, count() as services from recompute_state group by turn order by turn'),
    ).toEqual([
      { turn: 1, services: 3 },
      { turn: 2, services: 3 },
      { turn: 3, services: 3 },
      { turn: 4, services: 1 },
    ]);
    expect(await sql.select('select service from recompute_state where turn = 1 order by service')).toEqual([
      { service: 'service-0' },
      { service: 'service-1' },
      { service: 'service-2' },
    ]);
  } finally {
    await sql.limit();
  }
});

test('an import and fresh facts take turns, and a batch of an import is bounded by its facts', async () => {
  await sql.limit({ facts_per_refresh: 2_500 });
  try {
    await sql.command(`insert into deployment_facts
      (service, environment, deployment_id, phase, outcome, occurred_at, observed_at, event_id, content_sha256)
      select concat('imported-', toString(number % 3)), 'production', toString(number), 'finished', 'succeeded',
        toDateTime64('2026-01-01', 3, 'UTC') + number, '2026-01-01', toString(number), toString(number)
      from numbers(3600)`);
    await sql.post(['b', 'a'].map((name) => deployment(name, 'd1', '2026-01-01T10:00:00Z')));
    await sql.refresh();
    expect(
      await sql.select(
        'select turn, groupArray(service) as services from (select * from recompute_state order by service) group by turn order by turn',
      ),
    ).toEqual([
      { turn: 1, services: ['a', 'b'] },
      { turn: 2, services: ['imported-0', 'imported-1'] },
      { turn: 3, services: ['imported-2'] },
    ]);
    expect(await deploymentsOf()).toBe(3_602);
  } finally {
    await sql.limit();
  }
});

test('an incident that moves to another service counts there, and only there', async () => {
  const incident = (service: string, transition: string, at: string) => ({
    kind: 'incident',
    incident_id: 'pager:1',
    transition,
    service,
    occurred_at: at,
  });
  const opened = async (services: string[]) => {
    const { text, parameters } = queryOf('dora_summary', { services });
    const [row] = await sql.select(text, parameters);
    return [row?.['incidents_opened'], row?.['failed_deployments']];
  };
  await sql.post([
    deployment('checkout', 'd1', '2026-01-01T10:00:00Z'),
    deployment('search', 'd1', '2026-01-01T10:00:00Z'),
    incident('checkout', 'opened', '2026-01-01T11:00:00Z'),
  ]);
  await sql.refresh();
  expect([await opened(['checkout']), await opened(['search'])]).toEqual([
    [1, 1],
    [0, 0],
  ]);
  await sql.post([incident('search', 'updated', '2026-01-01T11:30:00Z')]);
  await sql.refresh();
  expect([await opened(['checkout']), await opened(['search']), await opened([])]).toEqual([
    [0, 0],
    [1, 1],
    [1, 1],
  ]);
});

describe('one poisoned service', () => {
  test('is quarantined and shown, the others go on, and it comes back when it is well', async () => {
    await sql.limit({ facts_per_service: 5 });
    const troubles: string[] = [];
    const refresher = new Refresher(sql.embedded.maintainer(), {
      onTrouble: (message) => troubles.push(message),
    });
    const status = async () =>
      (await sql.select('select quarantined, pending_services, failing from recompute_status'))[0];
    try {
      const services = Array.from({ length: 7 }, (_, index) => `well-${index}`);
      const poison = Array.from({ length: 6 }, (_, index) =>
        deployment('poison', `d${index}`, `2026-01-01T1${index}:00:00Z`),
      );
      await sql.post([
        ...services.map((service) => deployment(service, 'd1', '2026-01-01T10:00:00Z')),
        ...poison,
      ]);
      await refresher.drain();
      expect(await deploymentsOf(services)).toBe(7);
      expect(await deploymentsOf(['poison'])).toBe(0);
      expect(await status()).toMatchObject({ quarantined: ['poison'], pending_services: 0 });
      expect(troubles.at(-1)).toContain('quarantined');
      await sql.limit();
      await sql.post([deployment('poison', 'd7', '2026-01-01T20:00:00Z')]);
      await refresher.drain();
      expect(await deploymentsOf(['poison'])).toBe(7);
      expect(await status()).toMatchObject({ quarantined: [], pending_services: 0 });
    } finally {
      await sql.limit();
    }
  });
});

test('two refreshers at a time cost time, never truth', async () => {
  const rounds = Array.from({ length: 4 }, (_, round) =>
    Array.from({ length: 5 }, (__, index) =>
      deployment(`service-${index}`, `d${round}`, `2026-01-0${round + 1}T10:00:00Z`),
    ),
  );
  const refreshers = [new Refresher(sql.embedded.maintainer()), new Refresher(sql.embedded.client())];
  for (const facts of rounds) {
    await sql.post(facts);
    await Promise.all(refreshers.map((refresher) => refresher.drain()));
  }
  await sql.refresh();
  expect(await deploymentsOf()).toBe(20);
});

test('a recompute that changes nothing writes nothing but that it has looked', async () => {
  const facts = [deployment('checkout', 'd1', '2026-01-01T10:00:00Z')];
  await sql.post(facts, 'first');
  await sql.refresh();
  const rows = async () =>
    sql.select(`select (select count() from deployments_recomputed) as deployments,
      (select count() from dora_buckets where scope != '') as buckets`);
  const before = await rows();
  await sql.post(facts, 'again');
  await sql.refresh();
  expect(await rows()).toEqual(before);
});
