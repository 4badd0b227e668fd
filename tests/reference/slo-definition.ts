import { instant, type RawFact } from './fact.ts';

const dayMs = 86_400_000;

/** An SLO's window, as its definition says it. */
type SloWindow = { rolling_days: number } | { calendar: string; timezone: string };

/** One definition of an SLO. */
export interface Slo {
  id: string;
  service: string;
  /** null: every environment of tier production. */
  environment: string | null;
  objective: number;
  window: SloWindow;
  /** Length of a rolling window in milliseconds; null: calendar. */
  rollingMs: number | null;
  method: string;
  /** Budget as a share: 1 − objective. */
  budget: number;
  /** Length of a slice in milliseconds; null: the method is occurrences. */
  sliceMs: number | null;
  /** Ratio from which a slice is good; null: a slice is as good as its ratio. */
  sliceTarget: number | null;
  silenceIsBad: boolean;
  minimumEvents: number;
  retired: boolean;
  /** Epoch milliseconds. */
  saidAt: number;
}

function windowOf(fact: RawFact): SloWindow {
  const { rolling_days, calendar, timezone } = fact.window ?? {};
  if (rolling_days !== undefined) return { rolling_days };
  if (calendar === undefined || timezone === undefined) throw new Error(`no window: ${fact.event_id}`);
  return { calendar, timezone };
}

function definition(fact: RawFact): Slo {
  const { slo_id: id, service, objective, method } = fact;
  if (id === undefined || service === undefined || objective === undefined || method === undefined) {
    throw new Error(`not a definition: ${fact.event_id}`);
  }
  const window = windowOf(fact);
  return {
    id,
    service,
    environment: fact.environment ?? null,
    objective,
    window,
    rollingMs: 'rolling_days' in window ? window.rolling_days * dayMs : null,
    method,
    budget: 1 - objective,
    sliceMs: method === 'occurrences' ? null : (fact.slice_seconds ?? 60) * 1000,
    sliceTarget: method === 'timeslices' ? (fact.slice_target ?? null) : null,
    silenceIsBad: fact.no_data === 'bad',
    minimumEvents: fact.minimum_events ?? 0,
    retired: fact.retired ?? false,
    saidAt: instant(fact.occurred_at),
  };
}

/** All definitions of an SLO in their order; they replace each other as a whole. `facts` are distinct and in order. */
export function sloDefinitions(facts: readonly RawFact[], sloId: string): Slo[] {
  return facts.filter((fact) => fact.kind === 'slo' && fact.slo_id === sloId).map(definition);
}

/** The definition in force at an instant; before the first one the first one; null when there is none or it is retired. */
export function sloInForce(definitions: readonly Slo[], at: number): Slo | null {
  const [first] = definitions;
  if (!first) return null;
  const cut = Math.max(at, first.saidAt);
  const slo = definitions.findLast((one) => one.saidAt <= cut) ?? first;
  return slo.retired ? null : slo;
}
