import { randomUUID } from 'node:crypto';
import { correctionBody, type Fact, parseFact, reviewBody } from '@evenkeel/events';
import type { Processed, RawMessage } from '@evenkeel/pipeline';
import { EvenkeelError, type FieldProblem } from '@evenkeel/runtime';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { createDoor, notWritten } from './door.ts';
import type { ReceiverOptions } from './facts-receiver.ts';
import type { KnownFacts } from './known-facts.ts';
import { answersOf, describeOnly } from './receiver-description.ts';
import { readBody, takeBytes } from './request-body.ts';
import { sendProblem } from './send-problem.ts';

/** What the receiver of judgements needs beside what every receiver does. */
export interface JudgementOptions extends ReceiverOptions {
  readonly known: KnownFacts;
}

type Judgement = 'review' | 'correction';
type Fields = Readonly<Record<string, unknown>>;

/** Longest body of a request, in bytes. */
const maxBodyBytes = 131_072;
/** How many idempotency keys are remembered until the store knows them. */
const mostRemembered = 1_000;
/** What the endpoint fills in; who sends it means `POST /v1/facts`. */
const filledIn = ['kind', 'source', 'observed_at'];

/**
 * `POST /v1/reviews` and `POST /v1/corrections`: what people say about deployments, incidents and budgets, one at a
 * time, scope `write`. The answer comes when it is durable. The id of the report (`event_id`, or the header
 * `Idempotency-Key`) makes a repeated request the same report.
 */
export async function judgementReceiver(app: FastifyInstance, options: JudgementOptions): Promise<void> {
  const clock = options.clock ?? (() => new Date());
  const firstSeen = rememberFirst();
  takeBytes(app, ['application/json'], maxBodyBytes);
  describeOnly(app);
  app.addHook(
    'onRequest',
    createDoor({ ...options, onRefused: (reason) => options.metrics.refused('facts', reason) }),
  );
  app.setErrorHandler(sendProblem);

  const take = async (kind: Judgement, request: FastifyRequest): Promise<Fact> => {
    const fields = readFields(await readBody(request, maxBodyBytes));
    const eventId = eventIdOf(fields, request.headers['idempotency-key']);
    const receivedAt = clock();
    const occurredAt =
      fields['occurred_at'] ??
      (eventId === undefined
        ? receivedAt.toISOString()
        : // A repeated request would else be another fact under the same id.
          await firstSeen(`${kind} ${eventId}`, async () => {
            const known = await options.known.occurredAt(kind, eventId);
            return known ?? receivedAt.toISOString();
          }));
    const id = `${kind}_id`;
    const parsed = parseFact(
      {
        ...fields,
        kind,
        source: 'api',
        occurred_at: occurredAt,
        event_id: eventId,
        [id]: fields[id] ?? eventId ?? randomUUID(),
      },
      receivedAt,
    );
    if (parsed.outcome === 'rejected') throw invalidBody(parsed.errors);
    const { fact } = parsed.received;
    if (fact.kind === 'correction' && !(await options.known.slo(fact.slo_id)))
      throw invalidBody([{ field: 'slo_id', message: 'is not the id of an SLO that has a definition' }]);

    const processed: Processed = { facts: [parsed.received], rejected: [], ignored: {} };
    // Not what was sent: two people may say the same, and the store takes equal bodies for one delivery.
    const body = Buffer.from(JSON.stringify(fact));
    const message: RawMessage = {
      source: 'facts',
      encoding: 'json',
      body,
      place: `http:/v1/${kind}s`,
      receivedAt,
    };
    const committed = await options.intake.take(processed, body);
    if (committed.outcome !== 'written') {
      options.metrics.refused('facts', committed.reason);
      throw notWritten(committed, options.intake.away);
    }
    options.metrics.processed(message, processed);
    return fact;
  };

  const repeat =
    'Sent again with the same `event_id`, or the same header `Idempotency-Key`, it is the same report.';
  app.post(
    '/v1/reviews',
    {
      bodyLimit: maxBodyBytes,
      schema: {
        tags: ['Facts'],
        summary: 'Judge a deployment, an incident, a metric or a friction',
        description: `Reviews of one \`review_id\` merge attribute by attribute, the latest counts. ${repeat}`,
        body: reviewBody,
        response: answersOf('review'),
      },
    },
    async (request, reply) => reply.code(201).send({ data: await take('review', request) }),
  );
  app.post(
    '/v1/corrections',
    {
      bodyLimit: maxBodyBytes,
      schema: {
        tags: ['Facts'],
        summary: 'Exclude a time range from the budget of an SLO',
        description: `Sent again with its \`correction_id\` it is changed, with \`void: true\` taken back. ${repeat}`,
        body: correctionBody,
        response: answersOf('correction'),
      },
    },
    async (request, reply) => reply.code(201).send({ data: await take('correction', request) }),
  );
}

function readFields(body: Uint8Array): Fields {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body));
  } catch {
    throw new EvenkeelError('malformed_body', 'The body is not JSON in UTF-8.');
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new EvenkeelError('malformed_body', 'The body is not one JSON object.');
  const unknown = filledIn.filter((field) => Object.hasOwn(value, field));
  if (unknown.length > 0)
    throw invalidBody(unknown.map((field) => ({ field, message: 'is filled in here, and not taken' })));
  return { ...value };
}

/** The id of the report, from the body or the header; undefined: what it says makes its id. */
function eventIdOf(fields: Fields, header: string | string[] | undefined): string | undefined {
  const given = fields['event_id'] ?? undefined;
  const key = header === undefined ? undefined : String(header);
  if (given !== undefined && typeof given !== 'string')
    throw invalidBody([{ field: 'event_id', message: 'must be text' }]);
  if (given !== undefined && key !== undefined && given !== key)
    throw invalidBody([{ field: 'event_id', message: 'must be the same as the header Idempotency-Key' }]);
  const id = given ?? key;
  if (id === '') throw invalidBody([{ field: 'event_id', message: 'must not be empty' }]);
  return id;
}

function invalidBody(errors: readonly FieldProblem[]): EvenkeelError {
  const detail = errors.map(({ field, message }) => `${field}: ${message}`).join('; ');
  return new EvenkeelError('invalid_body', detail, { errors });
}

/** Gives for each key the value that was found for it first; a key that is asked for again soon is not looked up. */
function rememberFirst(): (key: string, find: () => Promise<string>) => Promise<string> {
  const remembered = new Map<string, Promise<string>>();
  return (key, find) => {
    const before = remembered.get(key);
    if (before !== undefined) return before;
    const finding = find();
    remembered.set(key, finding);
    finding.catch(() => remembered.delete(key));
    const [oldest] = remembered.keys();
    if (remembered.size > mostRemembered && oldest !== undefined) remembered.delete(oldest);
    return finding;
  };
}
