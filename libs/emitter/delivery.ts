/** What became of everything an emitter was told, once it has shut down. */
export type Delivery =
  | { outcome: 'delivered' }
  /** `OTEL_SDK_DISABLED=true`: nothing was sent, on purpose. */
  | { outcome: 'disabled' }
  /** Some of it did not arrive, or was not understood; `reason` is one line for people. */
  | { outcome: 'failed'; reason: string };

interface ExportResult {
  code: number;
  error?: Error;
}

interface Exporter<Item> {
  export(items: Item[], done: (result: ExportResult) => void): void;
  shutdown(): Promise<void>;
  forceFlush?(): Promise<void>;
}

/** Collects the first thing that went wrong; the SDK itself keeps export failures to its diagnostics. */
export class DeliveryRecord {
  #reason: string | undefined;

  failed(reason: string): void {
    this.#reason ??= reason.replace(/\s+/g, ' ').trim();
  }

  summary(): Delivery {
    return this.#reason === undefined
      ? { outcome: 'delivered' }
      : { outcome: 'failed', reason: this.#reason };
  }

  /** The same exporter, with its failures noted here. */
  watch<Item>(exporter: Exporter<Item>): Required<Exporter<Item>> {
    return {
      export: (items, done) =>
        exporter.export(items, (result) => {
          if (result.code !== 0) this.failed(describe(result.error));
          done(result);
        }),
      shutdown: () => exporter.shutdown(),
      forceFlush: () => exporter.forceFlush?.() ?? Promise.resolve(),
    };
  }
}

function describe(error: Error | undefined): string {
  if (error === undefined) return 'the export failed';
  const code = 'code' in error && error.code !== undefined ? ` (${String(error.code)})` : '';
  // Node's connection errors to a name with several addresses have an empty message and carry the rest inside.
  const nested = error instanceof AggregateError ? error.errors.map((inner) => String(inner.message)) : [];
  const message = error.message || nested.join('; ') || error.name;
  return message.includes(code.slice(2, -1)) && code !== '' ? message : `${message}${code}`;
}
