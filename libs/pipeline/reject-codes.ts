/**
 * Why a message, or a part of one, stands in `rejected_messages`. Producers' mappings add codes of their own.
 * `docs/errors.md` repeats this table.
 */
export const rejectCatalogue = {
  not_utf8: 'The text is not UTF-8',
  not_json: 'The line, or the body, is not JSON',
  invalid_fact: 'A field of the fact is missing, unknown or has an invalid value',
  line_too_long: 'The line is longer than a fact can be',
  too_many_lines: 'The message holds more lines than one message may; the rest is kept here unread',
  malformed_otlp: 'The bytes are no OTLP export request',
  refused_by_store: 'ClickHouse refused the row although the fact had passed every check',
  failed_to_process: 'Evenkeel failed on this message in a way it should not have',
} as const;

/** A code of {@link rejectCatalogue}. */
export type RejectCode = keyof typeof rejectCatalogue;
