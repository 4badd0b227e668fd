/** Bounds of what is kept. */
export interface ReuseLimits {
  /** Oldest value that is used again, in milliseconds. */
  readonly maximumAgeMs: number;
  /** @minimum 1 */
  readonly maximumEntries: number;
  readonly maximumBytes: number;
}

interface Entry<Value> {
  readonly version: string;
  /** What was taken for now when it was made, milliseconds since 1970. */
  readonly madeAt: number;
  readonly value: Promise<Value>;
  /** 0 until it is made. */
  bytes: number;
}

/**
 * Values that are used again for a moment, as long as what they were made from stays the same. Who asks for one that
 * is being made waits for it instead of making another; one that cannot be made is not kept.
 */
export class Reuse<Value> {
  readonly #limits: ReuseLimits;
  readonly #bytesOf: (value: Value) => number;
  /** The oldest first. */
  readonly #entries = new Map<string, Entry<Value>>();
  #bytes = 0;

  constructor(limits: ReuseLimits, bytesOf: (value: Value) => number) {
    this.#limits = limits;
    this.#bytesOf = bytesOf;
  }

  /**
   * @param key whatever decides the value, but for its version and now
   * @param version another one when the value may have become another; read after the value was asked for
   */
  get(key: string, version: string, now: Date, make: () => Promise<Value>): Promise<Value> {
    const nowMs = now.getTime();
    const kept = this.#entries.get(key);
    if (kept?.version === version && this.#isFresh(kept, nowMs)) return kept.value;
    this.#drop(key);
    this.#dropOld(nowMs);
    const entry: Entry<Value> = { version, madeAt: nowMs, value: make(), bytes: 0 };
    this.#entries.set(key, entry);
    entry.value.then(
      (value) => this.#count(key, entry, this.#bytesOf(value)),
      () => this.#dropEntry(key, entry),
    );
    this.#makeRoom();
    return entry.value;
  }

  #isFresh({ madeAt }: Entry<Value>, nowMs: number): boolean {
    // A clock that was set back makes it as unusable as one that went on.
    return Math.abs(nowMs - madeAt) < this.#limits.maximumAgeMs;
  }

  #count(key: string, entry: Entry<Value>, bytes: number): void {
    if (this.#entries.get(key) !== entry) return;
    entry.bytes = bytes;
    this.#bytes += bytes;
    this.#makeRoom();
  }

  #makeRoom(): void {
    for (const key of this.#entries.keys()) {
      if (this.#entries.size <= this.#limits.maximumEntries && this.#bytes <= this.#limits.maximumBytes)
        return;
      this.#drop(key);
    }
  }

  #dropOld(nowMs: number): void {
    for (const [key, entry] of this.#entries) {
      if (this.#isFresh(entry, nowMs)) return;
      this.#drop(key);
    }
  }

  #dropEntry(key: string, entry: Entry<Value>): void {
    if (this.#entries.get(key) === entry) this.#drop(key);
  }

  #drop(key: string): void {
    this.#bytes -= this.#entries.get(key)?.bytes ?? 0;
    this.#entries.delete(key);
  }
}
