/** One error a caller of an HTTP endpoint can meet. */
export interface ErrorDefinition {
  /** HTTP status code. */
  readonly status: number;
  /** One sentence that never changes for a code; what is special about an occurrence goes into `detail`. */
  readonly title: string;
  /** True when the same request, sent again unchanged, can succeed. */
  readonly retriable: boolean;
}

/** Every code an HTTP answer can carry. Codes are stable: add, never rename. `docs/errors.md` repeats this table. */
export const errorCatalogue = {
  invalid_parameter: {
    status: 400,
    title: 'A parameter is unknown or has an invalid value',
    retriable: false,
  },
  malformed_body: {
    status: 400,
    title: 'The body is not what its content type promises',
    retriable: false,
  },
  unauthorized: { status: 401, title: 'A valid bearer token is needed', retriable: false },
  foreign_page: {
    status: 403,
    title: 'Without tokens, only requests to this machine by its own names are answered',
    retriable: false,
  },
  forbidden: { status: 403, title: 'The token lacks the scope this endpoint needs', retriable: false },
  not_found: { status: 404, title: 'Nothing is known under this address', retriable: false },
  method_not_allowed: { status: 405, title: 'This address does not answer this method', retriable: false },
  not_acceptable: {
    status: 406,
    title: 'This address has none of the accepted media types',
    retriable: false,
  },
  ambiguous_id: { status: 409, title: 'The id alone names more than one thing', retriable: false },
  payload_too_large: { status: 413, title: 'The body is larger than this endpoint takes', retriable: false },
  unsupported_media_type: {
    status: 415,
    title: 'The content type or content encoding is not supported',
    retriable: false,
  },
  invalid_body: {
    status: 422,
    title: 'A field of the body is missing, unknown or has an invalid value',
    retriable: false,
  },
  no_valid_fact: { status: 422, title: 'No line of the body is a valid fact', retriable: false },
  overloaded: { status: 429, title: 'More is waiting to be written than the queue holds', retriable: true },
  internal: { status: 500, title: 'Evenkeel failed in a way it should not have', retriable: false },
  store_unavailable: { status: 503, title: 'ClickHouse is away or cannot keep up', retriable: true },
  bus_unavailable: { status: 503, title: 'Kafka is away or cannot keep up', retriable: true },
  shutting_down: { status: 503, title: 'This process is shutting down', retriable: true },
  not_ready: { status: 503, title: 'A part of this process is not ready yet', retriable: true },
} as const satisfies Record<string, ErrorDefinition>;

/** A code of {@link errorCatalogue}. */
export type ErrorCode = keyof typeof errorCatalogue;

/** Why a process does not start, or stops, and the exit code it then leaves. */
export const exitCatalogue = {
  invalid_configuration: { exitCode: 64, title: 'An environment variable is missing or invalid' },
  tokens_required: { exitCode: 64, title: 'Listening beyond loopback needs EVENKEEL_TOKENS' },
  data_directory_held: { exitCode: 73, title: 'Another process holds the data directory' },
  data_directory_unusable: { exitCode: 73, title: 'The data directory cannot be made or written' },
  migration_failed: { exitCode: 70, title: 'A statement of a migration failed' },
  migration_changed: { exitCode: 70, title: 'A migration that was applied has been changed since' },
  address_in_use: { exitCode: 69, title: 'The port is taken by another process' },
  bus_crashed: { exitCode: 69, title: 'The Kafka client stopped and cannot restart itself' },
  shutdown_timed_out: { exitCode: 75, title: 'Work was still in flight when the shutdown time ran out' },
} as const satisfies Record<string, { exitCode: number; title: string }>;

/** A code of {@link exitCatalogue}. */
export type ExitReason = keyof typeof exitCatalogue;

/** What is wrong with one field of a request. */
export interface FieldProblem {
  readonly field: string;
  readonly message: string;
}

/** Problem details of RFC 9457, as `application/problem+json`. */
export interface ProblemDetails {
  type: string;
  title: string;
  status: number;
  detail: string;
  code: ErrorCode;
  errors: FieldProblem[];
}

/** An error that is meant to reach the caller: its `message` is shown, so it never holds a secret. */
export class EvenkeelError extends Error {
  override readonly name = 'EvenkeelError';
  readonly code: ErrorCode;
  readonly status: number;
  readonly retriable: boolean;
  readonly errors: readonly FieldProblem[];
  /** Seconds after which a retry makes sense; only on retriable errors. */
  readonly retryAfterSeconds: number | undefined;

  constructor(
    code: ErrorCode,
    detail: string,
    options: { errors?: readonly FieldProblem[]; retryAfterSeconds?: number; cause?: unknown } = {},
  ) {
    super(detail, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.status = errorCatalogue[code].status;
    this.retriable = errorCatalogue[code].retriable;
    this.errors = options.errors ?? [];
    this.retryAfterSeconds = options.retryAfterSeconds;
  }

  /** The body of the answer, `application/problem+json`. */
  toProblem(): ProblemDetails {
    return {
      type: `urn:evenkeel:error:${this.code}`,
      title: errorCatalogue[this.code].title,
      status: this.status,
      detail: this.message,
      code: this.code,
      errors: [...this.errors],
    };
  }
}

/** A reason not to start, told to the operator in one line; {@link exitCatalogue} holds the exit code. */
export class StartError extends Error {
  override readonly name = 'StartError';
  readonly code: ExitReason;
  readonly exitCode: number;

  constructor(code: ExitReason, detail: string, options: { cause?: unknown } = {}) {
    super(detail, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.exitCode = exitCatalogue[code].exitCode;
  }
}
