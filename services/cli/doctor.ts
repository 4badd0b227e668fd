import { detectCi } from './ci/detect.ts';
import { type Command, type CommandContext, usageError } from './command.ts';
import { parseFlags } from './flags.ts';
import { readCommit, readOrigin } from './git/head.ts';
import { withoutUserinfo } from './git/repository-url.ts';
import { signalEndpoint, signalHeaders } from './otlp-endpoint.ts';

const PROBE_TIMEOUT_MS = 5000;
const DEFAULT_API_URL = 'http://127.0.0.1:8080';

export const doctor: Command = {
  help: `Usage: evenkeel doctor

Says what would be reported from here and where to, sends an empty request there, asks the API whether it is
ready (EVENKEEL_API_URL, default ${DEFAULT_API_URL}), and says what to do next. Ends with 1 when nothing could be
reported from here. Never prints the value of a header.
`,
  async run(argv, context) {
    const parsed = parseFlags({}, argv);
    if (parsed.outcome === 'rejected') return usageError(context, 'doctor', parsed.message);
    const service = context.env['EVENKEEL_SERVICE'];
    for (const [name, value] of await detected(context)) context.print(`${name.padEnd(12)} ${value}`);
    const receiver = await probeReceiver(context);
    context.print(`receiver     ${receiver.text}`);
    const api = await probeApi(context);
    context.print(`API          ${api.text}`);
    context.print('');
    context.print(`Next: ${receiver.next ?? api.next ?? nextReport(service)}`);
    return receiver.next === undefined ? 0 : 1;
  },
};

/** Something that was asked: what it said, and what to do when that is not good. */
interface Probe {
  text: string;
  next?: string;
}

async function detected(context: CommandContext): Promise<[string, string][]> {
  const { env, directory } = context;
  const run = detectCi(env);
  const checkout = { directory, env };
  const [head, origin] = await Promise.all([readCommit(checkout, run?.commit), readOrigin(checkout)]);
  const commit = run?.commit ?? head?.commit;
  const headers = Object.keys(signalHeaders(env, 'TRACES'));
  return [
    ['CI system', run === undefined ? 'none detected' : run.title],
    ['run', run?.runUrl ?? run?.runId ?? 'unknown'],
    ['service', env['EVENKEEL_SERVICE'] || 'not set (EVENKEEL_SERVICE, or --service with each command)'],
    ['environment', env['EVENKEEL_ENVIRONMENT'] || (run?.environment ?? 'production')],
    [
      'commit',
      commit === undefined
        ? 'unknown: not in a Git checkout'
        : `${commit}${head ? ` of ${head.commitAt}` : ''}`,
    ],
    ['repository', run?.repository ?? origin ?? 'unknown'],
    ['trace', env['TRACEPARENT'] ? 'continues TRACEPARENT' : 'starts a new one'],
    ['endpoint', signalEndpoint(env, 'TRACES').shown],
    ['headers', headers.length === 0 ? 'none' : `${headers.join(', ')} (values not shown)`],
  ];
}

async function probeReceiver(context: CommandContext): Promise<Probe> {
  const { env } = context;
  if (env['OTEL_SDK_DISABLED']?.toLowerCase() === 'true') {
    return { text: 'not asked', next: 'unset OTEL_SDK_DISABLED: with it nothing is reported' };
  }
  const { url } = signalEndpoint(env, 'TRACES');
  // An empty ExportTraceServiceRequest: no bytes at all in protobuf.
  const answer = await ask(url, {
    method: 'POST',
    headers: { ...signalHeaders(env, 'TRACES'), 'content-type': 'application/x-protobuf' },
    body: new Uint8Array(),
  });
  if (answer.outcome === 'unreachable') {
    return {
      text: `unreachable: ${answer.reason}`,
      next: 'start one with "evenkeel start", or set OTEL_EXPORTER_OTLP_ENDPOINT to the one you have',
    };
  }
  if (answer.status === 401 || answer.status === 403) {
    return {
      text: `refuses us (HTTP ${answer.status})`,
      next: 'set OTEL_EXPORTER_OTLP_HEADERS="authorization=Bearer%20<token>" with a token that has the scope write',
    };
  }
  if (answer.status < 200 || answer.status > 299) {
    return {
      text: `answers HTTP ${answer.status}`,
      next: 'check OTEL_EXPORTER_OTLP_ENDPOINT: it is the base address, without /v1/traces',
    };
  }
  return { text: `accepts traces (HTTP ${answer.status})` };
}

async function probeApi(context: CommandContext): Promise<Probe> {
  const base = (context.env['EVENKEEL_API_URL'] || DEFAULT_API_URL).replace(/\/$/, '');
  const shown = withoutUserinfo(base);
  const answer = await ask(`${base}/readyz`, { method: 'GET' });
  if (answer.outcome === 'unreachable') {
    return {
      text: `${shown} unreachable: ${answer.reason} (reports do not need it)`,
      next: 'to read the numbers from here, set EVENKEEL_API_URL',
    };
  }
  return answer.status === 200
    ? { text: `${shown} ready` }
    : {
        text: `${shown} not ready (HTTP ${answer.status})`,
        next: `look at ${shown}/readyz: it names the part that is not ready`,
      };
}

async function ask(
  url: string,
  request: RequestInit,
): Promise<{ outcome: 'answered'; status: number } | { outcome: 'unreachable'; reason: string }> {
  try {
    const response = await fetch(url, { ...request, signal: AbortSignal.timeout(PROBE_TIMEOUT_MS) });
    await response.body?.cancel();
    return { outcome: 'answered', status: response.status };
  } catch (error) {
    return { outcome: 'unreachable', reason: reasonOf(error) };
  }
}

/** The system's error code where there is one: fetch hides it in the cause, and its messages may repeat the URL. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error.name === 'TimeoutError') return `no answer within ${PROBE_TIMEOUT_MS} ms`;
  const { cause } = error;
  if (cause instanceof Error && 'code' in cause) return String(cause.code);
  return error instanceof TypeError ? 'not a usable address' : error.name;
}

function nextReport(service: string | undefined): string {
  return service ? 'evenkeel deploy -- ./deploy.sh' : 'evenkeel deploy --service NAME -- ./deploy.sh';
}
