import type { IncomingMessage } from 'node:http';
import type { Transform } from 'node:stream';
import {
  createBrotliCompress,
  createBrotliDecompress,
  createDeflate,
  createGunzip,
  createGzip,
  createInflate,
  createZstdCompress,
  createZstdDecompress,
} from 'node:zlib';
import { EngineError } from '../engine-error.ts';

interface Coding {
  name: string;
  compress: () => Transform;
  decompress: () => Transform;
}

/** By preference, for an Accept-Encoding that names several. */
const CODINGS: readonly Coding[] = [
  { name: 'zstd', compress: createZstdCompress, decompress: createZstdDecompress },
  { name: 'gzip', compress: createGzip, decompress: createGunzip },
  { name: 'br', compress: createBrotliCompress, decompress: createBrotliDecompress },
  { name: 'deflate', compress: createDeflate, decompress: createInflate },
];

/**
 * The body of a request, decompressed.
 *
 * @throws EngineError when it is larger than `maxBytes`, or its encoding is unknown or broken
 */
export async function readBody(request: IncomingMessage, maxBytes: number): Promise<Buffer> {
  const encoding = request.headers['content-encoding']?.trim().toLowerCase();
  const coding = CODINGS.find((candidate) => candidate.name === encoding);
  if (encoding !== undefined && encoding !== '' && encoding !== 'identity' && coding === undefined) {
    throw new EngineError(`Code: 48. DB::Exception: Unknown Content-Encoding ${encoding}. (NOT_IMPLEMENTED)`);
  }
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    const decompress = coding?.decompress();
    if (decompress !== undefined) request.on('error', (error) => decompress.destroy(error));
    for await (const chunk of decompress === undefined ? request : request.pipe(decompress)) {
      size += chunk.length;
      if (size > maxBytes) {
        throw new EngineError(
          `Code: 232. DB::Exception: The body is larger than ${maxBytes} bytes. (QUERY_IS_TOO_LARGE)`,
        );
      }
      chunks.push(chunk);
    }
  } catch (error) {
    if (error instanceof EngineError) throw error;
    throw new EngineError(
      `Code: 117. DB::Exception: The body cannot be read as ${encoding}. (INCORRECT_DATA)`,
    );
  }
  return Buffer.concat(chunks, size);
}

/** The compression to answer with, if the client asked for one. ClickHouse wants both the header and the setting. */
export function answerCoding(request: IncomingMessage, url: URLSearchParams): Coding | undefined {
  const wanted = url.get('enable_http_compression');
  if (wanted !== '1' && wanted !== 'true') return undefined;
  const accepted = (request.headers['accept-encoding'] ?? '')
    .toLowerCase()
    .split(',')
    .map((part) => part.split(';')[0]?.trim());
  return CODINGS.find((coding) => accepted.includes(coding.name));
}
