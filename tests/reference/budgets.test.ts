import { describe, expect, it } from 'vitest';
import { iso, minuteMs, type Posted } from './names.ts';
import { received } from './received.ts';
import { sloBudget, sloBudgetHistory } from './slo-budget.ts';
import { sloBurn, sloBurnHistory } from './slo-burn.ts';
import { calendarPeriod } from './slo-period.ts';

/** Worked out by hand, each from a sentence of the page. */
const day = Date.parse('2025-06-10T00:00:00Z');

const slo = (definition: Posted) =>
  received({
    kind: 'slo',
    occurred_at: '2025-01-01T00:00:00Z',
    slo_id: 's',
    service: 'checkout',
    objective: 0.99,
    window: { rolling_days: 1 },
    method: 'occurrences',
    ...definition,
  });

const sli = (start: number, minutes: number, good: number, bad: number) =>
  received({
    kind: 'sli',
    slo_id: 's',
    good,
    bad,
    window_start: iso(start),
    window_end: iso(start + minutes * minuteMs),
    occurred_at: iso(start + minutes * minuteMs),
  });

const correction = (starts: number, ends: number) =>
  received({
    kind: 'correction',
    correction_id: 'c',
    slo_id: 's',
    starts_at: iso(starts),
    ends_at: iso(ends),
    category: 'maintenance',
    reason: 'planned',
    by: 'duty',
    occurred_at: iso(ends + 1e9),
  });

/** Windows in a row, minutes apart: numbers of good and bad events. */
const row = (start: number, minutes: number, numbers: [number, number][]) =>
  numbers.map(([good, bad], index) => sli(start + index * minutes * minuteMs, minutes, good, bad));

const repeat = (times: number, numbers: [number, number]) => Array.from({ length: times }, () => numbers);

describe('budgets by hand', () => {
  it('spends half, and twice, of 28 days at 99 %', () => {
    const window = { rolling_days: 28 };
    const at = iso(day);
    expect(sloBudget([slo({ window }), sli(day - 3e6, 1, 995, 5)], 's', at)).toMatchObject({
      consumed: expect.closeTo(0.5, 9),
      budget_minutes: expect.closeTo(403.2, 9),
      remaining_minutes: expect.closeTo(201.6, 9),
    });
    expect(sloBudget([slo({ window }), sli(day - 3e6, 1, 98, 2)], 's', at)).toMatchObject({
      consumed: expect.closeTo(2, 9),
      remaining_minutes: expect.closeTo(-403.2, 9),
    });
  });

  it('projects the total of a month of 743 hours', () => {
    const window = { calendar: 'month', timezone: 'Europe/Berlin' };
    const began = Date.parse('2025-02-28T23:00:00Z');
    const facts = [slo({ window }), sli(began, 60, 99, 1)];
    const at = iso(began + 240 * 60 * minuteMs);
    expect(sloBudget(facts, 's', at)).toMatchObject({
      consumed: expect.closeTo(240 / 743, 9),
      consumed_so_far: expect.closeTo(1, 9),
      budget_minutes: expect.closeTo(7.43 * 60, 9),
      no_data_share: expect.closeTo(239 / 240, 9),
    });
    expect(sloBudget(facts, 's', iso(began))).toMatchObject({
      state: 'no_data',
      consumed: null,
      no_data_share: null,
    });
  });

  it('counts slices against all slices of W, and silence after two minutes', () => {
    const method = { method: 'timeslices', slice_target: 0.9 };
    const numbers: [number, number][] = [
      [9, 1],
      [8, 2],
      [1, 9],
      [10, 0],
    ];
    const facts = row(day, 1, numbers);
    const at = (minutes: number) => iso(day + minutes * minuteMs);
    expect(sloBudget([slo(method), ...facts], 's', at(60))).toMatchObject({
      good: 2,
      total: 4,
      sli: 0.5,
      consumed: expect.closeTo(2 / 14.4, 9),
      no_data_share: expect.closeTo(1436 / 1440, 9),
    });
    const strict = slo({ ...method, no_data: 'bad' });
    // Of minutes 4–59 without data the last that ended two minutes before is 57; nothing before the first datum.
    expect(sloBudget([strict, ...facts], 's', at(60))).toMatchObject({
      total: 4,
      sli: 0.5,
      consumed: expect.closeTo((2 + 54) / 14.4, 9),
    });
    const ratio = slo({ method: 'ratio_timeslices' });
    expect(sloBudget([ratio, ...facts], 's', at(60))).toMatchObject({
      sli: expect.closeTo(0.7, 9),
      consumed: expect.closeTo(1.2 / 14.4, 9),
    });
  });

  it('takes corrected slices out by their start, and leaves raw values', () => {
    const facts = [slo({ method: 'timeslices', slice_target: 1 }), ...row(day, 1, repeat(10, [1, 1]))];
    // From 2 min 30 s: minute 2 stays whole, minute 5 goes whole.
    const cut = correction(day + 2.5 * minuteMs, day + 5.5 * minuteMs);
    expect(sloBudget([...facts, cut], 's', iso(day + 60 * minuteMs))).toMatchObject({
      total: 7,
      consumed: expect.closeTo(7 / 14.4, 9),
      raw_consumed: expect.closeTo(10 / 14.4, 9),
    });
  });

  it('foretells when a calendar week is spent at the pace of the last 24 h', () => {
    const window = { calendar: 'week', timezone: 'UTC' };
    const monday = Date.parse('2025-06-09T00:00:00Z');
    const facts = [
      slo({ window, method: 'timeslices', slice_target: 1 }),
      ...row(monday, 1, repeat(40, [0, 1])),
    ];
    // 100.8 bad slices spend it: 40 by Monday, 40 on Tuesday, the rest by the end of Wednesday's minute 20.
    expect(sloBudget(facts, 's', iso(monday + 1440 * minuteMs))?.exhausts_at).toBe(
      '2025-06-11T00:21:00.000Z',
    );
    expect(sloBudget(facts, 's', iso(monday + 4 * 1440 * minuteMs))?.exhausts_at).toBeNull();
  });
});

