import { join } from 'node:path';
import { type Command, usageError } from './command.ts';
import { type Flag, flagHelp, parseFlags } from './flags.ts';
import { withoutUserinfo } from './git/repository-url.ts';
import { findUpwards } from './repository-root.ts';

const flagTable: Record<string, Flag> = {
  directory: { value: 'DIR', help: 'the migrations; default sql/migrations of this checkout' },
};

export const migrate: Command = {
  help: `Usage: evenkeel migrate [options]

Applies the SQL migrations that a ClickHouse server does not have yet. Reads CLICKHOUSE_URL (default
http://127.0.0.1:8123), CLICKHOUSE_USER, CLICKHOUSE_PASSWORD and CLICKHOUSE_DATABASE (default evenkeel).

Options:
${flagHelp(flagTable)}
`,
  async run(argv, context) {
    const parsed = parseFlags(flagTable, argv);
    if (parsed.outcome === 'rejected') return usageError(context, 'migrate', parsed.message);
    const root = findUpwards(import.meta.dirname, join('sql', 'migrations'));
    const directory = parsed.flags.text('directory') ?? (root && join(root, 'sql', 'migrations'));
    if (directory === undefined)
      return usageError(context, 'migrate', '--directory is required outside a checkout');
    const { env } = context;
    const url = env['CLICKHOUSE_URL'] || 'http://127.0.0.1:8123';
    const database = env['CLICKHOUSE_DATABASE'] || 'evenkeel';
    const store = await import('@evenkeel/store');
    const client = store.createServerClient({
      url,
      user: env['CLICKHOUSE_USER'] || 'default',
      password: env['CLICKHOUSE_PASSWORD'] ?? '',
      database,
    });
    try {
      const { applied } = await store.migrate(client, { directory, database });
      for (const name of applied) context.print(`applied ${name}`);
      if (applied.length === 0) context.print('nothing to apply');
      return 0;
    } catch (error) {
      const reason = error instanceof Error ? error.message || String(error.cause) : String(error);
      context.warn(`evenkeel migrate: ${withoutUserinfo(url)}, database ${database}: ${reason}`);
      return 1;
    } finally {
      await client.close();
    }
  },
};
