import { hourMs, minuteMs } from './calendar.ts';
import { drawFor } from './draw.ts';
import { type Happenings, iso } from './happenings.ts';
import { outageWave } from './organization.ts';
import type { Stretch } from './service-year.ts';

/** The wave: one dependency fails several times and takes others along. Nobody's deployment did it. */
export function tellOutages(stretch: Stretch, happenings: Happenings): void {
  const draw = drawFor(`${stretch.seed} outages`);
  const length = stretch.until - stretch.from;
  for (let outage = 1; outage <= outageWave.outages; outage += 1) {
    const share =
      outageWave.from + ((outage - draw.share()) / outageWave.outages) * (outageWave.until - outageWave.from);
    const from = stretch.from + share * length;
    const until = from + draw.around(75, 0.5) * minuteMs;
    for (const service of [outageWave.service, ...outageWave.takesAlong]) {
      const own = service === outageWave.service;
      happenings.damages.push({ service, from, until, share: own ? 0.35 : draw.between(0.02, 0.12) });
      if (!own && !draw.chance(0.5)) continue;
      const incident = `demo:outage-${stretch.seed}-${outage}-${service}`;
      const told = (transition: string, at: number, more: object = {}): void => {
        happenings.facts.push({
          kind: 'incident',
          incident_id: incident,
          transition,
          service,
          occurred_at: iso(at),
          event_id: `${incident} ${transition}`,
          ...more,
        });
      };
      told('opened', from + draw.between(2, 9) * minuteMs, {
        severity: own ? 'sev1' : 'sev2',
        title: own ? 'identity: session store fails over' : `${service}: sign-in fails`,
        detected_by: 'monitoring',
      });
      told('mitigated', until);
      told('resolved', until + draw.between(0.5, 4) * hourMs);
    }
  }
}
