import { compareIds, distinctFacts, instant, iso, type RawFact } from './fact.ts';
import { type Evidence, readEvidence } from './sli-evidence.ts';
import { cutToMinute } from './slo-budget.ts';
import { type Slo, sloDefinitions, sloInForce } from './slo-definition.ts';
import { periodAt } from './slo-period.ts';
import { burnRate, round9, tally } from './slo-spending.ts';

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;

const alerts = [
  { alert: 'page', long: hourMs, short: hourMs / 12, share: 0.02, shortWindowShare: 0.08 },
  { alert: 'page', long: 6 * hourMs, short: hourMs / 2, share: 0.05, shortWindowShare: 0.125 },
  { alert: 'ticket', long: dayMs, short: 2 * hourMs, share: 0.1, shortWindowShare: 0.2 },
  { alert: 'ticket', long: 3 * dayMs, short: 6 * hourMs, share: 0.1, shortWindowShare: 0.42 },
];

/** What each alert of an SLO says at an instant that stands on a minute: pages, tickets, by long window. */
function burnAt(slo: Slo, evidence: Evidence, at: number) {
  const { start, end } = periodAt(slo, at);
  const length = end - start;
  const burn = (range: number) => {
    const found = tally(slo, evidence, at - range, at);
    return { events: found.events, rate: burnRate(slo, found, at - range, at) };
  };
  return alerts
    .filter(({ long }) => long <= length / 2)
    .map(({ alert, long, short, share, shortWindowShare }) => {
      const used = length < 14 * dayMs ? shortWindowShare : share;
      const factor = Math.max(1, (used * length) / long);
      const [longBurn, shortBurn] = [burn(long), burn(short)];
      const above = (rate: number | null) => rate !== null && round9(rate) >= round9(factor);
      let state = above(longBurn.rate) && above(shortBurn.rate) ? 'firing' : 'ok';
      if (round9(factor) >= round9(1 / slo.budget)) state = 'cannot_fire';
      else if (longBurn.rate === null) state = 'no_data';
      else if (round9(longBurn.events) < round9(slo.minimumEvents)) state = 'insufficient_data';
      return {
        alert,
        long_window_seconds: long / 1000,
        short_window_seconds: short / 1000,
        factor,
        long_burn_rate: longBurn.rate,
        short_burn_rate: shortBurn.rate,
        firing: state === 'firing',
        state,
      };
    });
}

/** The rows of /v1/slos/{id}/burn at an instant (cut to the minute); none when unknown or retired. */
export function sloBurn(facts: readonly RawFact[], sloId: string, asked: string) {
  const distinct = distinctFacts(facts);
  const at = cutToMinute(asked);
  const slo = sloInForce(sloDefinitions(distinct, sloId), at);
  return slo ? burnAt(slo, readEvidence(distinct, sloId), at) : [];
}

/** What `/v1/slos/{id}/alerts` is asked. Instants are RFC 3339. */
export interface BurnHistoryParams {
  slo_ids: string[];
  since: string;
  until: string;
  now: string;
}

/** One maximal run of minutes in which an alert fires. */
interface Episode {
  slo_id: string;
  alert: string;
  long_window_seconds: number;
  short_window_seconds: number;
  /** Of its first minute. */
  factor: number;
  fired_at: string | null;
  resolved_at: string | null;
  peak_long_burn_rate: number;
}

/** Every whole minute of [since, until) that has come is judged; a row per run of firing minutes. */
export function sloBurnHistory(facts: readonly RawFact[], params: BurnHistoryParams): Episode[] {
  const distinct = distinctFacts(facts);
  const first = Math.ceil(instant(params.since) / minuteMs) * minuteMs;
  const last = Math.min(instant(params.until) - 1, instant(params.now));
  const episodes: Episode[] = [];
  for (const sloId of [...params.slo_ids].sort(compareIds)) {
    const definitions = sloDefinitions(distinct, sloId);
    const evidence = readEvidence(distinct, sloId);
    const running = new Map<number, Episode>();
    for (let minute = first; minute <= last; minute += minuteMs) {
      const slo = sloInForce(definitions, minute);
      const firing = (slo ? burnAt(slo, evidence, minute) : []).filter((row) => row.firing);
      for (const [long, episode] of running) {
        if (firing.some((row) => row.long_window_seconds === long)) continue;
        episode.resolved_at = iso(minute);
        running.delete(long);
      }
      for (const { alert, long_window_seconds, short_window_seconds, factor, long_burn_rate } of firing) {
        const rate = long_burn_rate ?? 0;
        const episode = running.get(long_window_seconds);
        if (episode) {
          episode.peak_long_burn_rate = Math.max(episode.peak_long_burn_rate, rate);
          continue;
        }
        const begun: Episode = {
          slo_id: sloId,
          alert,
          long_window_seconds,
          short_window_seconds,
          factor,
          fired_at: iso(minute),
          resolved_at: null,
          peak_long_burn_rate: rate,
        };
        running.set(long_window_seconds, begun);
        episodes.push(begun);
      }
    }
  }
  return episodes.sort(
    (a, b) =>
      compareIds(a.slo_id, b.slo_id) ||
      a.long_window_seconds - b.long_window_seconds ||
      compareIds(a.fired_at ?? '', b.fired_at ?? ''),
  );
}
