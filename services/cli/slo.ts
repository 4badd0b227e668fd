import { createApiClient } from './api/api-client.ts';
import { readAll } from './api/read-all.ts';
import { type Command, usageError } from './command.ts';
import { apply } from './definitions/apply.ts';
import { alertsThatCannotFire } from './definitions/burn-alerts.ts';
import { type Findings, placeText } from './definitions/problems.ts';
import { readSloFiles } from './definitions/slo-files.ts';
import { planSlos } from './definitions/slo-plan.ts';
import { type Flag, flagHelp, parseFlags } from './flags.ts';

const flagTable: Record<string, Flag> = {
  'dry-run': { help: 'say what would be sent, send nothing' },
  check: { help: 'check the files, ask nobody' },
  retire: { value: 'ID', repeatable: true, help: 'end this SLO; may be given several times' },
};

export const slo: Command = {
  help: `Usage: evenkeel slo apply FILE… [options]
       evenkeel slo apply --retire ID

Makes the SLOs of the files the ones in force: OpenSLO v1, or Evenkeel's own YAML. Either all of them are applied or,
when anything is wrong with any file, none; what is in force already is not sent again. Talks to EVENKEEL_API_URL
(default http://127.0.0.1:8080), sends to EVENKEEL_FACTS_URL (default the same), with the token EVENKEEL_TOKEN (scopes
read and write). Ends with 1 when nothing was applied.

Options:
${flagHelp(flagTable)}
`,
  async run(argv, context) {
    const wrong = (message: string) => usageError(context, 'slo', message);
    const parsed = parseFlags(flagTable, argv);
    if (parsed.outcome === 'rejected') return wrong(parsed.message);
    const { flags, words } = parsed;
    const [verb, ...files] = words;
    if (verb !== 'apply')
      return wrong(verb === undefined ? 'say apply' : `unknown "${verb}": there is apply`);
    const retired = [...new Set(flags.all('retire'))];
    if (files.length === 0 && retired.length === 0) return wrong('apply needs a file, or --retire ID');

    const now = context.now();
    const findings: Findings = { problems: [], notes: [] };
    const slos = readSloFiles(files, { directory: context.directory, now, findings });
    for (const { at, fact } of slos) {
      if (retired.includes(fact.slo_id))
        return wrong(`--retire ${fact.slo_id}: ${placeText(at.place)} defines it`);
      for (const { message } of alertsThatCannotFire(fact)) at.note(`warning: ${fact.slo_id}: ${message}`);
    }
    const client = createApiClient(context.env);
    return apply(context, {
      command: 'slo apply',
      findings,
      client,
      checkOnly: flags.on('check'),
      dryRun: flags.on('dry-run'),
      current: () => readAll(client, '/v1/slos', new URLSearchParams(), false),
      plan: (rows) => planSlos(slos, retired, rows),
    });
  },
};
