/** The state of one part of a process. */
export interface PartState {
  readonly ready: boolean;
  /** Why it is not ready, or what is worth knowing. */
  readonly detail: string;
}

/** Sets the state of one part. */
export interface ReadinessPart {
  ready(detail?: string): void;
  notReady(detail: string): void;
}

/** The answer of `/readyz`. */
export interface ReadinessReport {
  readonly ready: boolean;
  readonly parts: Readonly<Record<string, PartState>>;
}

/** What decides whether a process takes work, part by part. */
export interface Readiness {
  /** Registers a part that says by itself how it is; it starts as not ready. */
  part(name: string): ReadinessPart;
  /** Registers a part that is asked each time. A probe that throws is not ready; one that takes longer than a second neither. */
  probe(name: string, ask: () => Promise<PartState> | PartState): void;
  report(): Promise<ReadinessReport>;
}

const probeTimeoutMs = 1_000;

/** Creates an empty registry: ready until a part says otherwise. */
export function createReadiness(): Readiness {
  const probes = new Map<string, () => Promise<PartState> | PartState>();
  return {
    part(name) {
      let state: PartState = { ready: false, detail: 'starting' };
      probes.set(name, () => state);
      return {
        ready(detail = '') {
          state = { ready: true, detail };
        },
        notReady(detail) {
          state = { ready: false, detail };
        },
      };
    },
    probe(name, ask) {
      probes.set(name, ask);
    },
    async report() {
      const states = await Promise.all(
        [...probes].map(async ([name, ask]) => [name, await askWithin(ask, probeTimeoutMs)] as const),
      );
      return { ready: states.every(([, state]) => state.ready), parts: Object.fromEntries(states) };
    },
  };
}

async function askWithin(ask: () => Promise<PartState> | PartState, timeoutMs: number): Promise<PartState> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<PartState>((resolve) => {
    timer = setTimeout(() => resolve({ ready: false, detail: `no answer in ${timeoutMs} ms` }), timeoutMs);
  });
  try {
    return await Promise.race([Promise.resolve().then(ask), late]);
  } catch (error) {
    return { ready: false, detail: error instanceof Error ? error.message : String(error) };
  } finally {
    clearTimeout(timer);
  }
}
