import { createApiClient } from './api/api-client.ts';
import { readAll } from './api/read-all.ts';
import { type Command, usageError } from './command.ts';
import { apply } from './definitions/apply.ts';
import type { Findings } from './definitions/problems.ts';
import { readServiceFiles } from './definitions/service-files.ts';
import { planServices } from './definitions/service-plan.ts';
import { type Flag, flagHelp, parseFlags } from './flags.ts';

const flagTable: Record<string, Flag> = {
  'dry-run': { help: 'say what would be sent, send nothing' },
  check: { help: 'check the files, ask nobody' },
};

export const service: Command = {
  help: `Usage: evenkeel service apply FILE… [options]

Tells Evenkeel what services are: their team, repository, tiers and settings, from Evenkeel's own YAML or from
Backstage's catalog-info.yaml. Either all files are applied or, when anything is wrong with one of them, none; what is
known already is not sent again. Talks to EVENKEEL_API_URL (default http://127.0.0.1:8080), sends to EVENKEEL_FACTS_URL
(default the same), with the token EVENKEEL_TOKEN (scopes read and write). Ends with 1 when nothing was applied.

Options:
${flagHelp(flagTable)}
`,
  async run(argv, context) {
    const wrong = (message: string) => usageError(context, 'service', message);
    const parsed = parseFlags(flagTable, argv);
    if (parsed.outcome === 'rejected') return wrong(parsed.message);
    const { flags, words } = parsed;
    const [verb, ...files] = words;
    if (verb !== 'apply')
      return wrong(verb === undefined ? 'say apply' : `unknown "${verb}": there is apply`);
    if (files.length === 0) return wrong('apply needs a file');
    const findings: Findings = { problems: [], notes: [] };
    const services = readServiceFiles(files, { directory: context.directory, now: context.now(), findings });
    const client = createApiClient(context.env);
    return apply(context, {
      command: 'service apply',
      findings,
      client,
      checkOnly: flags.on('check'),
      dryRun: flags.on('dry-run'),
      current: () => readAll(client, '/v1/services'),
      plan: (rows) => planServices(services, rows),
    });
  },
};
