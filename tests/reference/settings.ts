import { compareIds, groupBy, instant, type RawFact } from './fact.ts';

type Setting =
  | 'team'
  | 'repository'
  | 'tiers'
  | 'attribution_window_seconds'
  | 'detect_rollbacks'
  | 'severity_ranks'
  | 'trivial_lines';

/** What services were, at any instant. All instants are epoch milliseconds. */
export class SettingsHistory {
  readonly #byService: Map<string, RawFact[]>;

  constructor(facts: readonly RawFact[]) {
    this.#byService = groupBy(
      facts.filter((fact) => fact.kind === 'service'),
      (fact) => fact.service ?? '',
    );
  }

  /**
   * The value in force: given last at or before the instant; before the first one, the first one. Several facts
   * of one instant are one entry of the history, the greatest event_id wins.
   */
  #inForce<K extends Setting>(service: string, setting: K, at: number): RawFact[K] | undefined {
    const having = (this.#byService.get(service) ?? [])
      .filter((fact) => fact[setting] !== undefined)
      .sort((a, b) => instant(a.occurred_at) - instant(b.occurred_at) || compareIds(a.event_id, b.event_id));
    const first = having[0];
    if (!first) return undefined;
    const cut = Math.max(at, instant(first.occurred_at));
    return having.filter((fact) => instant(fact.occurred_at) <= cut).at(-1)?.[setting];
  }

  team(service: string, at: number): string | null {
    return this.#inForce(service, 'team', at) ?? null;
  }

  /** The tier of an environment; one that no setting maps is its own tier. */
  tier(service: string | null, environment: string, at: number): string {
    const tiers = service === null ? undefined : this.#inForce(service, 'tiers', at);
    return tiers && Object.hasOwn(tiers, environment) ? (tiers[environment] ?? environment) : environment;
  }

  attributionWindowMs(service: string, at: number): number {
    return (this.#inForce(service, 'attribution_window_seconds', at) ?? 14_400) * 1000;
  }

  detectsRollbacks(service: string, at: number): boolean {
    return this.#inForce(service, 'detect_rollbacks', at) ?? true;
  }
}
