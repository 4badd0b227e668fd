/** ClickHouse's error codes by the HTTP status that its server answers with. Everything else is a 500. */
const CODES_BY_STATUS: Record<number, readonly number[]> = {
  // CANNOT_PARSE_*, BAD_ARGUMENTS, SYNTAX_ERROR, TYPE_MISMATCH, TOO_DEEP_AST, INCORRECT_DATA, …
  400: [
    6, 7, 15, 25, 26, 27, 36, 38, 41, 44, 53, 62, 69, 70, 72, 117, 153, 167, 168, 223, 224, 376, 427, 441,
    675, 676,
  ],
  401: [194],
  // UNKNOWN_USER, WRONG_PASSWORD, ACCESS_DENIED, AUTHENTICATION_FAILED, UNKNOWN_ROLE
  403: [192, 193, 497, 511, 516],
  // UNKNOWN_FUNCTION, UNKNOWN_IDENTIFIER, UNKNOWN_TABLE, UNKNOWN_DATABASE, UNKNOWN_SETTING, UNKNOWN_FORMAT, …
  404: [46, 47, 50, 56, 60, 63, 73, 81, 107, 115],
  // TIMEOUT_EXCEEDED
  408: [159],
  411: [381],
  // QUERY_IS_TOO_LARGE
  413: [232],
  // NOT_IMPLEMENTED
  501: [48],
  // SOCKET_TIMEOUT, TOO_MANY_SIMULTANEOUS_QUERIES, ABORTED (closed while in flight), CANNOT_SCHEDULE_TASK
  503: [202, 209, 236, 439],
};

const STATUS_BY_CODE = new Map(
  Object.entries(CODES_BY_STATUS).flatMap(([status, codes]) =>
    codes.map((code) => [code, Number(status)] as const),
  ),
);

/** HTTP status for a ClickHouse error code. */
export function httpStatus(code: number): number {
  return STATUS_BY_CODE.get(code) ?? 500;
}
