import { z } from 'zod';
import { amount, count, flag, instant, jsonText, oneOf, rate, text } from './columns.ts';

const sloWindow = z
  .union([
    z.object({ rolling_days: z.number() }),
    z.object({ calendar: z.enum(['week', 'month', 'quarter', 'year']), timezone: z.string() }),
  ])
  .meta({ id: 'SloWindow' });

const budget = {
  good: amount('Good events of the window, without corrected ones; slice methods: good slices'),
  total: amount('All events of the window, without corrected ones; slice methods: slices with data'),
  sli: amount('SLI, between 0 and 1').nullable(),
  consumed: amount('Share of the whole budget that is spent, never clamped').nullable(),
  consumed_so_far: amount(
    'Calendar windows: consumed × length / elapsed; rolling ones: the same as consumed',
  ).nullable(),
  remaining: amount('1 − consumed').nullable(),
  budget_minutes: amount('The whole budget, in minutes'),
  remaining_minutes: amount('What is left of it, in minutes').nullable(),
  raw_sli: amount('SLI without corrections').nullable(),
  raw_consumed: amount('Consumed without corrections').nullable(),
  no_data_share: rate('Share of the elapsed window without data; null: nothing has elapsed').nullable(),
  exhausts_at: instant('When the budget is used up if the last 24 hours repeat').nullable(),
  state: oneOf(['ok', 'exhausted', 'no_data', 'insufficient_data'], 'State'),
};

const METHODS = ['occurrences', 'timeslices', 'ratio_timeslices'] as const;

/** Row of `/v1/slos`: the definition in force, and its budget; null where no budget is computed. */
export const sloRow = z
  .object({
    slo_id: text('SLO'),
    title: text('Title').nullable(),
    service: text('Service that it watches'),
    environment: text('Environment that it watches; null: all of tier production').nullable(),
    objective: amount('Objective, between 0 and 1'),
    window: jsonText(sloWindow, 'Window of the objective'),
    method: oneOf(METHODS, 'How the SLI is put together'),
    slice_seconds: count('Length of a slice, in seconds'),
    slice_target: amount('Ratio from which a slice is good').nullable(),
    no_data: oneOf(['ignored', 'bad'], 'What a slice without data is'),
    minimum_events: amount('Fewer events than this in a window: insufficient_data'),
    ...budget,
    good: budget.good.nullable(),
    total: budget.total.nullable(),
    budget_minutes: budget.budget_minutes.nullable(),
    state: budget.state.nullable(),
  })
  .meta({ id: 'Slo' });

/** Row of `/v1/slos/{id}/budget`. */
export const sloBudgetRow = z
  .object({
    slo_id: text('SLO'),
    service: text('Service that it watches'),
    objective: amount('Objective, between 0 and 1'),
    window: jsonText(sloWindow, 'Window of the objective'),
    method: oneOf(METHODS, 'How the SLI is put together'),
    ...budget,
  })
  .meta({ id: 'SloBudget' });

const { exhausts_at: _, ...budgetOfDay } = budget;

/** Row of `/v1/slos/{id}/history`: the budget at the end of a local day. */
export const sloDayRow = z
  .object({
    slo_id: text('SLO'),
    day_start: instant('First instant of the day; may lie before the range'),
    at: instant('End of the day, or now cut to the minute: end of the window'),
    objective: amount('Objective in force then, between 0 and 1'),
    window: jsonText(sloWindow, 'Window of the objective'),
    method: oneOf(METHODS, 'How the SLI is put together'),
    ...budgetOfDay,
  })
  .meta({ id: 'SloDay' });

/** Row of `/v1/slos/{id}/burn`. */
export const sloBurnRow = z
  .object({
    slo_id: text('SLO'),
    alert: oneOf(['page', 'ticket'], 'What it calls for'),
    long_window_seconds: count('Length of the long window, in seconds'),
    short_window_seconds: count('Length of the short window, in seconds'),
    factor: amount('Burn rate from which it fires'),
    long_burn_rate: amount('Burn rate over the long window').nullable(),
    short_burn_rate: amount('Burn rate over the short window').nullable(),
    firing: flag('Both windows burn at the factor or faster'),
    state: oneOf(['ok', 'firing', 'no_data', 'insufficient_data', 'cannot_fire'], 'State'),
  })
  .meta({ id: 'SloBurn' });

/** Row of `/v1/slos/{id}/alerts`: a run of minutes in which an alert fired. */
export const sloAlertRow = z
  .object({
    slo_id: text('SLO'),
    alert: oneOf(['page', 'ticket'], 'What it calls for'),
    long_window_seconds: count('Length of the long window, in seconds'),
    short_window_seconds: count('Length of the short window, in seconds'),
    factor: amount('Burn rate from which it fires, at its first minute'),
    fired_at: instant('First minute at which it fires; cut by the range'),
    resolved_at: instant(
      'First minute after it that does not fire; null: it fires until the range ends',
    ).nullable(),
    peak_long_burn_rate: amount('Highest burn rate of the long window meanwhile'),
  })
  .meta({ id: 'SloAlert' });
