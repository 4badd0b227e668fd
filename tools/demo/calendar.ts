/** Milliseconds. */
export const minuteMs = 60_000;
export const hourMs = 60 * minuteMs;
export const dayMs = 24 * hourMs;

/** Days on which hardly anybody deploys: public holidays that most of the organization keeps, as month-day. */
const holidays = new Set(['01-01', '01-06', '05-01', '10-03', '11-01', '12-24', '12-25', '12-26', '12-31']);

/** What a day is like for people who deploy. `at` is its UTC midnight, milliseconds since 1970. */
export function kindOfDay(at: number): 'working day' | 'weekend' | 'holiday' | 'freeze' {
  const day = new Date(at);
  const date = day.toISOString().slice(5, 10);
  if (holidays.has(date)) return 'holiday';
  // The sale of the year and the days between the years: only urgent changes.
  if (date >= '11-24' && date <= '11-30') return 'freeze';
  if (date >= '12-20' || date <= '01-03') return 'freeze';
  return day.getUTCDay() === 0 || day.getUTCDay() === 6 ? 'weekend' : 'working day';
}

/** ISO week number's parity, for teams that release every second week. */
export function evenWeek(at: number): boolean {
  return Math.floor((at / dayMs + 3) / 7) % 2 === 0;
}
