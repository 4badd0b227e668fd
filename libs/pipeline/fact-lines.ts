import { parseFact } from '@evenkeel/events';
import { asPayload } from './payload.ts';
import type { Processed, ProcessOptions, RawMessage } from './process.ts';
import type { RejectCode } from './reject-codes.ts';

const defaultMaxLineBytes = 131_072;
const defaultMaxLines = 10_000;
const newline = 0x0a;

/** Reads canonical facts: a JSON array or object, or one JSON object a line. */
export function processFactLines(message: RawMessage, options: ProcessOptions, processed: Processed): void {
  if (message.encoding === 'json') readJson(message, options, processed);
  else readLines(message, options, processed);
}

function readLines(message: RawMessage, options: ProcessOptions, processed: Processed): void {
  const { body } = message;
  const maxLines = options.maxLines ?? defaultMaxLines;
  let from = 0;
  for (let line = 1; from < body.length; line += 1) {
    if (line > maxLines) {
      const rest = body.subarray(from);
      reject(message, processed, 'too_many_lines', `more than ${maxLines} lines`, asPayload(rest), line);
      return;
    }
    const end = body.indexOf(newline, from);
    const to = end === -1 ? body.length : end;
    readLine(message, options, processed, body.subarray(from, to), line);
    from = to + 1;
  }
}

function readLine(
  message: RawMessage,
  options: ProcessOptions,
  processed: Processed,
  bytes: Uint8Array,
  line: number,
): void {
  const maxLineBytes = options.maxLineBytes ?? defaultMaxLineBytes;
  if (bytes.length > maxLineBytes) {
    const reason = `${bytes.length} bytes, at most ${maxLineBytes} are taken`;
    reject(message, processed, 'line_too_long', reason, asPayload(bytes), line);
    return;
  }
  const text = decode(bytes);
  if (text === undefined) {
    reject(message, processed, 'not_utf8', 'the line is not UTF-8', asPayload(bytes), line);
    return;
  }
  if (text.trim() === '') return;
  const parsed = parseJson(text);
  if (parsed.outcome === 'ok') takeFact(message, processed, parsed.value, text, line);
  else reject(message, processed, 'not_json', parsed.reason, text, line);
}

function readJson(message: RawMessage, options: ProcessOptions, processed: Processed): void {
  const text = decode(message.body);
  if (text === undefined) {
    reject(message, processed, 'not_utf8', 'the body is not UTF-8', asPayload(message.body));
    return;
  }
  const parsed = parseJson(text);
  if (parsed.outcome === 'rejected') {
    reject(message, processed, 'not_json', parsed.reason, text);
    return;
  }
  const elements: unknown[] = Array.isArray(parsed.value) ? parsed.value : [parsed.value];
  const maxLines = options.maxLines ?? defaultMaxLines;
  const maxLineBytes = options.maxLineBytes ?? defaultMaxLineBytes;
  for (const [index, element] of elements.entries()) {
    const line = index + 1;
    if (line > maxLines) {
      const rest = JSON.stringify(elements.slice(index));
      reject(message, processed, 'too_many_lines', `more than ${maxLines} elements`, rest, line);
      return;
    }
    const elementText = JSON.stringify(element);
    if (elementText.length > maxLineBytes) {
      const reason = `${elementText.length} characters, at most ${maxLineBytes} are taken`;
      reject(message, processed, 'line_too_long', reason, elementText, line);
    } else takeFact(message, processed, element, elementText, line);
  }
}

function takeFact(
  message: RawMessage,
  processed: Processed,
  value: unknown,
  text: string,
  line: number,
): void {
  const parsed = parseFact(value, message.receivedAt);
  if (parsed.outcome === 'ok') {
    processed.facts.push(parsed.received);
    return;
  }
  processed.rejected.push({
    source: message.source,
    place: message.place,
    code: 'invalid_fact',
    field: parsed.errors[0]?.field ?? '',
    reason: parsed.errors.map(({ field, message }) => `${field}: ${message}`).join('; '),
    payload: text,
    line,
    errors: parsed.errors,
  });
}

function reject(
  message: RawMessage,
  processed: Processed,
  code: RejectCode,
  reason: string,
  payload: string,
  line?: number,
): void {
  const { source, place } = message;
  processed.rejected.push({
    source,
    place,
    code,
    field: '',
    reason,
    payload,
    ...(line === undefined ? {} : { line }),
    errors: [{ field: '', message: reason }],
  });
}

function parseJson(
  text: string,
): { outcome: 'ok'; value: unknown } | { outcome: 'rejected'; reason: string } {
  try {
    return { outcome: 'ok', value: JSON.parse(text) };
  } catch (error) {
    return { outcome: 'rejected', reason: error instanceof Error ? error.message : 'not JSON' };
  }
}

function decode(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}
