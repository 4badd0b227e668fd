import { z } from 'zod';
import { amount, flag, instant, jsonText, oneOf, seconds, text } from './columns.ts';

const sloWindow = z
  .union([
    z.object({ rolling_days: z.number().int() }),
    z.object({ calendar: z.enum(['week', 'month', 'quarter', 'year']), timezone: z.string() }),
  ])
  .meta({ id: 'SloWindow' });

/** Row of `/v1/slos/{id}/budget`. */
export const sloBudgetRow = z
  .object({
    slo_id: text('SLO'),
    service: text('Service'),
    objective: amount('Objective, between 0 and 1'),
    window: jsonText(sloWindow, 'Window of the objective'),
    method: oneOf(['occurrences', 'timeslices', 'ratio_timeslices'], 'How the SLI is put together'),
    good: amount('Good events; slice methods: good slices').nullable(),
    total: amount('All events; slice methods: slices with data').nullable(),
    sli: amount('SLI').nullable(),
    consumed: amount('Share of the whole budget that is consumed, never clamped').nullable(),
    consumed_so_far: amount('Calendar windows: share of the elapsed part’s budget').nullable(),
    remaining: amount('1 − consumed').nullable(),
    budget_minutes: amount('The whole budget, in minutes').nullable(),
    remaining_minutes: amount('What is left of it, in minutes').nullable(),
    raw_sli: amount('SLI without corrections').nullable(),
    raw_consumed: amount('Consumed without corrections').nullable(),
    no_data_share: amount('Share of the elapsed window without data').nullable(),
    exhausts_at: instant('When the budget is used up if yesterday goes on').nullable(),
    state: oneOf(['ok', 'exhausted', 'no_data', 'insufficient_data'], 'State'),
  })
  .meta({ id: 'SloBudget' });

/** Row of `/v1/slos/{id}/burn`. */
export const sloBurnRow = z
  .object({
    alert: oneOf(['page', 'ticket'], 'What it calls for'),
    long_window_seconds: seconds('Long window'),
    short_window_seconds: seconds('Short window'),
    factor: amount('Burn rate at which it fires').nullable(),
    long_burn_rate: amount('Burn rate over the long window').nullable(),
    short_burn_rate: amount('Burn rate over the short window').nullable(),
    firing: flag('Both windows burn at the factor or faster'),
    state: oneOf(['ok', 'firing', 'no_data', 'insufficient_data', 'cannot_fire'], 'State'),
  })
  .meta({ id: 'SloBurn' });
