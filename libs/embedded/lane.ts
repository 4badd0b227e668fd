/** The lane's queue is full: the caller should slow down and try again. */
export class LaneFullError extends Error {
  readonly code = 'LANE_FULL';

  constructor(name: string, queued: number) {
    super(`Too many ${name} queries are waiting (${queued}).`);
    this.name = 'LaneFullError';
  }
}

/** At most `width` at a time, first come first served, a bounded number waiting. */
export class Lane {
  readonly #name: string;
  readonly #width: number;
  readonly #maxQueued: number;
  readonly #waiting: (() => void)[] = [];
  #running = 0;

  constructor(name: string, width: number, maxQueued: number) {
    this.#name = name;
    this.#width = width;
    this.#maxQueued = maxQueued;
  }

  /** @throws LaneFullError when `maxQueued` are waiting already */
  async run<T>(work: () => Promise<T>): Promise<T> {
    await this.#enter();
    try {
      return await work();
    } finally {
      this.#leave();
    }
  }

  async #enter(): Promise<void> {
    if (this.#running < this.#width) {
      this.#running += 1;
      return;
    }
    if (this.#waiting.length >= this.#maxQueued) throw new LaneFullError(this.#name, this.#waiting.length);
    // The place is handed over, not freed: otherwise a newcomer could overtake who waited.
    await new Promise<void>((admitted) => {
      this.#waiting.push(admitted);
    });
  }

  #leave(): void {
    const next = this.#waiting.shift();
    if (next === undefined) this.#running -= 1;
    else next();
  }
}
