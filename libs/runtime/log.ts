import { type DestinationStream, destination, type Logger as PinoLogger, pino, stdSerializers } from 'pino';

/** The log of a process. */
export type Logger = PinoLogger;

/** A text sink: `process.stdout`, or a list in a test. */
export interface LogOutput {
  write(text: string): unknown;
  readonly isTTY?: boolean | undefined;
}

/** Fields whose values are never written, at the top and one level down. */
const hiddenFields = ['authorization', 'password', 'token', 'tokens', 'secret', 'cookie'];

/**
 * A logger: JSON lines, or lines for people when the output is a terminal.
 *
 * @param options.secrets values that are cut out of every line wherever they stand, e.g. a password inside a URL
 * @param options.output default: standard output, written synchronously so that a dying process loses no line
 */
export function createLogger(options: {
  name: string;
  level: string;
  secrets?: readonly string[];
  output?: LogOutput;
}): Logger {
  const secrets = (options.secrets ?? []).filter((secret) => secret.length >= 4);
  const output = options.output ?? { write: stdoutWriter(), isTTY: process.stdout.isTTY };
  const stream: DestinationStream = {
    write(line) {
      const safe = withoutSecrets(line, secrets);
      output.write(output.isTTY === true ? forPeople(safe) : safe);
    },
  };
  return pino(
    {
      name: options.name,
      level: options.level,
      base: null,
      timestamp: () => `,"time":"${new Date().toISOString()}"`,
      formatters: { level: (label) => ({ level: label }) },
      serializers: { err: stdSerializers.err, error: stdSerializers.err },
      redact: { paths: hiddenFields.flatMap((field) => [field, `*.${field}`]), censor: '[hidden]' },
    },
    stream,
  );
}

/** Writes the log line that names the real address of a port, also when port 0 picked it. */
export function logListening(
  logger: Logger,
  endpoint: string,
  address: { host: string; port: number },
): string {
  const host = address.host.includes(':') ? `[${address.host}]` : address.host;
  const url = `http://${host}:${address.port}`;
  logger.info({ endpoint, host: address.host, port: address.port, url }, 'listening');
  return url;
}

function stdoutWriter(): (text: string) => void {
  const stdout = destination({ fd: 1, sync: true });
  return (text) => void stdout.write(text);
}

function withoutSecrets(line: string, secrets: readonly string[]): string {
  let safe = line;
  for (const secret of secrets) {
    safe = safe.replaceAll(JSON.stringify(secret).slice(1, -1), '[hidden]');
    safe = safe.replaceAll(encodeURIComponent(secret), '[hidden]');
  }
  return safe;
}

const notDetails = new Set(['level', 'time', 'name', 'msg', 'err', 'error']);

function forPeople(line: string): string {
  const entry: unknown = JSON.parse(line);
  if (!isRecord(entry)) return line;
  const details = Object.entries(entry)
    .filter(([key]) => !notDetails.has(key))
    .map(([key, value]) => `${key}=${typeof value === 'string' ? value : JSON.stringify(value)}`);
  const error = entry['err'] ?? entry['error'];
  if (isRecord(error)) details.push(`\n    ${String(error['stack'] ?? error['message'])}`);
  const level = String(entry['level']).toUpperCase().padEnd(5);
  return `${String(entry['time']).slice(11, 23)} ${level} ${entry['msg'] ?? ''} ${details.join(' ')}`
    .trimEnd()
    .concat('\n');
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
