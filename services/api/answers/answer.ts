import { EvenkeelError } from '@evenkeel/runtime';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { QualityNote } from '../rows/quality.ts';
import type { Freshness } from '../store/recompute-status.ts';
import { writeCsv } from './csv.ts';
import { entityTag, matchesEntityTag } from './entity-tag.ts';
import { MEDIA_TYPES, type MediaType, negotiate } from './negotiation.ts';

/** What an endpoint found: the rows and how they were asked. */
export interface Found {
  /** One row where there is exactly one, else a list. */
  readonly data: Record<string, unknown> | readonly Record<string, unknown>[];
  /** Columns of a row, in order. */
  readonly columns: readonly string[];
  /** The parameters as they were understood, defaults filled in. */
  readonly parameters: Record<string, unknown>;
  readonly freshness: Freshness;
  /** Lists only: where the next page starts; null on the last page. */
  readonly next_cursor?: string | null;
}

/** How long a client may use an answer without asking again. */
export type Caching = 'short' | 'revalidate';

/** Seconds for which an aggregate may be used again. */
export const SHORT_CACHE_SECONDS = 5;

/** An answer as it goes out, for whoever asks the same. */
export interface Answer {
  readonly body: string;
  readonly tag: string;
  readonly headers: Readonly<Record<string, string>>;
}

/**
 * The format that the request asks for.
 *
 * @throws EvenkeelError `not_acceptable`
 */
export function mediaTypeOf(request: FastifyRequest): MediaType {
  const mediaType = negotiate(request.headers.accept);
  if (mediaType !== undefined) return mediaType;
  throw new EvenkeelError('not_acceptable', `This address answers ${MEDIA_TYPES.join(' or ')}.`);
}

/** Rows as JSON or CSV. */
export function writeAnswer(
  request: FastifyRequest,
  found: Found,
  mediaType: MediaType,
  caching: Caching,
): Answer {
  const body = mediaType === 'text/csv' ? csvBody(found) : jsonBody(found);
  const tag = entityTag(body);
  const { notes } = found.freshness.quality;
  const headers = {
    etag: tag,
    vary: 'Accept, Authorization',
    'cache-control': caching === 'short' ? `private, max-age=${SHORT_CACHE_SECONDS}` : 'private, no-cache',
    // A CSV has no place for them, nor for the cursor.
    ...(notes.length > 0 ? { 'x-quality-notes': notes.map(noteText).join(', ') } : {}),
    ...(typeof found.next_cursor === 'string'
      ? {
          'x-next-cursor': found.next_cursor,
          link: `<${nextAddress(request, found.next_cursor)}>; rel="next"`,
        }
      : {}),
  };
  return { body, tag, headers };
}

/** Send an answer, or nothing (304) when the client has it already. */
export function sendAnswer(
  request: FastifyRequest,
  reply: FastifyReply,
  { body, tag, headers }: Answer,
  mediaType: MediaType,
): FastifyReply {
  reply.headers(headers);
  if (matchesEntityTag(request.headers['if-none-match'], tag)) return reply.code(304).send();
  return reply.type(`${mediaType}; charset=utf-8`).send(body);
}

/** A note as an item of a structured field (RFC 9651). */
function noteText({ check, affected, of }: QualityNote): string {
  return `${check};affected=${affected};of=${of}`;
}

function jsonBody(found: Found): string {
  const { data, parameters, freshness, next_cursor } = found;
  const meta = { ...parameters, ...freshness, ...(next_cursor === undefined ? {} : { next_cursor }) };
  return JSON.stringify({ data, meta });
}

function csvBody({ columns, data }: Found): string {
  return writeCsv(columns, Array.isArray(data) ? data : [data]);
}

/** The cursor carries every other parameter. */
function nextAddress(request: FastifyRequest, cursor: string): string {
  const address = new URL(request.url, 'http://evenkeel.invalid');
  const limit = address.searchParams.get('limit');
  const search = new URLSearchParams(limit === null ? { cursor } : { cursor, limit });
  return `${address.pathname}?${search}`;
}
