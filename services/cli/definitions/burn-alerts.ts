import type { SloFact } from '@evenkeel/events';

const DAY_SECONDS = 86_400;
/** Below this length of the window the shares for short windows stand. */
const SHORT_WINDOW_SECONDS = 14 * DAY_SECONDS;
/** Longest period of each calendar window, days. */
const LONGEST_PERIOD_DAYS = { week: 7, month: 31, quarter: 92, year: 366 };

/**
 * The burn alerts as `sql/` has them: what they call for, the long and the short window, and the share of the budget
 * that the long window may burn. A test compares them with the view `slo_burn`.
 */
const ALERTS = [
  { alert: 'page', long: '1 h', short: '5 min', longSeconds: 3600, share: 0.02, shortWindowShare: 0.08 },
  { alert: 'page', long: '6 h', short: '30 min', longSeconds: 21_600, share: 0.05, shortWindowShare: 0.125 },
  { alert: 'ticket', long: '1 d', short: '2 h', longSeconds: 86_400, share: 0.1, shortWindowShare: 0.2 },
  { alert: 'ticket', long: '3 d', short: '6 h', longSeconds: 259_200, share: 0.1, shortWindowShare: 0.42 },
] as const;

/** An alert that no badness can set off. */
export interface SilentAlert {
  alert: 'page' | 'ticket';
  longSeconds: number;
  message: string;
}

/**
 * The burn alerts that can never fire for this objective and window: the burn rate at which they fire is at least the
 * greatest that is possible, 1 / (1 - objective). Of calendar windows the longest period is judged.
 */
export function alertsThatCannotFire(slo: Pick<SloFact, 'objective' | 'window'>): SilentAlert[] {
  const seconds = windowSeconds(slo.window);
  const greatest = 1 / Number((1 - slo.objective).toFixed(12));
  return ALERTS.filter(({ longSeconds }) => longSeconds * 2 <= seconds).flatMap((each) => {
    const share = seconds < SHORT_WINDOW_SECONDS ? each.shortWindowShare : each.share;
    const factor = Math.max(1, (share * seconds) / each.longSeconds);
    if (factor.toFixed(9) !== greatest.toFixed(9) && factor < greatest) return [];
    const { alert, long, short, longSeconds } = each;
    const message = `the ${alert} alert over ${long} and ${short} cannot fire: it asks for a burn rate of ${shown(factor)}, and with objective ${slo.objective} none is above ${shown(greatest)}`;
    return [{ alert, longSeconds, message }];
  });
}

function windowSeconds(window: SloFact['window']): number {
  const days = 'calendar' in window ? LONGEST_PERIOD_DAYS[window.calendar] : window.rolling_days;
  return days * DAY_SECONDS;
}

function shown(value: number): string {
  return String(Number(value.toFixed(3)));
}
