/** The engine said no. The message is ClickHouse's: `Code: N. DB::Exception: … (NAME)`. */
export class EngineError extends Error {
  /** ClickHouse's error code. */
  readonly code: number;

  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'EngineError';
    // 1002 is ClickHouse's own UNKNOWN_EXCEPTION.
    this.code = Number(/Code: (\d+)/.exec(message)?.[1] ?? 1002);
  }
}
