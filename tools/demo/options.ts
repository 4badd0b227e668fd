import { parseArgs } from 'node:util';
import { z } from 'zod';
import { dayMs } from './calendar.ts';
import type { Destination } from './send.ts';
import type { Stretch } from './service-year.ts';

/** What `npm run demo` was asked for. */
export interface DemoOptions {
  readonly stretch: Stretch;
  readonly destination: Destination;
  readonly apiUrl: string;
}

/** Shown by `--help`. */
export const usage = `Usage: npm run demo -- [options]

Tells a running Evenkeel a year of a believable organization, over OTLP and POST /v1/facts: teams with different
habits, weekends, holidays, a wave of outages, a team that batches, one that games, and one that finds a way out.
The same seed and end tell the same; sending it again changes nothing.

  --days N         days to tell                                          365
  --until DATE     first day that is not told any more (UTC)             today
  --seed N         another number, another year                          1
  --otlp-url URL   OTLP receiver (OTEL_EXPORTER_OTLP_ENDPOINT)           http://127.0.0.1:4318
  --api-url URL    API (EVENKEEL_API_URL)                                http://127.0.0.1:8080
  --facts-url URL  where POST /v1/facts is                               the API; full stack: http://127.0.0.1:8081
  --token TOKEN    with the scopes read and write (EVENKEEL_TOKEN)       none
`;

const url = z
  .url({ protocol: /^https?$/, error: 'must be an http or https address' })
  .transform((text) => text.replace(/\/+$/, ''));
const whole = (least: number, most: number) =>
  z.coerce
    .number({ error: 'must be a number' })
    .int('must be whole')
    .min(least, `must be at least ${least}`)
    .max(most, `must be at most ${most}`);

const schema = z.object({
  days: whole(1, 3660),
  until: z.iso.date({ error: 'must be a date such as 2026-01-31' }),
  seed: whole(0, 2 ** 31),
  'otlp-url': url,
  'api-url': url,
  'facts-url': url,
  token: z.string().min(1, 'must not be empty').optional(),
});

/** Reads the command line and the environment; a rejection names the option. */
export function readOptions(
  argv: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
  now: Date,
): { outcome: 'ok'; options: DemoOptions } | { outcome: 'help' } | { outcome: 'rejected'; message: string } {
  const text = { type: 'string' } as const;
  const options = {
    days: text,
    until: text,
    seed: text,
    'otlp-url': text,
    'api-url': text,
    'facts-url': text,
    token: text,
    help: { type: 'boolean' },
  } as const;
  let values: Readonly<Record<string, string | boolean | undefined>>;
  try {
    values = parseArgs({ args: [...argv], options, allowPositionals: false }).values;
  } catch (error) {
    return { outcome: 'rejected', message: error instanceof Error ? error.message : String(error) };
  }
  if (values['help'] === true) return { outcome: 'help' };
  const apiUrl = values['api-url'] ?? env['EVENKEEL_API_URL'] ?? 'http://127.0.0.1:8080';
  const parsed = schema.safeParse({
    days: values['days'] ?? 365,
    until: values['until'] ?? now.toISOString().slice(0, 10),
    seed: values['seed'] ?? 1,
    'otlp-url': values['otlp-url'] ?? env['OTEL_EXPORTER_OTLP_ENDPOINT'] ?? 'http://127.0.0.1:4318',
    'api-url': apiUrl,
    'facts-url': values['facts-url'] ?? apiUrl,
    token: values['token'] ?? env['EVENKEEL_TOKEN'],
  });
  if (!parsed.success) {
    return {
      outcome: 'rejected',
      message: parsed.error.issues.map(({ path, message }) => `--${path.join('.')} ${message}`).join('\n'),
    };
  }
  const { data } = parsed;
  const until = Date.parse(`${data.until}T00:00:00Z`);
  if (until > now.getTime()) return { outcome: 'rejected', message: '--until must not be in the future' };
  return {
    outcome: 'ok',
    options: {
      stretch: { from: until - data.days * dayMs, until, seed: data.seed },
      destination: { otlpUrl: data['otlp-url'], factsUrl: data['facts-url'], token: data.token },
      apiUrl: data['api-url'],
    },
  };
}
