import { type ApiClient, createApiClient } from './api/api-client.ts';
import { type Row, readAll } from './api/read-all.ts';
import { type Command, type CommandContext, usageError } from './command.ts';
import { readNumber } from './explanation/number.ts';
import { explanationLines, instantText } from './explanation/sections.ts';
import { type Flag, type FlagValues, flagHelp, parseFlags } from './flags.ts';

const flagTable: Record<string, Flag> = {
  service: { value: 'NAME', repeatable: true, help: 'these services; may be given several times' },
  team: { value: 'NAME', help: 'services of this team' },
  tier: { value: 'NAME', help: 'every environment of this tier; default production' },
  environment: { value: 'NAME', help: 'one environment, literally' },
  from: { value: 'TIME', help: 'start of the range: a date or RFC 3339; default: 28 days' },
  to: { value: 'TIME', help: 'end of the range; default: now' },
  tz: { value: 'ZONE', help: 'time zone of dates, and of what is printed; default UTC' },
  json: { help: 'print JSON instead' },
};
const ASKED = ['team', 'tier', 'environment', 'from', 'to', 'tz'];

export const explain: Command = {
  help: `Usage: evenkeel explain METRIC [options]

Prints a number and the rows behind it: what was counted, and what was left out for which reason. Without METRIC it
says which there are. Asks EVENKEEL_API_URL (default http://127.0.0.1:8080) with the token EVENKEEL_TOKEN (scope read).

Options:
${flagHelp(flagTable)}
`,
  async run(argv, context) {
    const parsed = parseFlags(flagTable, argv);
    if (parsed.outcome === 'rejected') return usageError(context, 'explain', parsed.message);
    const { flags, words } = parsed;
    const [metric, ...more] = words;
    if (more.length > 0) return usageError(context, 'explain', `unexpected "${more.join(' ')}"`);
    const client = createApiClient(context.env);
    if (metric === undefined) return usageError(context, 'explain', await whichMetrics(client));

    const fail = ({ message, code }: { message: string; code: string }) => {
      context.warn(`evenkeel explain: ${message} [${code}]`);
      return 1;
    };
    const rows = await readAll(client, `/v1/explain/${encodeURIComponent(metric)}`, queryOf(flags));
    if (rows.outcome === 'failed') return fail(rows);
    const number = await readNumber(client, metric, rows.meta);
    if (number.outcome === 'failed') return fail(number);
    if (flags.on('json')) {
      context.print(
        JSON.stringify({ metric, number: number.data, rows: rows.rows, meta: rows.meta }, null, 2),
      );
      return 0;
    }
    const width = Math.max(...number.lines.map(([name]) => name.length));
    const style = { ...styleOf(context), tz: String(rows.meta['tz']) };
    for (const line of [
      headline(metric, rows.meta),
      '',
      ...number.lines.map(([name, value]) => `  ${name.padEnd(width)}  ${value}`),
      ...explanationLines(rows.rows, style),
    ])
      context.print(line);
    return 0;
  },
};

function queryOf(flags: FlagValues): URLSearchParams {
  const query = new URLSearchParams();
  for (const name of flags.all('service')) query.append('service', name);
  for (const name of ASKED) {
    const value = flags.text(name);
    if (value !== undefined) query.set(name, value);
  }
  return query;
}

function styleOf({ terminal, env }: CommandContext) {
  return { width: terminal?.columns, color: terminal !== undefined && !env['NO_COLOR'] };
}

/** What was asked, as the API understood it. */
function headline(metric: string, meta: Row): string {
  const tz = String(meta['tz']);
  const services = Array.isArray(meta['service']) ? meta['service'] : [];
  const who = [
    services.length === 0 ? 'every service' : services.join(', '),
    ...(meta['team'] === null ? [] : [`team ${meta['team']}`]),
  ];
  const where = meta['environment'] === null ? `tier ${meta['tier']}` : `environment ${meta['environment']}`;
  const [from, to] = [instantText(meta['from'], tz), instantText(meta['to'], tz)];
  return `${metric} of ${who.join(', ')}, ${where}, ${from} – ${to} (${tz})`;
}

/** The metrics are the API's; its description names them. */
async function whichMetrics(client: ApiClient): Promise<string> {
  const answer = await client.get('/openapi.json');
  if (answer.outcome === 'failed') return `say which metric; ${answer.message}`;
  const parameters: unknown = Object(answer.body).paths?.['/v1/explain/{metric}']?.get?.parameters;
  const metric = (Array.isArray(parameters) ? parameters : []).find((each) => Object(each).name === 'metric');
  const names: unknown = Object(metric).schema?.enum;
  return `say which metric${Array.isArray(names) ? `: ${names.join(', ')}` : ''}`;
}
