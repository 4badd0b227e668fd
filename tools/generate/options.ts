import { parseArgs } from 'node:util';
import { z } from 'zod';

const dayMs = 86_400_000;
const hourMs = 3_600_000;

const whole = (least: number, most: number) => {
  const error = `expected a whole number, ${least} to ${most}`;
  return z.coerce.number({ error }).int(error).min(least, error).max(most, error);
};

const schema = z.object({
  services: whole(1, 100_000).default(1000),
  years: z.coerce
    .number({ error: 'expected a number, 0.1 to 20' })
    .min(0.1, 'expected a number, 0.1 to 20')
    .max(20, 'expected a number, 0.1 to 20')
    .default(5),
  slos: whole(0, 100_000).optional(),
  'minute-days': whole(0, 400).default(30),
  seed: whole(0, Number.MAX_SAFE_INTEGER).default(1),
  until: z
    .string()
    .refine((text) => Number.isFinite(Date.parse(text)), 'expected an instant such as 2026-11-24T00:00:00Z')
    .transform((text) => new Date(text))
    .optional(),
  'data-dir': z.string().min(1, 'expected a directory').optional(),
  'add-to-data': z.boolean().default(false),
  'no-recompute': z.boolean().default(false),
  batch: whole(1, 100_000).optional(),
});

/** How much to generate, and where to. */
export interface GenerateOptions {
  readonly services: number;
  readonly slos: number;
  readonly seed: number;
  /** Start of the history: a Monday, midnight UTC. */
  readonly since: Date;
  /** Its end, exclusive: a full hour, UTC. */
  readonly until: Date;
  /** From here on SLI windows are minutes, before they are hours. */
  readonly minutesFrom: Date;
  /** Write although the store has facts. */
  readonly addToData: boolean;
  /** Recompute the aggregates when all is written. */
  readonly recompute: boolean;
  /** Services of one recompute; undefined: chosen by their size. */
  readonly servicesPerBatch: number | undefined;
  /** Directory of the embedded ClickHouse; undefined: the environment says where the store is. */
  readonly dataDir: string | undefined;
}

/** What `--help` prints. */
export const usage = `npm run generate -- [options]
Fills a store with the facts of an organization, for benchmarks. The same options give the same facts.

  --services <n>       services (default 1000)
  --years <n>          years of history (default 5)
  --slos <n>           SLOs (default: one a service)
  --minute-days <n>    days before the end whose SLI windows are minutes; before that they are hours (default 30)
  --seed <n>           seed of every choice (default 1)
  --until <instant>    end of the history, cut to the hour (default: now)
  --data-dir <path>    directory of an embedded ClickHouse (default: EVENKEEL_DATA_DIR, else .evenkeel)
  --add-to-data        write although the store has facts already
  --no-recompute       leave the recompute to whoever opens the store next
  --batch <n>          services of one recompute (default: chosen by how much they deploy)

With CLICKHOUSE_URL set and no --data-dir it fills that server (CLICKHOUSE_USER, CLICKHOUSE_PASSWORD,
CLICKHOUSE_DATABASE). 1000 services x 5 years are about 8 million deployments, 22 million changes and 87 million SLI
windows: 15 GB of disk and most of an hour on two cores. 50 services x 1 year take about a minute.`;

/** What was wrong with the arguments, a line an option. */
export interface BadOptions {
  readonly outcome: 'rejected';
  readonly problems: readonly string[];
}

/** Reads the command line. */
export function readOptions(
  args: readonly string[],
  now: Date,
): { outcome: 'ok'; options: GenerateOptions } | { outcome: 'help' } | BadOptions {
  let values: Record<string, unknown>;
  try {
    const parsed = parseArgs({
      args: [...args],
      options: {
        ...Object.fromEntries(
          Object.keys(schema.shape).map((name) => [name, { type: typeOf(name) }] as const),
        ),
        help: { type: 'boolean', short: 'h' },
      },
    });
    values = parsed.values;
  } catch (error) {
    return { outcome: 'rejected', problems: [error instanceof Error ? error.message : String(error)] };
  }
  if (values['help'] === true) return { outcome: 'help' };
  const result = schema.safeParse(values);
  if (!result.success) {
    const problems = result.error.issues.map(({ path, message }) => {
      const name = String(path[0]);
      return `--${name}=${String(values[name])}: ${message}`;
    });
    return { outcome: 'rejected', problems };
  }
  const given = result.data;
  const until = Math.floor((given.until ?? now).getTime() / hourMs) * hourMs;
  return {
    outcome: 'ok',
    options: {
      services: given.services,
      slos: given.slos ?? given.services,
      seed: given.seed,
      since: mondayBefore(until - given.years * 365.25 * dayMs),
      until: new Date(until),
      minutesFrom: new Date(until - given['minute-days'] * dayMs),
      addToData: given['add-to-data'],
      recompute: !given['no-recompute'],
      servicesPerBatch: given.batch,
      dataDir: given['data-dir'],
    },
  };
}

function typeOf(name: string): 'boolean' | 'string' {
  return name === 'add-to-data' || name === 'no-recompute' ? 'boolean' : 'string';
}

function mondayBefore(ms: number): Date {
  const days = Math.floor(ms / dayMs);
  // 1970-01-01 was a Thursday.
  return new Date((days - ((days + 3) % 7)) * dayMs);
}
