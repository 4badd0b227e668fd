import { type Duration, durationSeconds, parseDuration } from './duration.ts';
import type { Located } from './located.ts';

type Calendar = 'week' | 'month' | 'quarter' | 'year';

/** The window of an SLO as a fact has it, and where its parts stand. */
export interface Window {
  value: { rolling_days: number } | { calendar: Calendar; timezone: string | undefined };
  from: Readonly<Record<string, Located>>;
}

const DAY_SECONDS = 86_400;

/** Calendar periods and the durations that name them. */
const PERIODS: Readonly<Record<string, Calendar>> = {
  '1w': 'week',
  '1M': 'month',
  '1Q': 'quarter',
  '3M': 'quarter',
  '1Y': 'year',
  '12M': 'year',
};

/** The one window of `timeWindow`. */
export function readTimeWindow(spec: Located): Window | undefined {
  const list = spec.required('timeWindow');
  const windows = list.list();
  const [window, second] = windows;
  if (list.isList && window === undefined) return list.problem('missing_field', 'needs a window');
  if (second !== undefined) return second.problem('invalid_value', 'there must be exactly one window');
  if (window === undefined) return undefined;
  window.onlyFields(['duration', 'isRolling', 'calendar'], 'a time window');
  const durationField = window.required('duration');
  const text = durationField.text();
  const calendar = window.field('calendar');
  const rolling = window.field('isRolling').flag();
  if (text === undefined) return undefined;
  const duration = parseDuration(text);
  if (duration === undefined)
    return durationField.problem('invalid_value', 'must be a duration such as 28d, 4w or 1M');
  if (calendar.present && rolling === true)
    return calendar.problem('invalid_value', 'must not be given together with isRolling: true');
  if (calendar.present) return readCalendar(text, duration, durationField, calendar);
  if (rolling !== true) return window.problem('missing_field', 'isRolling: true or calendar is required');
  const seconds = durationSeconds(duration);
  if (seconds === undefined)
    return durationField.problem(
      'not_supported',
      `a rolling window has a fixed length: say it in days, not in ${text}`,
    );
  return { value: { rolling_days: seconds / DAY_SECONDS }, from: { 'window.rolling_days': durationField } };
}

function readCalendar(
  text: string,
  duration: Duration,
  durationField: Located,
  calendar: Located,
): Window | undefined {
  calendar.onlyFields(['startTime', 'timeZone'], 'calendar');
  const zone = calendar.required('timeZone');
  const startField = calendar.required('startTime');
  const period = PERIODS[text];
  if (period === undefined) {
    const hint = duration.unit === 'm' ? `; ${text} is minutes, a month is 1M` : '';
    return durationField.problem('not_supported', `calendar windows are 1w, 1M, 1Q or 1Y long${hint}`);
  }
  const start = startField.text();
  if (start !== undefined) checkStart(start, period, startField);
  return { value: { calendar: period, timezone: zone.text() }, from: { 'window.timezone': zone } };
}

/** Evenkeel's periods begin where the calendar's do; a window that begins elsewhere would be another one. */
function checkStart(text: string, period: Calendar, field: Located): void {
  const match = /^(\d{4})-(\d\d)-(\d\d)(?:[ T](\d\d):(\d\d)(?::(\d\d))?)?$/.exec(text);
  const day = match && new Date(`${match[1]}-${match[2]}-${match[3]}T00:00:00Z`);
  if (!match || !day || Number.isNaN(day.getTime()) || day.getUTCDate() !== Number(match[3])) {
    field.problem('invalid_value', 'must be a date with time and without zone, such as 2026-01-01 00:00:00');
    return;
  }
  const midnight = match.slice(4).every((part) => part === undefined || part === '00');
  const month = day.getUTCMonth();
  const first = day.getUTCDate() === 1;
  const natural = {
    week: day.getUTCDay() === 1,
    month: first,
    quarter: first && month % 3 === 0,
    year: first && month === 0,
  }[period];
  if (natural && midnight) return;
  const wanted = {
    week: 'on a Monday',
    month: 'on the first of a month',
    quarter: 'on the first of January, April, July or October',
    year: 'on the first of January',
  }[period];
  field.problem('not_supported', `a calendar ${period} begins ${wanted} at 00:00:00`);
}
