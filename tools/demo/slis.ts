import { dayMs, hourMs, kindOfDay, minuteMs } from './calendar.ts';
import type { DemoSlo } from './definitions.ts';
import { drawFor } from './draw.ts';
import { type Damage, type Fact, iso } from './happenings.ts';
import type { Stretch } from './service-year.ts';

/** The last days are told in windows of five minutes, what is older in hours. */
const fineDays = 30;

/** How many windows an SLO has in a stretch. */
export function windowsOf({ from, until }: Stretch): number {
  const fineFrom = Math.max(from, until - fineDays * dayMs);
  return (fineFrom - from) / hourMs + (until - fineFrom) / (5 * minuteMs);
}

/** The good and total events of one SLO, window by window. */
export function* tellSlis(slo: DemoSlo, stretch: Stretch, damages: readonly Damage[]): Generator<Fact> {
  const draw = drawFor(`${stretch.seed} ${slo.id}`);
  const own = damages.filter(({ service }) => service === slo.service.name).sort((a, b) => a.from - b.from);
  const fineFrom = Math.max(stretch.from, stretch.until - fineDays * dayMs);
  let next = 0;
  let active: Damage[] = [];
  for (let start = stretch.from; start < stretch.until; ) {
    const end = start + (start < fineFrom ? hourMs : 5 * minuteMs);
    for (let damage = own[next]; damage !== undefined && damage.from < end; damage = own[++next])
      active.push(damage);
    active = active.filter(({ until }) => until > start);
    const hurt = active.reduce((share, damage) => {
      const overlap = Math.min(end, damage.until) - Math.max(start, damage.from);
      return share + (Math.max(0, overlap) / (end - start)) * damage.share;
    }, 0);
    const events = draw.times((slo.service.traffic * busyness(start) * (end - start)) / hourMs);
    const bad = Math.min(
      events,
      draw.times(events * Math.min(1, slo.service.background * slo.sensitivity + hurt)),
    );
    yield {
      kind: 'sli',
      slo_id: slo.id,
      window_start: iso(start),
      window_end: iso(end),
      good: events - bad,
      total: events,
      occurred_at: iso(end + 20_000),
      event_id: `demo-${stretch.seed}-${slo.id}-${start / minuteMs}`,
    };
    start = end;
  }
}

/** Traffic at an instant as a share of the busiest, 0 to 1: low at night, lower at weekends. */
function busyness(at: number): number {
  const hour = (at % dayMs) / hourMs;
  const day = 0.12 + 0.88 * Math.max(0, Math.sin(((hour - 5) / 18) * Math.PI));
  return day * (kindOfDay(at - (at % dayMs)) === 'weekend' ? 0.7 : 1);
}
