import type { Committed } from '@evenkeel/pipeline';
import { type AcceptedToken, authorize, EvenkeelError, refuseForeignPages } from '@evenkeel/runtime';
import type { FastifyRequest } from 'fastify';
import type { Intake } from './intake.ts';

/** Lets a request in only with scope `write`, and only while there is room for it. */
export function createDoor(options: {
  tokens: readonly AcceptedToken[];
  intake: Intake;
  onRefused: (reason: string) => void;
}) {
  return async (request: FastifyRequest): Promise<void> => {
    refuseForeignPages(options.tokens, request.headers);
    const authorization = authorize(options.tokens, request.headers.authorization, 'write');
    if (authorization.outcome === 'rejected') {
      throw new EvenkeelError(authorization.code, authorization.reason);
    }
    const refusal = options.intake.refusal(Number(request.headers['content-length'] ?? 0));
    if (refusal === undefined) return;
    options.onRefused(refusal.reason);
    throw notWritten(refusal, options.intake.away);
  };
}

/** Why something cannot be acknowledged, as the error that its sender gets. */
export function notWritten(
  committed: Exclude<Committed, { outcome: 'written' }>,
  away: Intake['away'],
): EvenkeelError {
  const { retryAfterSeconds } = committed;
  if (committed.outcome === 'unavailable') {
    return new EvenkeelError(away, `Nothing was acknowledged: ${committed.reason}`, {
      retryAfterSeconds,
    });
  }
  return committed.reason === 'full'
    ? new EvenkeelError('overloaded', 'More is waiting to be written than the queue holds.', {
        retryAfterSeconds,
      })
    : new EvenkeelError('shutting_down', 'This process is shutting down.', { retryAfterSeconds });
}

/** Any error as one that its sender may see; what is not meant for it becomes `internal`. */
export function toEvenkeelError(error: unknown): EvenkeelError {
  if (error instanceof EvenkeelError) return error;
  const status =
    error instanceof Error && 'statusCode' in error && typeof error.statusCode === 'number'
      ? error.statusCode
      : 500;
  const message = error instanceof Error ? error.message : String(error);
  if (status === 413) return new EvenkeelError('payload_too_large', message, { cause: error });
  if (status === 415) return new EvenkeelError('unsupported_media_type', message, { cause: error });
  if (status < 500) return new EvenkeelError('malformed_body', message, { cause: error });
  return new EvenkeelError('internal', 'The log of the process has more.', { cause: error });
}
