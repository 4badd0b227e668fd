import {
  type PipelineMetrics,
  type Processed,
  type ProcessOptions,
  process,
  type RawMessage,
} from '@evenkeel/pipeline';
import { type AcceptedToken, EvenkeelError, type FieldProblem } from '@evenkeel/runtime';
import type { FastifyInstance } from 'fastify';
import { createDoor, notWritten } from './door.ts';
import type { Intake } from './intake.ts';
import { describeOnly, factsAnswers, factsBody } from './receiver-description.ts';
import { readBody, takeBytes } from './request-body.ts';
import { sendProblem } from './send-problem.ts';

/** What both receivers need. */
export interface ReceiverOptions {
  readonly intake: Intake;
  readonly process: ProcessOptions;
  /** Accepted bearer tokens; none: everybody may write, which is for loopback only. */
  readonly tokens: readonly AcceptedToken[];
  readonly metrics: PipelineMetrics;
  /** Longest body, packed and unpacked, in bytes. @default 16777216 */
  readonly maxBodyBytes?: number;
  readonly clock?: () => Date;
}

/** Longest body of a request, in bytes. */
export const defaultMaxBodyBytes = 16_777_216;

/** Most rejected lines that one answer names. */
const mostNamedLines = 1_000;

/** A line that was not taken. */
interface RejectedLine {
  line: number | undefined;
  code: string;
  errors: readonly FieldProblem[];
}

/**
 * `POST /v1/facts`: canonical facts as NDJSON, as a JSON array or as one object, plain or gzip, scope `write`.
 *
 * The answer comes when everything that was taken is durable: 200 with `accepted` and the rejected lines when at least
 * one fact was good, 422 when none was. Rejected lines are kept in `rejected_messages` either way.
 */
export async function factsReceiver(app: FastifyInstance, options: ReceiverOptions): Promise<void> {
  const maxBytes = options.maxBodyBytes ?? defaultMaxBodyBytes;
  const clock = options.clock ?? (() => new Date());
  takeBytes(app, ['application/json', 'application/x-ndjson', 'application/ndjson'], maxBytes);
  app.addHook(
    'onRequest',
    createDoor({ ...options, onRefused: (reason) => options.metrics.refused('facts', reason) }),
  );
  describeOnly(app);
  app.setErrorHandler((error, request, reply) => sendProblem(error, request, reply, linesOf(error)));

  const schema = {
    summary: 'Take canonical facts',
    description: 'NDJSON, a JSON array or one object of facts; answers when they are durable.',
    tags: ['Facts'],
    consumes: ['application/json', 'application/x-ndjson'],
    body: factsBody,
    response: factsAnswers,
  };
  app.post('/v1/facts', { schema, bodyLimit: maxBytes }, async (request) => {
    const body = await readBody(request, maxBytes);
    const contentType = request.headers['content-type'] ?? '';
    const message: RawMessage = {
      source: 'facts',
      encoding: /^application\/json\b/i.test(contentType) ? 'json' : 'ndjson',
      body,
      place: 'http:/v1/facts',
      receivedAt: clock(),
    };
    const processed = process(message, options.process);
    refuseWhole(processed);
    const committed = await options.intake.take(processed, body);
    if (committed.outcome !== 'written') {
      options.metrics.refused('facts', committed.reason);
      throw notWritten(committed, options.intake.away);
    }
    options.metrics.processed(message, processed);
    return answer(processed);
  });
}

/** What is no matter of single lines. */
function refuseWhole(processed: Processed): void {
  if (processed.rejected.some(({ code }) => code === 'too_many_lines')) {
    const reason = processed.rejected.find(({ code }) => code === 'too_many_lines')?.reason ?? '';
    throw new EvenkeelError('payload_too_large', `The body has ${reason}; send it in several requests.`);
  }
  if (processed.facts.length === 0 && processed.rejected.length === 0) {
    throw new EvenkeelError('malformed_body', 'The body holds no fact.');
  }
}

function answer(processed: Processed) {
  const rejected: RejectedLine[] = processed.rejected
    .slice(0, mostNamedLines)
    .map(({ line, code, errors = [] }) => ({ line, code, errors }));
  const rejectedCount = processed.rejected.length;
  if (processed.facts.length > 0) {
    return { accepted: processed.facts.length, rejected_count: rejectedCount, rejected };
  }
  const whole = rejected.find(({ line }) => line === undefined);
  if (whole !== undefined) {
    throw new EvenkeelError('malformed_body', whole.errors[0]?.message ?? whole.code);
  }
  const errors = rejected.flatMap(({ line, errors: fields }) =>
    fields.map(({ field, message }) => ({
      field: `line ${line}${field === '' ? '' : `: ${field}`}`,
      message,
    })),
  );
  throw new NoValidFact(rejectedCount, rejected, errors);
}

/** 422 with the same list of lines that a partly good body gets. */
class NoValidFact extends EvenkeelError {
  readonly rejected: readonly RejectedLine[];
  readonly rejectedCount: number;

  constructor(rejectedCount: number, rejected: readonly RejectedLine[], errors: readonly FieldProblem[]) {
    super('no_valid_fact', `All ${rejectedCount} lines were rejected; they are kept in rejected_messages.`, {
      errors,
    });
    this.rejectedCount = rejectedCount;
    this.rejected = rejected;
  }
}

function linesOf(error: unknown): object {
  if (!(error instanceof NoValidFact)) return {};
  return { accepted: 0, rejected_count: error.rejectedCount, rejected: error.rejected };
}
