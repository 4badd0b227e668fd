import { z } from 'zod';
import { StartError } from './errors.ts';
import { parseTokens } from './tokens.ts';

const port = z.coerce
  .number({ error: 'expected a port, 0 to 65535' })
  .int('expected a port, 0 to 65535')
  .min(0, 'expected a port, 0 to 65535')
  .max(65_535, 'expected a port, 0 to 65535');
const host = z.string().min(1);
const positive = z.coerce.number().int().min(1);

interface Setting<Schema extends z.ZodType> {
  /** Name in the environment. */
  readonly variable: string;
  /** What it means, with its unit; `docs/operations.md` shows it. */
  readonly meaning: string;
  /** Its value never reaches a log or an error. */
  readonly secret?: true;
  /** Parses the text of the variable; takes `undefined` when a default exists. */
  readonly schema: Schema;
}

function setting<Schema extends z.ZodType>(
  variable: string,
  schema: Schema,
  meaning: string,
  secret?: true,
): Setting<Schema> {
  return secret ? { variable, meaning, schema, secret } : { variable, meaning, schema };
}

/** Every environment variable of every service, one set for all. */
export const settings = {
  apiHost: setting(
    'EVENKEEL_API_HOST',
    host.default('127.0.0.1'),
    'Host that the HTTP ports listen on; beyond loopback only with EVENKEEL_TOKENS',
  ),
  apiPort: setting('EVENKEEL_API_PORT', port.default(8080), 'Port of the API; 0 picks a free one'),
  otlpPort: setting(
    'EVENKEEL_OTLP_PORT',
    port.default(4318),
    'Port of the OTLP receiver; 0 picks a free one',
  ),
  webhooksPort: setting(
    'EVENKEEL_WEBHOOKS_PORT',
    port.default(8081),
    'Port of the webhooks service (full stack only); 0 picks a free one',
  ),
  normalizerHost: setting(
    'EVENKEEL_NORMALIZER_HOST',
    host.default('127.0.0.1'),
    'Host of the health and metrics port of the normalizer',
  ),
  normalizerPort: setting(
    'EVENKEEL_NORMALIZER_PORT',
    port.default(9464),
    'Port of health and metrics of the normalizer; 0 picks a free one',
  ),
  dataDir: setting(
    'EVENKEEL_DATA_DIR',
    z.string().min(1).default('.evenkeel'),
    'Directory of the embedded ClickHouse',
  ),
  clickhousePort: setting(
    'EVENKEEL_CLICKHOUSE_PORT',
    z.union([z.literal('auto'), port]).default(8123),
    'Port of the read-only ClickHouse endpoint of the embedded default; 0 is off, auto picks a free one',
  ),
  tokens: setting(
    'EVENKEEL_TOKENS',
    z
      .string()
      .default('')
      .transform((text, context) => {
        const parsed = parseTokens(text);
        if (parsed.outcome === 'ok') return parsed.tokens;
        context.addIssue({ code: 'custom', message: parsed.reason });
        return z.NEVER;
      }),
    'Bearer tokens as token:scope+scope, separated by commas; scopes are read, write, gate',
    true,
  ),
  kafkaBrokers: setting(
    'KAFKA_BROKERS',
    z.string().transform((text, context) => {
      const brokers = text
        .split(',')
        .map((each) => each.trim())
        .filter((each) => each !== '');
      if (brokers.length > 0 && brokers.every((each) => /^[^\s:]+:\d+$/.test(each))) return brokers;
      context.addIssue({ code: 'custom', message: 'expected host:port, several separated by commas' });
      return z.NEVER;
    }),
    'Kafka brokers as host:port, separated by commas',
  ),
  kafkaGroup: setting(
    'EVENKEEL_KAFKA_GROUP',
    z.string().min(1).default('evenkeel-normalizer'),
    'Consumer group of the normalizers',
  ),
  clickhouseUrl: setting(
    'CLICKHOUSE_URL',
    z.url({ protocol: /^https?$/, error: 'expected an http or https URL' }),
    'HTTP address of the ClickHouse server',
  ),
  clickhouseUser: setting('CLICKHOUSE_USER', z.string().default('default'), 'User of the ClickHouse server'),
  clickhousePassword: setting(
    'CLICKHOUSE_PASSWORD',
    z.string().default(''),
    'Password of the ClickHouse server',
    true,
  ),
  clickhouseDatabase: setting(
    'CLICKHOUSE_DATABASE',
    z
      .string()
      .regex(/^[A-Za-z_][A-Za-z0-9_]*$/, 'expected a plain identifier')
      .default('evenkeel'),
    'Database of Evenkeel',
  ),
  mappingFile: setting(
    'EVENKEEL_MAPPING_FILE',
    z.string().min(1).optional(),
    'JSON file of rules that say which service and environment a producer deploys that does not say it itself',
  ),
  flushMs: setting(
    'EVENKEEL_FLUSH_MS',
    positive.max(60_000).default(200),
    'Longest wait for more messages before a batch is written, in milliseconds',
  ),
  flushRows: setting('EVENKEEL_FLUSH_ROWS', positive.default(50_000), 'Most facts of one write'),
  flushBytes: setting('EVENKEEL_FLUSH_BYTES', positive.default(4_194_304), 'Most bytes read for one write'),
  shutdownMs: setting(
    'EVENKEEL_SHUTDOWN_MS',
    positive.default(20_000),
    'Longest time a graceful shutdown takes, in milliseconds',
  ),
  selfTracesEndpoint: setting(
    'EVENKEEL_SELF_OTLP_ENDPOINT',
    z.url({ protocol: /^https?$/, error: 'expected an http or https URL' }).optional(),
    'Where Evenkeel sends traces of itself (OTLP/HTTP); never its own receiver. Unset: nowhere',
  ),
  logLevel: setting(
    'LOG_LEVEL',
    z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']).default('info'),
    'Least level that is logged',
  ),
} as const;

