import { encodeOtlpResponse, type OtlpEncoding, type OtlpSignal } from '@evenkeel/otlp';
import { type Processed, process, type RawMessage } from '@evenkeel/pipeline';
import { EvenkeelError } from '@evenkeel/runtime';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { createDoor, notWritten, toEvenkeelError } from './door.ts';
import { defaultMaxBodyBytes, type ReceiverOptions } from './facts-receiver.ts';
import { readBody, takeBytes } from './request-body.ts';
import { encodeRpcStatus } from './rpc-status.ts';

const contentTypes = { protobuf: 'application/x-protobuf', json: 'application/json' } as const;

const signals = {
  traces: { source: 'otlp_traces', items: 'spans' },
  logs: { source: 'otlp_logs', items: 'log records' },
  metrics: { source: 'otlp_metrics', items: 'data points' },
} as const satisfies Record<OtlpSignal, { source: RawMessage['source']; items: string }>;

/** Most rejected items that the message of a partial success names. */
const mostNamedItems = 3;

/**
 * OTLP over HTTP: `POST /v1/traces`, `/v1/logs`, `/v1/metrics`, protobuf or JSON, plain or gzip. 200 only after the
 * rows are durable; `partial_success` says how many spans, records or points were rejected and which field failed.
 * Errors are a `google.rpc.Status` in the encoding of the request.
 */
export async function otlpReceiver(app: FastifyInstance, options: ReceiverOptions): Promise<void> {
  const maxBytes = options.maxBodyBytes ?? defaultMaxBodyBytes;
  takeBytes(app, Object.values(contentTypes), maxBytes);
  app.setErrorHandler((error, request, reply) => sendStatus(error, request, reply));
  for (const signal of ['traces', 'logs', 'metrics'] as const) addRoute(app, signal, options, maxBytes);
}

function addRoute(
  app: FastifyInstance,
  signal: OtlpSignal,
  options: ReceiverOptions,
  maxBytes: number,
): void {
  const { source } = signals[signal];
  const clock = options.clock ?? (() => new Date());
  const onRequest = createDoor({
    ...options,
    onRefused: (reason) => options.metrics.refused(source, reason),
  });
  app.post(
    `/v1/${signal}`,
    { onRequest, bodyLimit: maxBytes, schema: { hide: true } },
    async (request, reply) => {
      const encoding = encodingOf(request);
      const body = await readBody(request, maxBytes);
      const message: RawMessage = {
        source,
        encoding,
        body,
        place: `http:/v1/${signal}`,
        receivedAt: clock(),
      };
      const processed = process(message, options.process);
      const committed = await options.intake.take(processed, body);
      if (committed.outcome !== 'written') {
        options.metrics.refused(source, committed.reason);
        throw notWritten(committed, options.intake.away);
      }
      options.metrics.processed(message, processed);
      const malformed = processed.rejected.find(({ code }) => code === 'malformed_otlp');
      if (malformed !== undefined) throw new EvenkeelError('malformed_body', malformed.reason);
      return reply
        .type(contentTypes[encoding])
        .send(Buffer.from(encodeOtlpResponse(signal, encoding, partialOf(signal, processed))));
    },
  );
}

/** How many items were rejected, and why the first of them were; nothing when all are well. */
function partialOf(
  signal: OtlpSignal,
  { rejected }: Processed,
): { rejected: number; message: string } | undefined {
  const byItem = Map.groupBy(rejected, ({ line }) => line);
  if (byItem.size === 0) return undefined;
  const { items } = signals[signal];
  const named = [...byItem].slice(0, mostNamedItems).map(([line, [first]]) => {
    const field = first?.field === '' ? '' : `${first?.field}: `;
    return `#${line} ${field}${first?.reason}`;
  });
  const more = byItem.size > mostNamedItems ? '; …' : '';
  return {
    rejected: byItem.size,
    message: `${byItem.size} ${items} rejected and kept in rejected_messages: ${named.join('; ')}${more}`,
  };
}

function encodingOf(request: FastifyRequest): OtlpEncoding {
  return /^application\/x-protobuf\b/i.test(request.headers['content-type'] ?? '') ? 'protobuf' : 'json';
}

function sendStatus(error: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const problem = toEvenkeelError(error);
  if (problem.code === 'internal') request.log.error({ err: error }, 'request failed');
  if (problem.status === 401) reply.header('www-authenticate', 'Bearer');
  if (problem.retryAfterSeconds !== undefined) reply.header('retry-after', problem.retryAfterSeconds);
  const encoding = encodingOf(request);
  return reply
    .code(problem.status)
    .type(contentTypes[encoding])
    .send(Buffer.from(encodeRpcStatus(encoding, problem.code, problem.message)));
}
