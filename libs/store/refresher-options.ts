/** What the refresher is doing. */
export type RefresherState = 'idle' | 'recomputing' | 'waiting for the store' | 'closed';

/** Options of {@link Refresher}. */
export interface RefresherOptions {
  /** Database of the views. Unset: the client's own. */
  readonly database?: string;
  /** First wait after the store was away, milliseconds; doubles up to `maximumWaitMs`. @default 200 */
  readonly minimumWaitMs?: number;
  /** Longest wait between tries, milliseconds. @default 10000 */
  readonly maximumWaitMs?: number;
  /** A look without being poked, for what another process wrote, milliseconds. @default 30000 */
  readonly idleCheckMs?: number;
  /** Rest after a recompute of SLIs that left none waiting, so that a steady stream costs little, milliseconds. @default 500 */
  readonly sliRestMs?: number;
  /** Least rest after a recompute of what deployments cost, milliseconds. @default 15000 */
  readonly costRestMs?: number;
  /** Told of everything that did not go as it should. */
  readonly onTrouble?: (
    message: string,
    detail: { service?: string; services?: number; slo?: string; hours?: number },
  ) => void;
}
