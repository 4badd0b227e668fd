import { ClickHouseError } from '@clickhouse/client';

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
 * What an error of ClickHouse says: a row cannot be stored, the query is wrong, or the store is away. Whatever is
 * not known to be the first two counts as away: a retry too many costs time, one too few costs data.
 */
export function classify(error: unknown): 'row' | 'query' | 'away' {
  if (error instanceof ClickHouseError) {
    if (rowErrorCodes.has(error.code)) return 'row';
    if (queryErrorCodes.has(error.code)) return 'query';
  }
  return 'away';
}

/** True when the same work can succeed later. */
export function isRetriable(error: unknown): boolean {
  return error instanceof StoreUnavailable || classify(error) === 'away';
}

/** One line about an error, without the query and its values. */
export function describe(error: unknown): string {
  if (error instanceof ClickHouseError) {
    return `ClickHouse ${error.code} ${error.type ?? ''}: ${firstLine(error.message)}`;
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
