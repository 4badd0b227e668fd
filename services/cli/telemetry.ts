import { createEmitter, type Delivery, type Emitter } from '@evenkeel/emitter';
import type { CommandContext } from './command.ts';
import { signalEndpoint, usesGrpc } from './otlp-endpoint.ts';

/** The longest telemetry may hold up a command, from start to end, milliseconds. */
const LONGEST_DELAY_MS = 5000;

/** What is kept back of that for the SDK to say why it failed, before the process ends regardless, milliseconds. */
const GRACE_MS = 150;

/** Loads the OpenTelemetry SDK: the slow part of a start, so a command begins its own work first. */
export function loadEmitter(context: CommandContext): Promise<Emitter> {
  const loading = createEmitter({ env: context.env });
  // Looked at in `report`; until then a failure must not end the process.
  loading.catch(() => {});
  return loading;
}

/** Sends what `tell` reports, within 5 s altogether, and says on stderr when it did not arrive. Never rejects. */
export async function report(
  context: CommandContext,
  loading: Promise<Emitter>,
  what: { subject: string; signal: 'TRACES' | 'LOGS' },
  tell: (emitter: Emitter) => Promise<void> | void,
): Promise<Delivery> {
  const deadline = performance.now() + LONGEST_DELAY_MS;
  const remainingMs = () => Math.max(1, deadline - performance.now() - GRACE_MS);
  let timer: NodeJS.Timeout | undefined;
  const tooLate = new Promise<Delivery>((resolve) => {
    timer = setTimeout(
      () => resolve({ outcome: 'failed', reason: `not done within ${LONGEST_DELAY_MS} ms` }),
      LONGEST_DELAY_MS,
    );
  });
  const endpoint = signalEndpoint(context.env, what.signal);
  // The exporter would fall back to its default address without a word.
  const delivery = endpoint.usable
    ? await Promise.race([send(loading, tell, remainingMs), tooLate])
    : ({ outcome: 'failed', reason: 'not an http or https address' } as const);
  clearTimeout(timer);
  if (delivery.outcome === 'failed') {
    const hint = usesGrpc(context.env)
      ? ' (OTEL_EXPORTER_OTLP_PROTOCOL=grpc: only OTLP over HTTP is spoken here)'
      : '';
    context.warn(
      `evenkeel: ${what.subject} was not reported to ${endpoint.shown}: ${delivery.reason}${hint}`,
    );
  }
  return delivery;
}

async function send(
  loading: Promise<Emitter>,
  tell: (emitter: Emitter) => Promise<void> | void,
  remainingMs: () => number,
): Promise<Delivery> {
  try {
    const emitter = await loading;
    await tell(emitter);
    return await emitter.shutdown({ timeoutMs: remainingMs() });
  } catch (error) {
    return { outcome: 'failed', reason: error instanceof Error ? error.message : String(error) };
  }
}