describe('alerts by hand', () => {
  it('fires from the minute in which both windows reach the factor until one does not', () => {
    const month = slo({ objective: 0.999, window: { rolling_days: 30 } });
    const facts = [
      month,
      ...row(day, 1, [...repeat(60, [100, 0]), ...repeat(5, [50, 50]), ...repeat(20, [100, 0])]),
    ];
    const minute = (minutes: number) => iso(day + minutes * minuteMs);
    expect(sloBurn(facts, 's', minute(62))[0]).toMatchObject({
      firing: true,
      factor: expect.closeTo(14.4, 9),
    });
    // 1 h: one bad minute burns at 8.3, two at 16.7; 5 min: the last of them leaves after minute 70.
    const hour = sloBurnHistory(facts, {
      slo_ids: ['s'],
      since: minute(0),
      until: minute(120),
      now: minute(120),
    }).filter((episode) => episode.long_window_seconds === 3600);
    expect(hour).toEqual([
      {
        slo_id: 's',
        alert: 'page',
        long_window_seconds: 3600,
        short_window_seconds: 300,
        factor: expect.closeTo(14.4, 9),
        fired_at: minute(62),
        resolved_at: minute(70),
        peak_long_burn_rate: expect.closeTo(250 / 6000 / 0.001, 9),
      },
    ]);
  });

  it('says what cannot fire: 14.4 times a tenth is more than everything', () => {
    const states = sloBurn([slo({ objective: 0.9, window: { rolling_days: 30 } })], 's', iso(day));
    expect(states.map((row) => row.state)).toEqual(['cannot_fire', 'no_data', 'no_data', 'no_data']);
  });
});

describe('days by hand', () => {
  it('judges each day by its own definition, and none that is retired', () => {
    const facts = [
      slo({}),
      slo({ objective: 0.9, occurred_at: iso(day + 1440 * minuteMs) }),
      slo({ retired: true, occurred_at: iso(day + 3 * 1440 * minuteMs) }),
      sli(day + minuteMs, 1440, 99, 1),
    ];
    const rows = sloBudgetHistory(facts, {
      slo_ids: ['s'],
      since: iso(day - 1440 * minuteMs),
      until: iso(day + 5 * 1440 * minuteMs),
      tz: 'UTC',
      now: iso(day + 3.5 * 1440 * minuteMs),
    });
    expect(rows.map((one) => [one.at, one.objective, one.state, one.consumed])).toEqual([
      [iso(day), 0.99, 'no_data', null],
      [iso(day + 1440 * minuteMs), 0.9, 'ok', expect.closeTo(0.1, 9)],
      [iso(day + 2 * 1440 * minuteMs), 0.9, 'no_data', null],
    ]);
  });

  it('shows the whole month on its last day', () => {
    const window = { calendar: 'month', timezone: 'UTC' };
    const may = Date.parse('2025-05-01T00:00:00Z');
    const end = iso(may + 31 * 1440 * minuteMs);
    const rows = sloBudgetHistory([slo({ window }), sli(may, 60, 99, 1)], {
      slo_ids: ['s'],
      since: iso(may + 30 * 1440 * minuteMs),
      until: iso(may + 32 * 1440 * minuteMs),
      tz: 'UTC',
      now: iso(may + 31 * 1440 * minuteMs + 1),
    });
    expect(rows.map((one) => [one.at, one.consumed, one.no_data_share])).toEqual([
      [end, expect.closeTo(1, 9), expect.closeTo(1 - 1 / 744, 9)],
      [end, null, null],
    ]);
  });
});

describe('calendar periods by hand', () => {
  it.each([
    [
      '2025-03-30T12:00:00Z',
      'month',
      'Europe/Berlin',
      '2025-02-28T23:00:00.000Z',
      '2025-03-31T22:00:00.000Z',
    ],
    [
      '2024-12-31T12:00:00Z',
      'week',
      'Pacific/Kiritimati',
      '2024-12-29T10:00:00.000Z',
      '2025-01-05T10:00:00.000Z',
    ],
    ['2025-01-01T10:59:59Z', 'year', 'Pacific/Niue', '2024-01-01T11:00:00.000Z', '2025-01-01T11:00:00.000Z'],
    [
      '2024-02-29T12:00:00Z',
      'quarter',
      'Asia/Kathmandu',
      '2023-12-31T18:15:00.000Z',
      '2024-03-31T18:15:00.000Z',
    ],
    [
      '2025-04-10T00:00:00Z',
      'month',
      'Australia/Lord_Howe',
      '2025-03-31T13:00:00.000Z',
      '2025-04-30T13:30:00.000Z',
    ],
    // No midnight on the first of October, and two on the first of November.
    [
      '2023-10-01T12:00:00Z',
      'month',
      'America/Asuncion',
      '2023-10-01T04:00:00.000Z',
      '2023-11-01T03:00:00.000Z',
    ],
    [
      '2020-11-01T12:00:00Z',
      'month',
      'America/Havana',
      '2020-11-01T04:00:00.000Z',
      '2020-12-01T05:00:00.000Z',
    ],
  ])('%s is in the %s of %s', (at, calendar, timezone, start, end) => {
    const period = calendarPeriod(Date.parse(at), calendar, timezone);
    expect([iso(period.start), iso(period.end)]).toEqual([start, end]);
  });
});
