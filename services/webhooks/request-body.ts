import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { EvenkeelError } from '@evenkeel/runtime';
import type { FastifyInstance, FastifyRequest } from 'fastify';

const unzip = promisify(gunzip);

/**
 * Takes the named content types as bytes and refuses the rest with 415. Bodies are bounded as they come in; what they
 * unpack to is bounded by {@link readBody}.
 */
export function takeBytes(app: FastifyInstance, contentTypes: readonly string[], maxBytes: number): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser(
    [...contentTypes],
    { parseAs: 'buffer', bodyLimit: maxBytes },
    (_request, body, done) => done(null, body),
  );
}

/**
 * The body of a request, unpacked.
 *
 * @throws {EvenkeelError} `payload_too_large` when it unpacks to more than `maxBytes`, of which nothing is kept;
 *   `malformed_body` when it is no gzip; `unsupported_media_type` for another encoding
 */
export async function readBody(request: FastifyRequest, maxBytes: number): Promise<Uint8Array> {
  const body = request.body instanceof Uint8Array ? request.body : new Uint8Array();
  const encoding = (request.headers['content-encoding'] ?? 'identity').trim().toLowerCase();
  if (encoding === 'identity' || encoding === '') return body;
  if (encoding !== 'gzip') {
    throw new EvenkeelError(
      'unsupported_media_type',
      `The content encoding ${encoding} is not supported; send gzip or none.`,
    );
  }
  try {
    return await unzip(body, { maxOutputLength: maxBytes });
  } catch (error) {
    if (error instanceof RangeError) {
      throw new EvenkeelError('payload_too_large', `The body unpacks to more than ${maxBytes} bytes.`);
    }
    throw new EvenkeelError('malformed_body', 'The body is not valid gzip.', { cause: error });
  }
}