type Settings = typeof settings;

/** Key of {@link settings}. */
export type SettingName = keyof Settings;

/** The values of the named settings, as their schemas give them. */
export type Config<Name extends SettingName> = Readonly<{ [N in Name]: z.output<Settings[N]['schema']> }>;

/**
 * Reads the named settings once, at the start of a process. An empty variable counts as unset.
 *
 * @throws {StartError} `invalid_configuration`, naming every variable that is wrong; it repeats no value of a secret.
 */
export function readConfig<Name extends SettingName>(
  environment: Readonly<Record<string, string | undefined>>,
  names: readonly Name[],
): Config<Name> {
  const values: Partial<Record<SettingName, unknown>> = {};
  const problems: string[] = [];
  for (const name of names) {
    const { variable, schema, secret }: Setting<z.ZodType> = settings[name];
    const text = environment[variable];
    const given = text === undefined || text === '' ? undefined : text;
    const parsed = schema.safeParse(given);
    if (parsed.success) values[name] = parsed.data;
    else problems.push(describeProblem(variable, given, parsed.error, secret === true));
  }
  if (problems.length > 0) throw new StartError('invalid_configuration', problems.join('; '));
  return Object.freeze(values) as Config<Name>;
}

/** Every text in the environment that must not be shown: the secret settings, and each token for itself. */
export function secretValues(environment: Readonly<Record<string, string | undefined>>): string[] {
  return Object.values<Setting<z.ZodType>>(settings)
    .filter(({ secret }) => secret === true)
    .flatMap(({ variable }) => {
      const text = environment[variable] ?? '';
      const tokens = text
        .split(',')
        .map((entry) => entry.slice(0, Math.max(0, entry.lastIndexOf(':'))).trim());
      return [text, ...tokens];
    })
    .filter((text) => text !== '');
}

function describeProblem(
  variable: string,
  given: string | undefined,
  error: z.ZodError,
  secret: boolean,
): string {
  if (given === undefined) return `${variable} is not set`;
  const reason = error.issues[0]?.message ?? 'is invalid';
  return secret ? `${variable}: ${reason}` : `${variable}=${given}: ${reason}`;
}
