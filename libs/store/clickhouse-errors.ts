/**
 * ClickHouse is away, overloaded, or refuses for a reason that lies not in the rows. What was to be written is not
 * lost as long as the caller keeps it and tries again, with jitter, without end.
 */
export class StoreUnavailable extends Error {
  override readonly name = 'StoreUnavailable';
  readonly retriable = true;
}

/** Codes by which ClickHouse says that a row, not the server, is at fault (`ErrorCodes.cpp`). */
const rowErrorCodes: ReadonlySet<string> = new Set([
  '6', // CANNOT_PARSE_TEXT
  '25', // CANNOT_PARSE_ESCAPE_SEQUENCE
  '26', // CANNOT_PARSE_QUOTED_STRING
  '27', // CANNOT_PARSE_INPUT_ASSERTION_FAILED
  '33', // CANNOT_READ_ALL_DATA
  '38', // CANNOT_PARSE_DATE
  '41', // CANNOT_PARSE_DATETIME
  '53', // TYPE_MISMATCH
  '69', // ARGUMENT_OUT_OF_BOUND
  '70', // CANNOT_CONVERT_TYPE
  '72', // CANNOT_PARSE_NUMBER
  '117', // INCORRECT_DATA
  '130', // CANNOT_READ_ARRAY_FROM_TEXT
  '131', // TOO_LARGE_STRING_SIZE
  '321', // VALUE_IS_OUT_OF_RANGE_OF_DATA_TYPE
  '349', // CANNOT_INSERT_NULL_IN_ORDINARY_COLUMN
  '376', // CANNOT_PARSE_UUID
  '407', // DECIMAL_OVERFLOW
  '467', // CANNOT_PARSE_BOOL
  '469', // VIOLATED_CONSTRAINT
]);

/** Codes that say that the query itself is wrong and will be wrong again. */
const queryErrorCodes: ReadonlySet<string> = new Set([
  '16', // NO_SUCH_COLUMN_IN_TABLE
  '42', // NUMBER_OF_ARGUMENTS_DOESNT_MATCH
  '43', // ILLEGAL_TYPE_OF_ARGUMENT
  '46', // UNKNOWN_FUNCTION
  '47', // UNKNOWN_IDENTIFIER
  '36', // BAD_ARGUMENTS
  '62', // SYNTAX_ERROR
  '115', // UNKNOWN_SETTING
  '164', // READONLY
  '456', // UNKNOWN_QUERY_PARAMETER
  '457', // BAD_QUERY_PARAMETER
]);

/**
 * The code of an exception of ClickHouse; undefined for any other error. Not by `instanceof`: the embedded connection
 * throws the `ClickHouseError` of another copy of the package.
 */
export function clickhouseCode(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error) || !('type' in error)) return undefined;
  return typeof error.code === 'string' && /^\d+$/.test(error.code) ? error.code : undefined;
}

/**
 * What an error of ClickHouse says: a row cannot be stored, the query is wrong, or the store is away. Whatever is
 * not known to be the first two counts as away: a retry too many costs time, one too few costs data.
 */
export function classify(error: unknown): 'row' | 'query' | 'away' {
  const code = clickhouseCode(error);
  if (code === undefined) return 'away';
  if (rowErrorCodes.has(code)) return 'row';
  return queryErrorCodes.has(code) ? 'query' : 'away';
}

/** Codes by which ClickHouse says that it has too much to do, or is just starting or stopping. */
const overloadCodes: ReadonlySet<string> = new Set([
  '3', // UNEXPECTED_END_OF_FILE
  '81', // UNKNOWN_DATABASE: not migrated yet
  '159', // TIMEOUT_EXCEEDED
  '198', // DNS_ERROR
  '202', // TOO_MANY_SIMULTANEOUS_QUERIES
  '203', // NO_FREE_CONNECTION
  '209', // SOCKET_TIMEOUT
  '210', // NETWORK_ERROR
  '236', // ABORTED
  '241', // MEMORY_LIMIT_EXCEEDED
  '242', // TABLE_IS_READ_ONLY
  '252', // TOO_MANY_PARTS
  '394', // QUERY_WAS_CANCELLED
  '735', // QUERY_WAS_CANCELLED_BY_CLIENT
]);

/**
 * True when something failed because ClickHouse is away or overloaded, not because the query, a file or the program is
 * wrong. Whatever stands between (a proxy, a broken connection) has no code, so it is told by what it is not.
 */
export function isAway(error: unknown): boolean {
  if (error instanceof StoreUnavailable) return true;
  const code = clickhouseCode(error);
  if (code !== undefined) return overloadCodes.has(code);
  const isBug = [TypeError, RangeError, ReferenceError, SyntaxError].some((bug) => error instanceof bug);
  const isFile = error instanceof Error && 'path' in error;
  return !isBug && !isFile;
}

/** True when the same write can succeed later; false is a bug, since bad rows are no errors but rejected alone. */
export function isRetriable(error: unknown): boolean {
  return error instanceof StoreUnavailable;
}

/** One line about an error, without the query and its values. */
export function describe(error: unknown): string {
  const clickhouse = clickhouseCode(error);
  if (clickhouse !== undefined && error instanceof Error) {
    return `ClickHouse error ${clickhouse}: ${firstLine(error.message)}`;
  }
  if (error instanceof Error) {
    const code = 'code' in error ? `${String(error.code)} ` : '';
    return `${code}${firstLine(error.message)}` || error.name;
  }
  return String(error);
}

/** Longest error text that is kept, in characters. */
const longestText = 500;

function firstLine(text: string): string {
  return (text.split('\n', 1)[0] ?? '').slice(0, longestText);
}
